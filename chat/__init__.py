"""The session: what visitor and counselor say to each other."""
