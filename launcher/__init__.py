"""Sets the house up and runs it, with nothing but Python's standard library (dev.py is its front door)."""
