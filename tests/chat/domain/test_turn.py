"""Credentials for a relay: good for ten minutes, for a leg, not for a person."""

from datetime import UTC, datetime

from chat.domain import turn
from chat.media_messages import IceServer

NOW = datetime(2026, 3, 10, 6, 30, tzinfo=UTC)


def test_a_credential_names_its_end_and_is_signed_over_exactly_that() -> None:
    made = turn.credentials(("turn:relay.example.org:3478",), "leg7", NOW, lambda text: f"signed({text})")
    end = int(NOW.timestamp()) + 600
    assert made == IceServer(("turn:relay.example.org:3478",), f"{end}:leg7", f"signed({end}:leg7)")
