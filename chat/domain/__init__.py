"""Pure rules of the session."""
