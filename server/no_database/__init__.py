"""Stands in where DATABASE_URL is not set: commands that need no database run, all others are told what to do."""
