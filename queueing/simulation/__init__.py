"""Rehearses a desk: the real decider on a virtual clock, with people who come, wait, give up and answer."""
