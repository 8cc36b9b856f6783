"""People with a tone in their microphone: what each of them hears is measured at their own end, in their own page."""

import re
import time
from collections.abc import Mapping
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.people import PATIENT_MS

TONES_HZ = {"visitor": 400.0, "chen": 1000.0, "lin": 1300.0, "zhou": 1600.0, "zhao": 2200.0}
CLIP_HZ = 277.0
HEARD_WITHIN_S = 30.0
LOUD_DB = -50.0

# A microphone of one sine, and an ear beside every player of the page: the page itself is not touched.
# `udp` is taken out of answers where a caller behind a closed firewall is played.
SCRIPT = """
({hertz, withoutUdp, relayed, refused}) => {
  const context = new AudioContext({sampleRate: 48000});
  const ears = (window.__ears = new Map());
  const mine = (window.__microphones = []);
  const media = navigator.mediaDevices;
  if (refused) media.getUserMedia = async () => { throw new DOMException('no', 'NotAllowedError'); };
  else if (hertz) media.getUserMedia = async () => {
    const tone = context.createOscillator();
    const gain = context.createGain();
    const out = context.createMediaStreamDestination();
    tone.frequency.value = hertz;
    gain.gain.value = 0.35;
    tone.connect(gain).connect(out);
    tone.start();
    await context.resume();
    mine.push(...out.stream.getAudioTracks());
    return out.stream;
  };
  const play = HTMLMediaElement.prototype.play;
  HTMLMediaElement.prototype.play = function () {
    const stream = this.srcObject;
    if (stream instanceof MediaStream) {
      const ear = context.createAnalyser();
      ear.fftSize = 8192;
      ear.smoothingTimeConstant = 0;
      context.createMediaStreamSource(stream).connect(ear);
      ears.set(stream.getAudioTracks()[0].id, {ear, stream});
    }
    return play.call(this);
  };
  const Real = window.RTCPeerConnection;
  const peers = (window.__peers = []);
  window.RTCPeerConnection = function (wishes) {
    const peer = new Real(relayed ? {...wishes, iceTransportPolicy: 'relay'} : wishes);
    peers.push(peer);
    const take = peer.setRemoteDescription.bind(peer);
    peer.setRemoteDescription = (answer) => take(withoutUdp
      ? {type: answer.type, sdp: answer.sdp.replace(/a=candidate:.* udp .*\\r\\n/gi, '')}
      : answer);
    return peer;
  };
  window.RTCPeerConnection.prototype = Real.prototype;
  window.__hears = (tones, loud) => {
    const playing = ({stream}) => stream.getAudioTracks().some((track) => track.readyState === 'live');
    const live = [...ears.values()].filter(playing);
    return Object.keys(tones).filter((name) => live.some(({ear}) => {
      const bins = new Float32Array(ear.frequencyBinCount);
      ear.getFloatFrequencyData(bins);
      const at = Math.round(tones[name] * ear.fftSize / context.sampleRate);
      return Math.max(bins[at - 1], bins[at], bins[at + 1]) > loud;
    })).sort();
  };
  window.__path = async () => {
    const peer = peers[peers.length - 1];
    if (!peer) return {protocol: "", kind: "", peers: 0};
    const reports = [...(await peer.getStats()).values()];
    const transport = reports.find((one) => one.type === 'transport');
    const pair = reports.find((one) => one.id === transport?.selectedCandidatePairId);
    const local = reports.find((one) => one.id === pair?.localCandidateId);
    return {protocol: local?.protocol ?? '', kind: local?.candidateType ?? '', peers: peers.length};
  };
}
"""


def give_voice(
    page: Page, hertz: float | None, *, without_udp: bool = False, relayed: bool = False, refused: bool = False
) -> Page:
    """Put a tone into somebody's microphone (None: the browser's own beep) and ears beside their players.

    They have allowed the microphone, as somebody who talks has; a page that is loaded again asks whether they did.
    """
    if not refused:
        page.context.grant_permissions(["microphone"])
    options = {"hertz": hertz, "withoutUdp": without_udp, "relayed": relayed, "refused": refused}
    page.add_init_script(f"({SCRIPT})({_as_script(options)})")
    return page


def _as_script(options: Mapping[str, object]) -> str:
    """A literal of the page's language."""
    words = {True: "true", False: "false", None: "null"}
    return "{" + ", ".join(f"{key}: {words.get(value, value)}" for key, value in options.items()) + "}"  # type: ignore[call-overload]


def heard(page: Page) -> set[str]:
    """Who is heard on this page now, by their tones; `clip` is the waiting music."""
    return set(page.evaluate("([tones, loud]) => window.__hears(tones, loud)", [TONES_HZ | {"clip": CLIP_HZ}, LOUD_DB]))


def hear(pages: dict[str, Page], **expected: set[str]) -> None:
    """Each of these people hears exactly these voices, and a moment later still does."""
    ends = time.monotonic() + HEARD_WITHIN_S
    now: dict[str, set[str]] = {}
    steady = 0
    while time.monotonic() < ends:
        now = {name: heard(pages[name]) - ({"clip"} if "clip" not in expected[name] else set()) for name in expected}
        steady = steady + 1 if now == expected else 0
        if steady >= 3:
            return
        pages[next(iter(expected))].wait_for_timeout(150)
    assert now == expected, f"{now} where {expected} was to be heard"


def path_of(page: Page) -> dict[str, object]:
    """How this page reaches the media worker: protocol, kind of its own candidate, connections so far."""
    found: dict[str, object] = page.evaluate("window.__path()")
    return found


def microphones(page: Page) -> int:
    """How many microphones this page holds open."""
    return int(page.evaluate("window.__microphones.filter((track) => track.readyState === 'live').length"))


def sound_files(folder: Path) -> list[Path]:
    """Whatever stands in a folder of recordings."""
    return sorted(path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else []


def come_in_by_voice(visitor: Page, url: str, medium: str = "语音") -> None:
    """Choose how to talk, skip the questions, and wait."""
    visitor.goto(url)
    visitor.get_by_label(medium, exact=True).check()
    visitor.get_by_role("button", name="开始聊聊").click()
    visitor.get_by_role("button", name="我知道了，继续").click()
    visitor.get_by_role("button", name="下一步").click()
    visitor.get_by_role("button", name=re.compile("跳过")).click()
    expect(visitor.get_by_label("写给对方的话")).to_be_visible()


def end_talk(visitor: Page, counselor: Page) -> None:
    """Say goodbye and write it up, so that the next story finds an empty desk."""
    visitor.get_by_role("button", name="结束", exact=True).click()
    visitor.get_by_role("dialog").get_by_role("button", name="结束", exact=True).click()
    expect(visitor.get_by_role("heading", name="这次的对话结束了")).to_be_visible(timeout=PATIENT_MS)
    visitor.context.close()
    counselor.get_by_role("radio", name="已疏导").check()
    counselor.get_by_role("button", name="提交记录").click()
    expect(counselor.get_by_text("还没有选中的来访")).to_be_visible(timeout=PATIENT_MS)


def leave_duty(counselor: Page) -> None:
    """Go home; a page that stays open would go on making sound beside every later story."""
    try:
        counselor.get_by_role("button", name="离岗").click()
        expect(counselor.get_by_role("button", name="上岗", exact=True)).to_be_visible()
    finally:
        counselor.context.close()
