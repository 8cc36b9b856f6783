"""A chat as the usual Channels tutorial builds it: group_send, acknowledge, save with the ORM on the side."""
