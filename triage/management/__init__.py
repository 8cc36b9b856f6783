"""Commands of the triage room."""
