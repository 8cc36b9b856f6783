"""The tree of errors.

XinqiaoError
├── Refused          an answer to a client: the command was understood and is not allowed now
│   └── NotPermitted this role may never say that here
├── Malformed        what came in cannot be read; carries a place, never the content
├── Conflict         somebody else moved the aggregate first and retries ran out
└── Unavailable      the store did not answer within its deadline; the outcome is unknown, retry by id

Error texts are codes and places. They never carry what somebody wrote.
"""


class XinqiaoError(Exception):
    """Root of all errors this house raises on purpose."""


class Refused(XinqiaoError):
    """The answer "no", with a code from kernel/refusals that the pages translate into what to do next."""

    def __init__(self, code: str) -> None:
        """Take the code a client will see."""
        super().__init__(code)
        self.code = code


class NotPermitted(Refused):
    """The role has no right to this word or this feed."""

    def __init__(self, code: str = "not_permitted") -> None:
        """Default to the plain code."""
        super().__init__(code)


class Malformed(XinqiaoError):
    """Input that cannot be read; `place` says where, for instance `$.command.text`."""

    def __init__(self, place: str) -> None:
        """Keep the place only."""
        super().__init__(place)
        self.place = place


class Conflict(XinqiaoError):
    """Compare-and-set lost too many times in a row."""


class Unavailable(XinqiaoError):
    """The store is down or too slow; nothing is known about the outcome until the command id is asked again."""
