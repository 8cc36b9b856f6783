"""May this be recorded? The one rule, asked before a key exists and again after every change."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from kernel.terms import Medium, Role
from recordings_policy.messages import Bar, ConsentGiven, Language
from recordings_policy.policy import Channel, PromiseText, Purpose, RecordPolicy, Rule


class Consent(msgspec.Struct, frozen=True):
    """A yes that stands: to which purpose, to which words, told by whom."""

    purpose: Purpose
    version: str
    text_hash: str
    channel: Channel
    language: Language
    role: Role
    given_at: datetime

    @classmethod
    def of(cls, event: ConsentGiven, given_at: datetime | None = None) -> "Consent":
        """Read the consent an event reports, as if given at `given_at` where that is said."""
        return cls(
            event.purpose,
            event.version,
            event.text_hash,
            event.channel,
            event.language,
            event.role,
            given_at or event.at,
        )


def rule_for(rules: Iterable[Rule], medium: Medium) -> Rule | None:
    """Find the rule of a medium; the newest version where there are several."""
    fitting = [rule for rule in rules if rule.policy.medium is medium]
    return max(fitting, key=lambda rule: rule.version, default=None)


def consent_for(consents: Iterable[Consent], purpose: Purpose) -> Consent | None:
    """Find the standing consent to a purpose."""
    return next((consent for consent in consents if consent.purpose is purpose), None)


def covers(policy: RecordPolicy, consent: Consent) -> bool:
    """Say whether the yes was to the very words of this policy, told by somebody the policy accepts."""
    shown = PromiseText(consent.purpose, consent.version, consent.language, consent.text_hash)
    return consent.role in policy.who_may_consent and shown in policy.promises


def may_record(rule: Rule | None, consents: Iterable[Consent], now: datetime) -> Consent | Bar:
    """Answer with the consent that allows recording, or with the code of what bars it; never a default."""
    if rule is None or not rule.in_force(now):
        return "no_policy"
    if not rule.policy.record or Purpose.RECORDING not in rule.policy.purposes:
        return "policy_forbids"
    consent = consent_for(consents, Purpose.RECORDING)
    if consent is None:
        return "no_consent"
    return consent if covers(rule.policy, consent) else "consent_mismatch"


def asked_of_visitor(rule: Rule | None, now: datetime) -> dict[str, str]:
    """Name the text a visitor is shown before recording, by language; empty where nothing may be recorded by it."""
    if rule is None or not rule.in_force(now) or not rule.policy.record:
        return {}
    policy = rule.policy
    if Purpose.RECORDING not in policy.purposes or Role.VISITOR not in policy.who_may_consent:
        return {}
    return {text.language: text.text_hash for text in policy.promises if text.purpose is Purpose.RECORDING}
