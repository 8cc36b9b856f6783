"""The planted bugs: what each breaks, which injuries bring it to light, and which counts it must move."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Bug:
    """One bug, planted by the function of its name in patches.py.

    At least one of the counts in `shows` must not be 0; `kinds` are the injuries it is tried with.
    """

    breaks: str
    shows: tuple[str, ...]
    kinds: tuple[str, ...]
    faults: int = 8


BUGS: dict[str, Bug] = {
    "ack_before_commit": Bug("the answer leaves before the commit", ("lost",), ("kill_web",), 3),
    "error_is_success": Bug(
        "what could not be written is acknowledged",
        ("lost",),
        ("silence_postgres", "freeze_postgres"),
    ),
    # Undelivered: what was overwritten was no message, but its seq had been shown, and what stands there now never is.
    "seq_from_memory": Bug(
        "no compare-and-set: the last writer wins",
        ("lost", "undelivered"),
        ("cut_clients", "kill_web"),
    ),
    "no_idempotency": Bug(
        "a repeated command is carried out again",
        ("doubled",),
        ("deafen_clients",),
        6,
    ),
    "written_later": Bug("acknowledged now, written when there is time", ("reordered", "lost"), ("kill_web",)),
    "shown_before_commit": Bug(
        "screens show what was never written",
        ("misshown", "undelivered"),
        ("silence_postgres", "deafen_postgres"),
    ),
    "no_tailer": Bug("a lost nudge stays lost", ("undelivered",), ("kill_valkey", "freeze_valkey")),
    "reaction_dropped": Bug("what one room asks of another is lost", ("stranded",), ("kill_clock",), 2),
    "view_leaks": Bug("visitors see what is the staff's", ("leaked",), ("cut_clients",), 2),
    "cursor_skips": Bug("an event is stepped over", ("undelivered",), ("cut_clients",), 6),
    "resume_one_late": Bug("coming back begins one event too late", ("undelivered",), ("cut_clients", "kill_web")),
    "delivered_twice": Bug("an event is sent twice", ("repeated",), ("cut_clients",), 3),
    "screen_reorders": Bug(
        "messages that arrive together change places",
        ("misshown",),
        ("freeze_web", "cut_clients"),
    ),
    "broken_connection_kept": Bug("a dead connection is lent again", ("unacked",), ("restart_postgres",), 3),
    "offer_taken_twice": Bug("a second counselor accepts the same offer", ("held_twice",), ("kill_clock",), 2),
}
