"""The bars of the voice plane: what must hold, what is aimed at."""

from bench.bars.table import Bar

BARS = {
    bar.id: bar
    for bar in (
        Bar("V1", "calls a core: passthrough (50 calls) / stock aiortc MediaRelay (2 calls)", 60, 100),
        Bar("V2", "CPU per call: ours / Janus videocall, 50 calls", 0.6, 0.45, more=False),
        Bar("V3", "one-way delay at 50 calls, p50 (ms), load included", 1, 0.5, more=False),
        Bar("V4", "the same, p99 (ms)", 10, 3, more=False),
        Bar("V5", "150 calls: share of one core (%)", 60, 45, more=False),
        Bar("V6", "150 calls: packets lost (%)", 0.1, 0.01, more=False),
        Bar("V7", "150 calls: longest silence of any listener (ms)", 250, 100, more=False),
        Bar("V8", "mouth to ear in Chromium: more than peer-to-peer (ms, medians)", 15, 8, more=False),
        Bar("V9", "ICE restart: longest gap of a listener (ms)", 100, 40, more=False),
        Bar(
            "V10",
            "CPU per call, 10 to 150 calls: the largest rise from one size to the next (ratio)",
            1.05,
            1,
            more=False,
        ),
        Bar("V11", "recording: more CPU (%)", 30, 15, more=False),
        Bar("V12", "memory after 500 calls: more than after 100 (%)", 5, 1, more=False),
        Bar("V13", "click to first audio in real pages, p95 (ms)", 400, 250, more=False),
        Bar("V14", "worker killed to audio both ways, p95 (ms)", 1000, 500, more=False),
        Bar("V15", "path silently lost to audio, p95 (ms)", 3000, 2000, more=False),
        Bar("V16", "worker frozen to audio both ways, p95 (ms)", 3000, 2000, more=False),
    )
}
