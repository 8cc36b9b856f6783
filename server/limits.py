"""What one connection may cost and how long it may take; both listeners keep to these."""

# --- sockets ---
EGRESS_LIMIT_BYTES = 128 * 1024  # given to the transport and not taken by the peer; beyond it the application waits
KERNEL_BUFFER_BYTES = 128 * 1024  # asked of the kernel in each direction; it keeps twice that, and else megabytes
FRAGMENT_LIMIT = 1024  # of one message: empty ones weigh nothing and would never end
PING_EVERY_S = 10  # answered by the browser itself, also in a hidden tab: who is gone is noticed within 25 s
PONG_WITHIN_S = 15
CONNECT_S = 20  # for the application to accept a socket
CLOSE_S = 2.0  # for the peer to answer a close before it is cut
DRAIN_S = 4.0  # for all sockets together, when the process stops

# --- requests ---
HEAD_LIMIT_BYTES = 64 * 1024
BODY_LIMIT_BYTES = 1024 * 1024
REQUEST_S = 30.0  # for a head and a body to come in whole
ANSWER_S = 120.0  # for the answer to be made and read
