"""Measurements: `python3 dev.py bench NAME --json`; each prints one JSON object on its last line."""
