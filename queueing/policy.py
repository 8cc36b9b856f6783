"""The promises of a desk that the union may change; versioned rows, and a desk records the version it decides under."""

from datetime import timedelta

import msgspec

from kernel.terms import Medium, RiskLevel


class DeskPolicy(msgspec.Struct, frozen=True):
    """Targets, ring times, grace periods and caps of one line; all spans in seconds.

    The defaults are the project's design: targets 10/30/60 min, offers 20/15/10 s, text keeps its place 5 min.
    """

    target_high_s: int = 600
    target_moderate_s: int = 1800
    target_routine_s: int = 3600
    ring_text_s: int = 20
    ring_voice_s: int = 15
    ring_imminent_s: int = 10
    parallel_imminent: int = 3
    pause_after_miss_s: int = 60
    misses_until_away: int = 2
    grace_text_s: int = 300
    grace_voice_s: int = 30
    counselor_lost_s: int = 60
    wrap_up_s: int = 300
    wrap_up_crisis_s: int = 900
    slots_limit: int = 4
    weight_high: int = 1
    weight_imminent: int = 1
    same_counselor_s: int = 60
    same_language_s: int = 120
    cool_down_s: int = 120
    keep_whole_of: int = 3
    open_for_danger: int = 0
    transfer_s: int = 120
    surge_target_routine_s: int = 7200
    soft_stop_percent: int = 90
    people_at_least: int = 1
    last_offer_before_end_s: int = 2400

    def target(self, risk: RiskLevel) -> timedelta:
        """How soon a contact of this risk should be answered; nothing for imminent, which is a tier of its own."""
        seconds = {
            RiskLevel.IMMINENT: 0,
            RiskLevel.HIGH: self.target_high_s,
            RiskLevel.MODERATE: self.target_moderate_s,
            RiskLevel.ROUTINE: self.target_routine_s,
        }[risk]
        return timedelta(seconds=seconds)

    def ring(self, risk: RiskLevel, medium: Medium) -> timedelta:
        """How long one offer rings."""
        if risk is RiskLevel.IMMINENT:
            return timedelta(seconds=self.ring_imminent_s)
        return timedelta(seconds=self.ring_voice_s if medium is Medium.VOICE else self.ring_text_s)

    def surging(self) -> "DeskPolicy":
        """The promises while there are far too many: routine contacts are promised less, nobody else."""
        return msgspec.structs.replace(self, target_routine_s=max(self.target_routine_s, self.surge_target_routine_s))

    def weight(self, risk: RiskLevel) -> int:
        """How many text slots a contact of this risk takes once it is in somebody's hands."""
        return {RiskLevel.HIGH: self.weight_high, RiskLevel.IMMINENT: self.weight_imminent}.get(risk, 1)

    @property
    def weighs_alike(self) -> bool:
        """True where every contact takes one slot."""
        return self.weight_high == 1 and self.weight_imminent == 1

    def kept_whole(self, staff: int) -> int:
        """How many of so many counselors are kept free of texts for a call, where that is possible."""
        return max(1, round(staff / self.keep_whole_of)) if self.keep_whole_of and staff else 0

    def grace(self, medium: Medium) -> timedelta:
        """How long a lost connection keeps its place in the queue."""
        return timedelta(seconds=self.grace_voice_s if medium is Medium.VOICE else self.grace_text_s)

    def wrap_up(self, risk: RiskLevel) -> timedelta:
        """How long wrap-up may hold a slot."""
        return timedelta(seconds=self.wrap_up_crisis_s if risk is RiskLevel.IMMINENT else self.wrap_up_s)
