"""Quality reports end to end: what a listener tells of a lane goes to the talker who feeds it, under our own names.

Canonical names are ours, sources are ours, and only report blocks and clocks are carried over.
"""

from collections.abc import Iterable

import msgspec

from chat.voice import rtcp
from chat.voice.contract import Fact, LegQuality
from chat.voice.leg import LaneOut, Leg
from chat.voice.srtp import Scratch
from kernel.errors import Malformed
from kernel.terms import Role

QUALITY_EVERY_S = 5.0


def relay(leg: Leg, scratch: Scratch, out: Scratch, size: int, now: float) -> Iterable[Fact]:
    """Take a compound packet of a leg, send on what others need to know, answer what is worth telling."""
    for report in _read(leg, scratch, size):
        leg.heard_at = now
        if isinstance(report, rtcp.SenderReport) and report.ssrc == leg.in_ssrc:
            for lane in leg.sinks:
                _to_listener(leg, lane, report, out, now)
        if isinstance(report, rtcp.SenderReport | rtcp.ReceiverReport):
            for block in report.blocks:
                yield from _to_talker(leg, block, out, now)


def _read(leg: Leg, scratch: Scratch, size: int) -> tuple[rtcp.Report, ...]:
    """Decrypt and read; nothing for what is forged or cannot be read."""
    size = leg.inbound.unprotect(scratch, size, rtcp=True) if leg.inbound is not None else -1
    try:
        return rtcp.read(bytes(scratch.view[:size])) if size > 0 else ()
    except Malformed:
        return ()


def _to_listener(leg: Leg, lane: LaneOut, report: rtcp.SenderReport, out: Scratch, now: float) -> None:
    """The talker's clock, in the lane's own media time."""
    timestamp = lane.continuity.timestamp_of(leg.number, report.timestamp)
    if timestamp is None:
        return
    lane.report_sent = ((report.ntp >> 16) & 0xFFFFFFFF, now)
    sent = rtcp.SenderReport(
        lane.ssrc, report.ntp, timestamp, lane.continuity.packets & 0xFFFFFFFF, lane.continuity.octets & 0xFFFFFFFF
    )
    _send(lane.leg, (sent, rtcp.Description(lane.ssrc, lane.leg.cname)), out)


def _to_talker(leg: Leg, block: rtcp.Block, out: Scratch, now: float) -> Iterable[Fact]:
    """One listener's view of one lane; a talker hears of its first listener only, supervisors' networks are theirs."""
    lane = next((lane for lane in leg.lanes.values() if lane.ssrc == block.ssrc), None)
    if lane is None or lane.source is None:
        return
    talker = lane.source
    highest = lane.continuity.seq_behind(talker.number, block.highest)
    mouth = next(iter(talker.lanes.values()), None)
    if highest is not None and mouth is not None and lane is _first_listener(talker):
        mapped = msgspec.structs.replace(block, ssrc=talker.in_ssrc, highest=highest)
        report = rtcp.ReceiverReport(mouth.ssrc, (mapped,))
        _send(talker, (report, rtcp.Description(mouth.ssrc, talker.cname)), out)
    if now - lane.quality_at >= QUALITY_EVERY_S:
        lane.quality_at = now
        yield LegQuality(leg.call, leg.name, block.fraction / 256, block.jitter / 48, _round_trip_ms(lane, block, now))


def _first_listener(talker: Leg) -> LaneOut | None:
    """The lane whose reports steer the talker's encoder."""
    return min(talker.sinks, key=lambda lane: (lane.leg.role is Role.SUPERVISOR, lane.leg.name), default=None)


def _round_trip_ms(lane: LaneOut, block: rtcp.Block, now: float) -> float | None:
    """The way to this listener and back, from the sender report it echoes."""
    if lane.report_sent is None or lane.report_sent[0] != block.lsr:
        return None
    return max(0.0, 1000 * (now - lane.report_sent[1] - block.dlsr / 65536))


def _send(leg: Leg, reports: tuple[rtcp.Report, ...], out: Scratch) -> None:
    """Encrypt and send a compound packet."""
    if leg.outbound is None or leg.path is None:
        return
    data = rtcp.write(reports)
    out.view[: len(data)] = data
    size = leg.outbound.protect(out, len(data), rtcp=True)
    if size > 0:
        leg.path.send(out.view[:size])
