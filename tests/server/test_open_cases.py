"""What waits for somebody of a line is listed even where another line has more of it that is due sooner."""

import asyncio
from datetime import timedelta

import pytest

from kernel.decider import Address
from server import open_cases, wiring
from tests.flows.conftest import housed
from triage import messages as m


@pytest.mark.promise("R9")
def test_another_lines_open_cases_take_nobodys_place(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_cases, "OPEN_PAGE", 2)
    monkeypatch.setattr(open_cases, "OPEN_LIMIT", 2)

    async def story() -> None:
        async with housed(react=wiring.react) as ours, housed(react=wiring.react) as theirs:
            theirs.now -= timedelta(hours=1)
            for house, count in ((theirs, 3), (ours, 1)):
                await house.opens()
                for _ in range(count):
                    visitor = await house.comes()
                    await house.give(Address("case", visitor.id), m.HelpNow(), visitor)
            found = await open_cases.open_of(ours.engine, (ours.line,))
            assert [each["contact"] for each in found] == [visitor.id]
            assert len(await open_cases.open_of(ours.engine, (ours.line, theirs.line))) == 2

    asyncio.run(story())
