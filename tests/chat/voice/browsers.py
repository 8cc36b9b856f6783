"""Chromium as a person: a browser of its own whose fake microphone plays a tone, on a page that has only this call."""

import math
import wave
from array import array
from pathlib import Path

from playwright.async_api import Browser, Page, Playwright, Route

RATE_HZ = 48_000
SWITCHES = (
    "--no-sandbox",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--allow-loopback-in-peer-connection",
    "--mute-audio",
    "--disable-background-networking",
    "--disable-component-update",
)
PAGE = "http://localhost:1/call"
SCRIPT = """
const context = new AudioContext({sampleRate: 48000});
let pc, ears;
const begin = () => {
  if (pc) pc.close();
  ears = [];
  pc = new RTCPeerConnection({iceServers: [], bundlePolicy: 'max-bundle'});
  pc.ontrack = ({track}) => {
    const stream = new MediaStream([track]);
    const sink = new Audio();
    sink.srcObject = stream;
    sink.play();
    const ear = context.createAnalyser();
    ear.fftSize = 8192;
    ear.smoothingTimeConstant = 0;
    context.createMediaStreamSource(stream).connect(ear);
    ears.push(ear);
  };
};
let microphone;
window.offer = async (restart) => {
  if (restart) pc.restartIce();
  else {
    begin();
    const plain = {echoCancellation: false, noiseSuppression: false, autoGainControl: false};
    microphone = microphone || await navigator.mediaDevices.getUserMedia({audio: plain});
    pc.addTransceiver(microphone.getAudioTracks()[0], {direction: 'sendrecv'});
    pc.addTransceiver('audio', {direction: 'recvonly'});
  }
  await pc.setLocalDescription();
  return pc.localDescription.sdp;
};
window.take = (sdp) => pc.setRemoteDescription({type: 'answer', sdp});
window.hears = (tones) => Object.keys(tones).filter((name) => ears.some((ear) => {
  const bins = new Float32Array(ear.frequencyBinCount);
  ear.getFloatFrequencyData(bins);
  const at = Math.round(tones[name] * ear.fftSize / 48000);
  return Math.max(bins[at - 1], bins[at], bins[at + 1]) > -45;
})).sort();
window.state = () => pc.connectionState;
window.numbers = async () => {
  const out = {};
  for (const each of (await pc.getStats()).values()) {
    if (each.type === 'inbound-rtp' && each.packetsReceived) out.packets = (out.packets || 0) + each.packetsReceived;
    if (each.type === 'inbound-rtp') out.lost = (out.lost || 0) + each.packetsLost;
    if (each.type === 'remote-inbound-rtp') out.roundTrip = each.roundTripTime;
    if (each.type === 'transport') out.pair = each.selectedCandidatePairId;
  }
  for (const each of (await pc.getStats()).values())
    if (each.id === out.pair) for (const local of (await pc.getStats()).values())
      if (local.id === each.localCandidateId) out.protocol = local.protocol;
  return out;
};
"""


def write_tone(path: Path, hertz: float) -> Path:
    """Two seconds of a sine as the fake microphone wants it: 48 kHz, mono, 16 bits."""
    samples = array("h", (int(12_000 * math.sin(2 * math.pi * hertz * n / RATE_HZ)) for n in range(2 * RATE_HZ)))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(samples.tobytes())
    return path


async def _serve(route: Route) -> None:
    """The page itself; there is nothing else to load."""
    body = f"<!doctype html><title>call</title><script>{SCRIPT}</script>"
    await route.fulfill(content_type="text/html", body=body)


async def sit_down(playwright: Playwright, program: str, tone: Path) -> tuple[Browser, Page]:
    """Open a browser whose microphone plays this file."""
    switches = [*SWITCHES, f"--use-file-for-fake-audio-capture={tone}"]
    browser = await playwright.chromium.launch(executable_path=program, args=switches)
    page = await (await browser.new_context()).new_page()
    await page.route("**/*", _serve)
    await page.goto(PAGE)
    return browser, page
