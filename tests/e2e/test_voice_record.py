"""What is written of a call: nothing without a yes, nothing after it was taken back, and both sides see which it is."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import House
from tests.e2e.people import PATIENT_MS, go_on_duty, take_offer
from tests.e2e.voices import come_in_by_voice, end_talk, hear, leave_duty, sound_files

pytestmark = [pytest.mark.browser, pytest.mark.promise("R5")]
STILL_S = 1.6  # longer than a writer takes to seal what waits (two looks of half a second)
WRITTEN_S = 30.0


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


def grows(house: House, page: Page, than: dict[Path, int]) -> Path:
    """Wait until one file is longer than it was; which."""
    ends = time.monotonic() + WRITTEN_S
    while True:
        longer = [path for path, size in kept(house).items() if size > than.get(path, 0)]
        if longer:
            return longer[0]
        assert time.monotonic() < ends, "nothing is written"
        page.wait_for_timeout(50)


def still(house: House, page: Page) -> dict[Path, int]:
    """Wait until nothing has been written for a while, though somebody talks."""
    found, since = kept(house), time.monotonic()
    ends = since + WRITTEN_S
    while time.monotonic() - since < STILL_S:
        page.wait_for_timeout(50)
        now = kept(house)
        if now != found:
            found, since = now, time.monotonic()
            assert since < ends, "it does not stop"
    return found


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
    assert still(voice_house, visitor) == before
    visitor.get_by_role("button", name="不录音", exact=True).click()
    expect(visitor.get_by_text("好的，不录音。")).to_be_visible()
    expect(counselor.get_by_text("未录音", exact=True)).to_be_visible()
    assert still(voice_house, visitor) == before
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
    recording = grows(voice_house, visitor, before)
    grows(voice_house, visitor, kept(voice_house))
    visitor.get_by_role("button", name="暂停录音").click()
    expect(visitor.get_by_text("录音已暂停", exact=True)).to_be_visible()
    expect(counselor.get_by_text("来访者暂停了录音", exact=True)).to_be_visible()
    paused = still(voice_house, visitor)
    assert set(paused) - set(before) == {recording}
    assert b"OpusHead" not in recording.read_bytes()
    visitor.get_by_role("button", name="继续录音").click()
    expect(counselor.get_by_text("录音中", exact=True)).to_be_visible(timeout=PATIENT_MS)
    assert grows(voice_house, visitor, paused) == recording
    visitor.get_by_role("button", name="不再录音").click()
    expect(counselor.get_by_text("未录音", exact=True)).to_be_visible(timeout=PATIENT_MS)
    over = kept(
        voice_house
    )  # that it says so means that the writer has ended; how soon: tests/flows/test_recorded_calls.py
    assert still(voice_house, visitor) == over, "nothing is written after a yes was taken back (R5)"
    hear({"visitor": visitor, "chen": counselor}, visitor={"chen"}, chen={"visitor"})
    end_talk(visitor, counselor)
