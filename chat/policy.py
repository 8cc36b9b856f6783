"""The promises of a session that the union may change, in seconds."""

from datetime import timedelta

import msgspec


class SessionPolicy(msgspec.Struct, frozen=True):
    """When a quiet talk is asked after and then ended, and how long a contact at a closed line is kept open."""

    idle_prompt_s: int = 600
    idle_end_s: int = 600
    deflected_keep_s: int = 86_400

    @property
    def idle_prompt(self) -> timedelta:
        """Silence until both are asked whether they are still there."""
        return timedelta(seconds=self.idle_prompt_s)

    @property
    def deflected_keep(self) -> timedelta:
        """How long a contact that found the line closed can still be taken up by coming back."""
        return timedelta(seconds=self.deflected_keep_s)

    @property
    def idle_end(self) -> timedelta:
        """Silence after that question until the session ends."""
        return timedelta(seconds=self.idle_end_s)


POLICY = SessionPolicy()
