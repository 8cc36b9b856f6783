"""Whoever asks for a look behind the glass over a socket is announced to a supervisor, as over HTTP."""

import pytest

from kernel.terms import Role
from server import heads_up
from tests.flows.calls import exchange
from tests.flows.test_calls import answered


@pytest.mark.promise("R8")
async def test_a_supervisor_hears_of_a_look_that_was_asked_for_over_a_socket_once(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[tuple[str, str, str]] = []
    monkeypatch.setattr(heads_up, "tell", lambda about, line, name, *_: heard.append((about, line, name)))
    async with exchange(workers=0) as h:
        visitor, chen = await answered(h)
        zhao = await h.staffed("zhao", Role.SUPERVISOR, ready=False)
        wish = {"behind": "identity", "cause": "life_in_danger", "reference": "110-77"}
        at = f"record.{visitor.actor.id}"
        assert (await chen.do("glass.ask", at=at, **wish))["op"] == "refused"
        assert heard == []
        said = await zhao.do("glass.ask", at=at, **wish)
        assert said["op"] == "ack", said
        assert [(about, line) for about, line, _ in heard] == [("glass_asked", h.line)]
