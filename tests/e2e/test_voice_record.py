"""What is written of a call: nothing without a yes, nothing after it was taken back, and both sides see which it is."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import House
from tests.e2e.people import PATIENT_MS, go_on_duty, take_offer
from tests.e2e.voices import come_in_by_voice, end_talk, hear, leave_duty, sound_files

pytestmark = [pytest.mark.browser, pytest.mark.promise("R5")]
SETTLED_MS = 3_000


@pytest.fixture
def counselor(talkers: Browser, voice_house: House) -> Iterator[Page]:
    """陈老师 at the console, with a voice, on duty."""
    page = voice_house.staff(talkers, "chen", "/console/", with_voice=True)
    go_on_duty(page)
    yield page
    leave_duty(page)
    assert voice_house.complaints == []


def kept(house: House) -> dict[Path, int]:
    """The recordings on the disk and how long they are."""
    return {path: path.stat().st_size for path in sound_files(Path(house.service.env["RECORDINGS_DIR"]))}


def in_a_call(house: House, talkers: Browser, counselor: Page) -> Page:
    """A visitor who talks with the counselor."""
    visitor = house.caller(talkers)
    come_in_by_voice(visitor, house.url)
    visitor.get_by_role("button", name="试话筒").click()
    take_offer(counselor)
    hear({"visitor": visitor, "chen": counselor}, visitor={"chen"}, chen={"visitor"})
    expect(visitor.get_by_role("heading", name="可以录音吗？")).to_be_visible()
    return visitor


def test_without_a_word_and_after_a_no_there_is_no_file(talkers: Browser, voice_house: House, counselor: Page) -> None:
    before = kept(voice_house)
    visitor = in_a_call(voice_house, talkers, counselor)
    visitor.wait_for_timeout(SETTLED_MS)
    assert kept(voice_house) == before
    visitor.get_by_role("button", name="不录音", exact=True).click()
    expect(visitor.get_by_text("好的，不录音。")).to_be_visible()
    expect(counselor.get_by_text("未录音", exact=True)).to_be_visible()
    visitor.wait_for_timeout(SETTLED_MS)
    assert kept(voice_house) == before
    end_talk(visitor, counselor)
    assert kept(voice_house) == before


def test_a_yes_is_written_sealed_until_it_is_paused_or_taken_back(
    talkers: Browser, voice_house: House, counselor: Page
) -> None:
    before = kept(voice_house)
    visitor = in_a_call(voice_house, talkers, counselor)
    visitor.get_by_role("button", name="同意录音", exact=True).click()
    for page, words in ((visitor, "正在录音"), (counselor, "录音中")):
        expect(page.get_by_text(words, exact=True)).to_be_visible(timeout=PATIENT_MS)
    visitor.wait_for_timeout(SETTLED_MS)
    visitor.get_by_role("button", name="暂停录音").click()
    expect(visitor.get_by_text("录音已暂停", exact=True)).to_be_visible()
    expect(counselor.get_by_text("来访者暂停了录音", exact=True)).to_be_visible()
    visitor.wait_for_timeout(SETTLED_MS)
    paused = kept(voice_house)
    (recording,) = set(paused) - set(before)
    assert paused[recording] > 0
    assert b"OpusHead" not in recording.read_bytes()
    visitor.wait_for_timeout(SETTLED_MS)
    assert kept(voice_house) == paused
    visitor.get_by_role("button", name="继续录音").click()
    expect(counselor.get_by_text("录音中", exact=True)).to_be_visible(timeout=PATIENT_MS)
    visitor.wait_for_timeout(SETTLED_MS)
    visitor.get_by_role("button", name="不再录音").click()
    expect(counselor.get_by_text("未录音", exact=True)).to_be_visible(timeout=PATIENT_MS)
    visitor.wait_for_timeout(1_000)
    over = kept(voice_house)
    visitor.wait_for_timeout(SETTLED_MS)
    assert kept(voice_house) == over
    hear({"visitor": visitor, "chen": counselor}, visitor={"chen"}, chen={"visitor"})
    end_talk(visitor, counselor)
