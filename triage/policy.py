"""The promises of intake that the union may change."""

from datetime import timedelta

import msgspec


class CasePolicy(msgspec.Struct, frozen=True):
    """How long intake waits for answers before the visitor is queued all the same, in seconds."""

    intake_s: int = 90

    @property
    def intake(self) -> timedelta:
        """Time to answer."""
        return timedelta(seconds=self.intake_s)


POLICY = CasePolicy()
