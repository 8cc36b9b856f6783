"""Commands of the queueing room."""
