"""The desk of a line: published hours, tickets, seats and offers."""
