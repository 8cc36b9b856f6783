"""What somebody on hold hears: a soft chord made here, two seconds, looped; nobody's music."""

import functools
import math
from array import array
from fractions import Fraction

import av

RATE_HZ = 48_000
FRAME_SAMPLES = RATE_HZ // 50
FRAMES = 100
TIME_BASE = Fraction(1, RATE_HZ)
LOUDNESS = 0.15 * 32767
# A major chord whose periods fit the two seconds exactly, so that the loop has no click.
CHORD_HZ = (220.0, 277.0, 330.0)


@functools.cache
def samples() -> "array[int]":
    """The clip as 16-bit mono samples at 48 kHz; each second swells and fades."""
    out = array("h")
    for n in range(FRAMES * FRAME_SAMPLES):
        t = n / RATE_HZ
        swell = math.sin(math.pi * t) ** 2
        tone = sum(math.sin(2 * math.pi * hertz * t) for hertz in CHORD_HZ) / len(CHORD_HZ)
        out.append(int(LOUDNESS * swell * tone))
    return out


@functools.cache
def packets() -> tuple[bytes, ...]:
    """The clip as Opus packets of 20 ms; encoded once per process (about 0.1 s)."""
    encoder = av.CodecContext.create("libopus", "w")
    encoder.sample_rate = RATE_HZ
    encoder.layout = "mono"
    encoder.format = av.AudioFormat("s16")
    encoder.bit_rate = 24_000
    encoder.time_base = TIME_BASE
    whole = samples()
    out: list[bytes] = []
    for place in range(FRAMES):
        frame = av.AudioFrame(format="s16", layout="mono", samples=FRAME_SAMPLES)
        frame.planes[0].update(whole[place * FRAME_SAMPLES : (place + 1) * FRAME_SAMPLES].tobytes())
        frame.sample_rate = RATE_HZ
        frame.pts = place * FRAME_SAMPLES
        frame.time_base = encoder.time_base
        out += [bytes(packet) for packet in encoder.encode(frame)]
    return tuple(out)
