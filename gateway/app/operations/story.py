"""What happened to this document, in words somebody at a front door understands?

Told from the audit log, so every step can be proved; what a document says is never part of it.
"""

import json
import types
from collections.abc import Callable, Iterator, Mapping, Sequence

from gateway.app.operations.journal import pseudonym
from gateway.app.operations.reasons import reason_text
from gateway.app.operations.words import CHOICES, PURPOSES, ROLES, count
from gateway.audit.event import EventKind
from gateway.conversations.duties import DUTIES
from gateway.flows.context import Desk
from gateway.flows.documents import child_key
from gateway.flows.people.ask import SETTLED
from gateway.flows.ports import UnitOfWork
from gateway.flows.store.rows import AuditRow, Message, ScanState
from gateway.model.tree import Group, Tree


class _Names:
    """What people call the organisations, persons and reasons the log names."""

    def __init__(self, desk: Desk, uow: UnitOfWork) -> None:
        self._organisations: dict[str, str] = {
            one.organisation: str(one.profile.get("name", one.organisation)) for one in uow.directory.organisations()
        }
        self._policy = desk.policy
        self._people = {pseudonym(desk.vault, user.user_id): user.name for user in uow.users.all()}

    def why(self, words: Group) -> str:
        """Return what the reason of an event means, without the full stop at its end."""
        return str(reason_text(self._policy, _text(words, "reason")) or "no reason was recorded").rstrip(".")

    def of(self, code: Tree) -> str:
        """Return the name behind *code*; the gateway itself is called that."""
        text = str(code or "")
        if text.startswith("person:"):
            return self._people.get(text, "somebody whose account is gone")
        if text in {"gateway", "system", ""}:
            return "the gateway"
        bare = text.removeprefix("organisation:")
        return self._organisations.get(bare, bare)


Teller = Callable[[Group, _Names], str]


def story_of(desk: Desk, uow: UnitOfWork, message: Message) -> Iterator[Group]:
    """Yield the steps of *message*: `at`, `event`, `kind`, `text` and `by`.

    What is told once for each of several children is told here once.
    """
    names, told = _Names(desk, uow), set()
    for row in _in_order(uow.audit.of_message(message.message_id)):
        words = event_words(desk, uow, row)
        teller = TELLERS.get(row.kind)
        if teller is None:
            continue
        text = teller(words, names)
        key = (row.kind, row.recorded_at, text)
        if text and key not in told:
            told.add(key)
            yield {
                "at": row.recorded_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
                "event": row.event_id,
                "kind": row.kind,
                "text": text,
                "by": names.of(words.get("actor")),
            }


def _in_order(rows: Sequence[AuditRow]) -> list[AuditRow]:
    """Return *rows* as they happened; that the rules were asked again comes before what they answered."""
    return sorted(rows, key=lambda row: (row.recorded_at, row.kind != EventKind.DELIVERY_REDECIDED.value))


def event_words(desk: Desk, uow: UnitOfWork, row: AuditRow) -> Group:
    """Return the open and the sealed words of an event together."""
    wrapped = row.wrapped_key or (child_key(uow, row.child_ref) if row.child_ref else None)
    header: Group = json.loads(row.header)
    if wrapped is None:
        return header
    return {**header, **json.loads(desk.trail.reveal(row, wrapped)[1])}


def _received(words: Group, names: _Names) -> str:
    way = {"folder": "as a file", "queue": "by its queue", "gateway": "written by the gateway itself"}.get(
        str(words.get("channel")), "online"
    )
    return (
        f"Received from {names.of(words.get('organisation'))}, {way}. It is safe, and the sender has a signed receipt."
    )


def _quarantined(words: Group, names: _Names) -> str:
    return f"Refused and kept aside: {names.why(words)}. The sender was told at once."


def _translated(words: Group, _names: _Names) -> str:
    lost = words.get("losses")
    tail = f"; {count(lost, 'answer')} had no place to go and is listed" if isinstance(lost, int) and lost else ""
    return f"Read and put in order{tail}."


_MATCHES: Mapping[str, str] = types.MappingProxyType(
    {
        "MATCH": "This is a child we know.",
        "NEW": "No child like this is known here: a new record was started.",
        "POTENTIAL": "This may be a child we know; a person must say.",
        "LOW": "This is only slightly like a child we know; a person must say.",
        "MANY": "Several children fit; a person must say.",
        "NONE": "Too little is told to know which child this is.",
    }
)


def _scanned(words: Group, _names: _Names) -> str:
    if words.get("state") == ScanState.MALWARE.value:
        name = _text(words, "signature") or "malware"
        return f"An attached document holds malware ({name}). It is kept sealed and goes nowhere; the rest goes on."
    return "An attached document was scanned, and no malware was found."


def _matched(words: Group, _names: _Names) -> str:
    return _MATCHES.get(str(words.get("match_status")), "It was worked out which child this is about.")


def _decided(words: Group, names: _Names) -> str:
    to, why = names.of(words.get("recipient")), names.why(words)
    if isinstance(words.get("answers"), list):
        why += ". Each child it is about was asked for alone, and the strictest answer counts"
    purpose = PURPOSES.get(str(words.get("purpose")), "")
    match str(words.get("result")):
        case "PERMIT":
            return f"May go to {to} {purpose}. {why}."
        case "PERMIT_REDACTED":
            return f"May go to {to} {purpose}, without some parts. {why}."
        case "REVIEW":
            return f"A person must decide whether it may go to {to} {purpose}. {why}."
        case _:
            return f"May not go to {to} {purpose}. {why}."


def _ordered(words: Group, names: _Names) -> str:
    return f"To be delivered to {names.of(words.get('recipient'))}."


def _attempted(words: Group, names: _Names) -> str:
    why = names.why(words)
    return f"Try {words.get('attempt')} to reach {names.of(words.get('recipient'))} failed: {why}. It is tried again."


def _handed_over(words: Group, names: _Names) -> str:
    return f"Being sent to {names.of(words.get('recipient'))}; from here on it can no longer be called back."


def _acknowledged(words: Group, names: _Names) -> str:
    reference = _text(words, "partner_reference")
    tail = f" under {reference}" if reference else ""
    return f"{names.of(words.get('recipient'))} confirmed that it has it{tail}."


def _refused_by_partner(words: Group, names: _Names) -> str:
    return f"{names.of(words.get('recipient'))} would not take it: {names.why(words)}."


def _stuck(words: Group, names: _Names) -> str:
    to = f" with {names.of(words.get('recipient'))}" if words.get("recipient") else ""
    return f"Stuck{to}: {names.why(words)}. A person has to look."


def _withdrawn(words: Group, names: _Names) -> str:
    why = names.why(words)
    return f"Stopped before it left for {names.of(words.get('recipient'))}: {why}."


def _redecided(words: Group, names: _Names) -> str:
    to = names.of(words.get("recipient"))
    return f"Something changed before it left for {to}, so the rules were asked again."


def _review_opened(words: Group, names: _Names) -> str:
    role = ROLES.get(str(words.get("role")), "person")
    return f"Put before a {role}: {names.why(words)}."


def _review_decided(words: Group, names: _Names) -> str:
    if words.get("decision") == SETTLED:
        return "The question was closed: it has arrived, and there was nothing left to decide."
    choice = CHOICES.get(str(words.get("decision")), str(words.get("decision")))
    return f"{names.of(words.get('actor'))} decided: {choice.lower()}."


def _escalated(words: Group, _names: _Names) -> str:
    return f"Nobody answered in time; now with a {ROLES.get(str(words.get('role')), 'manager')}."


_STEPS: Mapping[str, str] = types.MappingProxyType(
    {
        "AcknowledgedByMash": "The MASH confirmed that it has read it.",
        "Decided": "The MASH has decided what happens next.",
        "Returned": "It goes back to its sender; the MASH has not had it.",
        "FedBack": "The referrer was told.",
        "NotFedBack": "There is nobody to tell what the MASH decided.",
        "rejected": "An answer came that does not fit what went before; a person was asked.",
    }
)
"""Steps worth a line of their own; the others are told by their deliveries and clocks."""


def _stepped(words: Group, _names: _Names) -> str:
    return _STEPS.get(str(words.get("step")), "")


def _proposed(words: Group, names: _Names) -> str:
    return f"{names.of(words.get('actor'))} would share it all the same; a second person must confirm that."


def _recalled(words: Group, names: _Names) -> str:
    return f"{names.of(words.get('actor'))} said that it was not meant for {names.of(words.get('recipient'))}."


def _noticed(words: Group, names: _Names) -> str:
    return f"{names.of(words.get('recipient'))} is told what to do with what it was sent: {names.why(words)}."


def _released(words: Group, names: _Names) -> str:
    actor, to = names.of(words.get("actor")), names.of(words.get("recipient"))
    return f"{actor} let it go to {to} at once, in an emergency; another person looks at that afterwards."


def _duty(words: Group) -> str:
    spec = DUTIES.get(str(words.get("duty")))
    return spec.title if spec else str(words.get("duty"))


def _duty_opened(words: Group, _names: _Names) -> str:
    return f"For a {ROLES.get(str(words.get('role')), 'person')}: {_duty(words)}."


def _duty_kept(words: Group, names: _Names) -> str:
    return f"{_duty(words)}: {words.get('outcome')}, said {names.of(words.get('actor'))}."


def _duty_late(words: Group, _names: _Names) -> str:
    return f"Not done in time, now with a {ROLES.get(str(words.get('role')), 'manager')} too: {_duty(words)}."


def _plain(text: str) -> Teller:
    return lambda _words, _names: text


TELLERS: Mapping[str, Teller] = types.MappingProxyType(
    {
        "message.received": _received,
        "message.quarantined": _quarantined,
        "message.duplicate": _plain("The same document came again; the sender got the same receipt and nothing else."),
        "message.conflict": _plain("Another document came under the same reference and was refused."),
        "message.replayed": _plain("A person put it back to work."),
        "message.discarded": _plain("A person decided that it is not tried again."),
        "message.dead_lettered": _stuck,
        "document.translated": _translated,
        "attachment.scanned": _scanned,
        "match.made": _matched,
        "decision.made": _decided,
        "delivery.ordered": _ordered,
        "delivery.attempted": _attempted,
        "delivery.handed_over": _handed_over,
        "delivery.acknowledged": _acknowledged,
        "delivery.refused": _refused_by_partner,
        "delivery.dead_lettered": _stuck,
        "delivery.withdrawn": _withdrawn,
        "delivery.redecided": _redecided,
        "review.opened": _review_opened,
        "review.decided": _review_decided,
        "review.escalated": _escalated,
        "review.proposed": _proposed,
        "delivery.recalled": _recalled,
        "notice.ordered": _noticed,
        "record.corrected": _plain("A person wrote a note beside it; everybody who was given it is told."),
        "glass.broken": _released,
        "duty.opened": _duty_opened,
        "duty.kept": _duty_kept,
        "duty.escalated": _duty_late,
        "conversation.stepped": _stepped,
        "timer.breached": _plain("A deadline passed; a person was told."),
        "label.mapped": _plain("A person said what an answer on the form means."),
        "label.retracted": _plain("A person took back what an answer on the form was said to mean."),
    }
)
"""How each kind of event is told. Kinds that are about the gateway alone, or about who looked, are not told here."""


def _text(words: Group, name: str) -> str | None:
    value = words.get(name)
    return value if isinstance(value, str) and value else None
