"""Stands in where DATABASE_URL is not set: what needs no database runs, all else is told what to do."""
