"""Tests of the launcher: real processes, real engines, waiting for conditions and never for time."""
