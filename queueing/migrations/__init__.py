"""Schema history of queueing."""
