"""Close codes and refusal codes, each with what a client does next."""

import inspect
import re

from kernel.wire import Close

REFUSALS = {
    "not_permitted": "This role may not say that here. Do not send it again.",
    "unknown_feed": "There is no such feed, or it is not yours. Drop it.",
    "malformed": "The frame or command cannot be read. Do not send it again; reload the page.",
    "too_fast": "Slow down and send it again after `retry_ms`; nothing accepted before is lost.",
    "too_long": "The text or frame is too long. Shorten it.",
    "not_open": "The aggregate does not exist yet or is not at this step. Wait for the event that opens it.",
    "session_over": "The talk has ended. Show so; the words stay with the person who wrote them.",
    "not_yours": "The contact is in somebody else's hands, or in nobody's. Drop it from your list.",
    "read_only": "You only read along here. Choose whisper or barge first.",
    "stale_offer": "The offer expired, was taken or was cancelled. Close the banner.",
    "not_ready": "Your seat is not ready. Say `seat.ready` first.",
    "no_seat": "This takes an open console, yours or the one asked for. Open the console and try again.",
    "no_reason": "A reason is needed. Ask for one and send it again.",
    "own_contact": "The contact is in your own hands already.",
    "hands_full": "A call needs somebody whole. End what is in hand first.",
    "in_the_past": "That instant is over. Choose a later one.",
    "too_far": "Longer than six hours is a change of the schedule. Edit the hours instead.",
    "closure": "A closure is in force and stronger than longer hours. Lift the closure first.",
    "hours_clash": "The hours with this change would not be in order. Edit the schedule instead.",
    "unknown_line": "There is no such line, or it is not yours. Drop it.",
    "contacts_in_hand": "You still hold contacts. End and write them up first.",
    "no_one_waiting": "Nobody waits who may be taken now.",
    "already_answered": "The intake was answered or has lapsed. Go on without it.",
    "nothing_to_write_up": "There is no ended contact to write up here.",
    "not_lower": "The level is not lower than the present one.",
    "not_higher": "The level is not higher than the present one.",
    "escalation_open": "An escalation is open. A supervisor closes it first.",
    "no_escalation": "No escalation is open here. Drop it from your list.",
    "already_acknowledged": "Somebody else has it already.",
    "no_rescue": "No rescue has been called.",
    "rescue_unconfirmed": "The rescue has not been confirmed. Confirm it first, or say that it was handed over.",
    "no_referral": "There is no such referral, or it is closed.",
    "no_consent": "The visitor has not agreed to be referred. Ask first.",
    "not_agreed": "The visitor has not agreed to this packet.",
    "outside_boundary": "A field is empty, was not shown, or lies outside what a partner may be told.",
    "no_appointment": "There is no such appointment, or it is over.",
    "already_booked": "There is an appointment already. Cancel it first.",
    "too_early": "The time has not come yet. Say it afterwards.",
    "no_incident": "There is no such incident or contact any more. Drop it from your list.",
    "not_a_number": "The telephone number cannot be dialled. Ask for it again.",
    "outside_window": "The window for the call ends before it begins, or lies too far ahead. Choose another.",
    "no_follow_up": "There is no open follow-up.",
    "too_few_attempts": "Out of reach is only whom somebody tried to reach often enough.",
    "sign_in": "The cookie, header or ticket is missing or over. Sign in again.",
    "forbidden_origin": "A cookie came from a foreign page. Stop.",
    "forbidden_role": "This role has no door here. Stop.",
    "wrong_channel": "A visitor consents by a click, staff attest what was spoken. Use the other channel.",
    "only_visitor": "The visitor said no; only the visitor may change that.",
    "other_line": "The rules belong to another line.",
    "erased": "What was kept has been erased; nothing more can happen to it.",
    "held": "A hold keeps this from being destroyed.",
    "already_expired": "The hold would end in the past. Choose a later end.",
    "hold_too_long": "The hold is longer than the policy allows. Choose an earlier end.",
    "already_asked": "The same has been asked already. Wait for the second person.",
    "too_many": "There are too many holds or asked looks on this record. End one first.",
    "same_person": "A second person must agree.",
    "no_such_hold": "There is no such hold.",
    "no_such_glass": "Nobody waits for this look, or its time is over. Ask anew.",
    "too_late": "Its time has passed: choose a later one; of a destruction, it has begun.",
    "not_begun": "The destruction has not begun.",
    "not_ordered": "The destruction has not been ordered.",
    "no_codec": "The two sides share no audio format. Offer a call back instead.",
    "overloaded": "This voice node takes no more calls. Ask for another one.",
    "too_many_legs": "The call has all the legs it may have.",
    "unknown_call": "There is no such call on this node. Set the call up again.",
    "unknown_leg": "There is no such leg in this call. Set the leg up again.",
    "lanes_taken": "Both audio lanes of this leg are in use. Free one first.",
    "no_voice": "No voice worker is running now. Go on in writing, or offer a call back.",
    "voice_closed": "Voice is open at other hours. Go on in writing; the counselor may still offer to talk.",
    "no_call": "No call is going on in this contact. Ask for one first.",
    "not_supported": "This voice engine cannot do that. Go on without it.",
    "restart_unsupported": "This voice engine cannot restart a connection. Open a new one.",
    "unavailable": "The store did not answer; the outcome is unknown. Send it again with the same id.",
    "conflict": "Others moved the aggregate first. Send it again with the same id.",
}


def close_codes() -> dict[str, tuple[int, str]]:
    """Read the close codes of `kernel.wire.Close` together with the comment behind each."""
    found = re.findall(r"^ +([A-Z_]+) = (\d{4})  # (.+)$", inspect.getsource(Close), re.MULTILINE)
    codes = {name: (int(code), meaning) for name, code, meaning in found}
    silent = {name for name in vars(Close) if name.isupper()} - set(codes)
    if silent:
        raise ValueError(f"close codes without a comment that says what to do: {sorted(silent)}")
    return codes


def close_codes_page() -> str:
    """Write docs/protocol/close-codes.md."""
    rows = "\n".join(f"| {code} | `{name}` | {meaning} |" for name, (code, meaning) in close_codes().items())
    refused = "\n".join(f"| `{code}` | {next_step} |" for code, next_step in REFUSALS.items())
    return f"""\
# Close codes and refusal codes

Generated by `manage.py export_protocol`. Do not edit.

## When a socket closes

| code | name | what a client does next |
|---|---|---|
{rows}

Any other code, 1006 included, means that the connection was lost: reconnect and resume.

## When a command is refused

A frame `refused` carries the command's `id`, a `code`, and `retry_ms` where trying again makes sense.

| code | what a client does next |
|---|---|
{refused}
"""
