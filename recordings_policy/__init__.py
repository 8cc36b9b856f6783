"""The record of a contact: consent, retention, hold, erasure."""
