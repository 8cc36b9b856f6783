"""Work that may be late or repeated: destroying what was ordered, telling records of new policies, checking the log."""

import hashlib
import logging
from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec
from celery import shared_task

from kernel import clock
from kernel.errors import Conflict, Refused, Unavailable
from kernel.redact import loggable
from kernel.terms import Medium
from kernel.wire import Command
from recordings_policy import recordings, store
from recordings_policy.destruction import destroy
from recordings_policy.domain.state import RecordState
from recordings_policy.messages import ApplyPolicy, BeginPurge, ConfirmPurge
from recordings_policy.policy import Rule

log = logging.getLogger("xinqiao.records")

# Gives a command to a contact's record as the system, under a command id; raises what the engine raises.
Submit = Callable[[str, Command, str], object]
_submit: list[Submit] = []

# Orders are repeated at least once a day (domain/purge.py), so what is older was repeated since, or is done.
ORDERS = timedelta(hours=25)
OPENED = timedelta(hours=1)


def submit_with(submit: Submit) -> None:
    """Name the way to the engine; the last one counts. Told by the roof, which this room cannot see."""
    _submit[:] = [submit]


def purge(contact: str, medium: Medium, policy_version: int, submit: Submit, now: datetime) -> str | None:
    """Destroy one medium of a contact: ask, destroy, report; the receipt's digest, or None where it must wait.

    Every step may be repeated, and a crash between any two is healed by doing all of it again.
    """
    try:
        submit(contact, BeginPurge(medium), f"begin.{medium.value}")
        receipt = destroy(contact, medium, policy_version, now)
        if receipt is None:
            log.error("nobody can destroy this %s", loggable({"feed": f"record.{contact}", "kind": medium}))
            return None
        submit(contact, ConfirmPurge(medium, receipt), f"confirm.{medium.value}")
    except (Refused, Conflict, Unavailable) as no:
        log.warning("purge waits %s", loggable({"feed": f"record.{contact}", "error": no}))
        return None
    return receipt


def purge_all(submit: Submit, now: datetime) -> int:
    """Destroy everything that is ordered; the number of media destroyed."""
    done = 0
    for contact in store.news("purge.ordered", now - ORDERS):
        state = store.read(contact) or RecordState()
        for keep in state.keeps:
            if keep.ordered_at is not None and not keep.receipt:
                done += purge(contact, keep.span.medium, keep.span.version, submit, now) is not None
    return done


def roll_out(submit: Submit, now: datetime) -> int:
    """Tell the records of every line with a new version what rules now, and new records too; how many were told."""
    versions = store.rollouts_due(now)
    told = 0
    for line in sorted({version.line for version in versions}):
        rules = store.rules_in_force(line, now)
        told += sum(_apply(contact, state, rules, submit) for contact, state in store.records(line))
    store.rolled_out(versions, now)
    for contact in store.news("record.opened", now - OPENED):
        state = store.read(contact) or RecordState()
        told += _apply(contact, state, store.rules_in_force(state.line, now), submit)
    return told


def _apply(contact: str, state: RecordState, rules: tuple[Rule, ...], submit: Submit) -> bool:
    """Tell one record; the command id names the rules, so that telling twice is harmless."""
    if state.rules == rules or not state.line:
        return False
    name = hashlib.sha256(msgspec.json.encode(rules)).hexdigest()[:32]
    submit(contact, ApplyPolicy(rules), f"policy.{name}")
    return True


@shared_task(name="recordings_policy.purge_ordered")
def purge_ordered() -> int:
    """Every minute."""
    return purge_all(_submit[0], clock.now())


@shared_task(name="recordings_policy.roll_out_policies")
def roll_out_policies() -> int:
    """Every minute."""
    return roll_out(_submit[0], clock.now())


@shared_task(name="recordings_policy.sweep_recordings")
def sweep_recordings() -> int:
    """Every night."""
    return recordings.sweep_files()


@shared_task(name="recordings_policy.verify_access_log")
def verify_access_log() -> int:
    """Every night; answers the number of the first faulty row, 0 where the log is whole."""
    fault = store.verify_log()
    if fault is None:
        return 0
    log.critical("access log broken %s", loggable({"seq": fault.seq, "code": fault.kind}))
    return fault.seq
