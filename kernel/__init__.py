"""The ground: command, event, log, feed and timer. Nothing here knows a hotline."""
