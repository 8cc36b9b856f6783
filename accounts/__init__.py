"""Who people are: staff, roles, anonymous visitors and the way in."""
