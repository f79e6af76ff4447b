"""What becomes of one file on its way from one format into another, with nothing around it?

The same steps as in the running gateway: the gate, the mapping in, a decision on the document's own consent block, the
clearance that cuts, the mapping out. There is no store, so nothing is known but what the document says.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from gateway.app.commands.shipped import library, policy_in_force, schemas
from gateway.consent.clearance import Clearance, CurrentFacts, clear
from gateway.consent.content_filter import Withheld, categories_in
from gateway.consent.decide import decide
from gateway.consent.decision import Permit
from gateway.consent.permission import words_of
from gateway.consent.permission_json import permission_from_json
from gateway.consent.question import Agreement, Consent, Mode, Purpose, Question, Recipient, Requester
from gateway.consent.question_json import permit_to_json
from gateway.consent.trial import trial_permit
from gateway.errors import GatewayError, PermanentError, UnsupportedFormatError
from gateway.flows.deciding.form_consent import consents_of_form
from gateway.formats.gate import RecordSource, gate, split
from gateway.formats.limits import Limits
from gateway.formats.register import FORMATS, Format, Reader
from gateway.model.category import Category
from gateway.model.document import Leaf, leaves_of
from gateway.model.tree import Group, Tree
from gateway.translation.mapping import Mapping
from gateway.translation.message_translator import (
    NOT_FOR_RELEASE,
    Translated,
    nothing_known,
    project,
    translate_in,
    translate_out,
)
from gateway.translation.partner_document import OutEnvelope, PartnerDocument

SENDER = "gateway-translate"
_LIMITS = Limits(size_bytes=2 * 2**30, nodes=50_000_000)
_TYPES = {
    "ecaf": "early_help",
    "mash": "mash",
    "ics": "social_care",
    "sims": "school",
    "borough": "council",
    "health": "health",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """From which format to which, when, and whether under a test permit."""

    source: Format
    target: Format
    at: datetime
    is_test: bool = False


@dataclass(slots=True, kw_only=True)
class Report:
    """What is told about a translation.

    Shape: `documents` are what was made; `decisions` the answer for each record that was not made, or not whole.
    """

    records_in: int = 0
    documents: list[Group] = field(default_factory=list)
    losses: list[Tree] = field(default_factory=list)
    warnings: list[Tree] = field(default_factory=list)
    unmapped: list[Tree] = field(default_factory=list)
    decisions: list[Tree] = field(default_factory=list)
    refused: list[Tree] = field(default_factory=list)
    permits: list[Tree] = field(default_factory=list)

    def as_json(self, written: list[str]) -> Group:
        """Return the report as the command line prints it."""
        report: Group = {
            "written": list(written),
            "records_in": self.records_in,
            "records_out": len(self.documents),
            "losses": self.losses,
            "warnings": self.warnings,
            "unmapped": self.unmapped,
            "mapping": library().digest,
            "decisions": self.decisions,
        }
        if self.permits:
            report["test_permits"] = self.permits
        if self.refused:
            report["refused"] = self.refused
        return report


def way(source: str, target: str, *, at: datetime, is_test: bool) -> Way:
    """Return the way between two formats.

    Raises:
        UnsupportedFormatError: there is no such format, or not in this direction.
    """
    return Way(source=inbound_format(source), target=_format(target, "out"), at=at, is_test=is_test)


def inbound_format(name: str) -> Format:
    """Return the format called *name*, which we read.

    Raises:
        UnsupportedFormatError: there is none.
    """
    return _format(name, "in")


def translate(body: bytes, chosen: Way, report: Report) -> None:
    """Translate every record of *body*, and add what came of it to *report*.

    Raises:
        PermanentError: the gate refuses the whole document.
    """
    checked = gate(chosen.source, body, content_type=None, schemas=schemas(), limits=_LIMITS)
    report.warnings += [{"path": one.path, "code": one.code, "message": one.message} for one in checked.warnings]
    for record in split(chosen.source, body, limits=_LIMITS):
        report.records_in += 1
        try:
            _translate_record(record, chosen, report)
        except PermanentError as error:
            report.refused.append({"record": record.position + 1, **error.as_json()})


def _translate_record(record: RecordSource, chosen: Way, report: Report) -> None:
    read = translate_in(library().inbound(chosen.source.name), record.tree, meaning=nothing_known, on=chosen.at.date())
    _tell(report, read)
    outbound = library().outbound(chosen.target.name)
    for part in _in_shape(read, outbound, report):
        consents = tuple(
            word
            for one in consents_of_form(read.tree, chosen.at)
            for word in words_of(permission_from_json({"consent_id": "form", **one}))
        )
        _hand_on(part, outbound, consents, chosen=chosen, report=report)


def _in_shape(read: Translated, outbound: Mapping, report: Report) -> Iterator[Translated]:
    """Yield what *read* says as the document the target holds: itself, or one for each child it is about."""
    if read.document == outbound.document:
        yield read
        return
    projection = library().projection(read.document, outbound.document)
    children = read.tree.get("children")
    for index in range(len(children) if isinstance(children, list) else 1):
        part = project(projection, read.tree, index=index)
        _tell(report, part)
        yield part


def _hand_on(
    part: Translated, outbound: Mapping, consents: tuple[Consent, ...], *, chosen: Way, report: Report
) -> None:
    """Decide on *part*, cut it, and write it in the target's format."""
    permit = _permit(part, consents, chosen, report)
    if permit is None:
        return
    facts = CurrentFacts(recipient=chosen.target.partner, epochs=permit.epochs)
    cleared = clear(permit, facts, chosen.at, document=part.document, tree=part.tree)
    if not isinstance(cleared, Clearance):
        raise PermanentError(f"the decision did not hold until hand-over: {cleared.reason}", code="stale")
    document = translate_out(outbound, cleared, envelope=_envelope(part, chosen))
    report.documents.append(_marked(document, chosen.target))
    report.losses += [{"path": one.path, "why": one.why} for one in document.losses]
    report.losses += _withheld(part, cleared.tree, document)


def _marked(document: PartnerDocument, target: Format) -> Group:
    """Return the tree of *document*; a transfer file under a test permit says so in its header.

    Our own formats say so in their envelope.
    """
    header = document.tree.get("Header")
    if target.reader is not Reader.CTF or not document.is_test or not isinstance(header, dict):
        return document.tree
    return {**document.tree, "Header": {**header, "DataDescriptor": NOT_FOR_RELEASE}}


def _permit(part: Translated, consents: tuple[Consent, ...], chosen: Way, report: Report) -> Permit | None:
    """Return the permit to hand *part* over, or None when the answer is another; it is in the report then."""
    recipient = chosen.target.partner
    if chosen.is_test:
        permit = trial_permit(part.document, recipient=recipient, at=chosen.at)
        report.permits.append(permit_to_json(permit))
        return permit
    policy = policy_in_force()
    decision = decide(_question(part, consents, chosen), policy=policy)
    if not isinstance(decision, Permit) or decision.is_redacted:
        reason = decision.grounds.reason
        words = policy.reasons[reason]
        report.decisions.append(
            {
                "record": report.records_in,
                "goes": isinstance(decision, Permit),
                "reason": reason,
                "why": words.text,
                "advice": words.advice,
            }
        )
    return decision if isinstance(decision, Permit) else None


def _question(part: Translated, consents: tuple[Consent, ...], chosen: Way) -> Question:
    """Return the sharing question: both sides in good order, so that only the document's own consent decides."""
    target = chosen.target.partner
    return Question(
        purpose=Purpose.REQUEST_EH,
        at=chosen.at,
        mode=Mode.DISCLOSE,
        direction="out",
        requester=Requester(
            organisation=SENDER,
            type=_TYPES[chosen.source.partner],
            authenticated=True,
            training_valid=True,
            agreement_signed=True,
        ),
        recipient=Recipient(
            organisation=target,
            type=_TYPES[target],
            in_directory=True,
            secure_channel=True,
            could_reidentify=False,
            agreement=Agreement(id="translate", version="1", status="in_force", expired_days=0),
        ),
        categories=_asked(part),
        consents=consents,
        joined_by_match=False,
        no_consent_block=not consents,
    )


def _asked(part: Translated) -> tuple[Category, ...]:
    found = categories_in(part.document, part.tree)
    return tuple(category for category in Category if category in found and category is not Category.ROUTING)


def _envelope(part: Translated, chosen: Way) -> OutEnvelope:
    """Return what the document is wrapped in; its id tells the same document again."""
    name = sha256(repr(part.tree).encode()).hexdigest()[:26]
    return OutEnvelope(
        message=chosen.target.kind,
        message_id=f"trl_{name}",
        correlation_id=f"trl_{name}",
        sent_at=chosen.at,
        sender=SENDER,
    )


def _withheld(part: Translated, cleared: Group, document: PartnerDocument) -> list[Tree]:
    """Return each leaf that was there before the cut and is not after it, with the reason."""
    return [
        {"path": leaf.path, "why": f"withheld: {_why(document.withheld, leaf)}"}
        for leaf in leaves_of(part.document).values()
        if _holds(part.tree, leaf.path) and not _holds(cleared, leaf.path)
    ]


def _why(withheld: tuple[Withheld, ...], leaf: Leaf) -> str:
    if leaf.internal:
        return "internal: it never leaves whoever it came from"
    reasons = [one.reason for one in withheld if _withholds(one, leaf)]
    return ", ".join(dict.fromkeys(reasons)) or "not needed for this purpose"


def _withholds(one: Withheld, leaf: Leaf) -> bool:
    tells = not leaf.tells.isdisjoint(one.telling)
    return leaf.category in one.categories or (one.locating and leaf.locates) or tells


def _holds(tree: Tree, path: str) -> bool:
    return _is_there(tree, path.replace("[]", "").split("."))


def _is_there(tree: Tree, names: list[str]) -> bool:
    if isinstance(tree, list):
        return any(_is_there(item, names) for item in tree)
    if not names:
        return tree is not None
    return isinstance(tree, dict) and names[0] in tree and _is_there(tree[names[0]], names[1:])


def _tell(report: Report, read: Translated) -> None:
    report.losses += [{"path": one.path, "why": one.why} for one in read.losses]
    report.warnings += [{"path": one.path, "code": one.code, "message": one.message} for one in read.warnings]
    report.unmapped += [{"path": one.path, "list": one.list_name, "label": one.label} for one in read.unmapped]


def _format(name: str, direction: str) -> Format:
    """Return a format by its full name, or the newest of its name without a version."""
    found = FORMATS.get(name) or _newest(name)
    if found is None or direction not in found.directions:
        spoken = ", ".join(form.name for form in FORMATS.values() if direction in form.directions)
        way_of = "read" if direction == "in" else "written"
        raise UnsupportedFormatError(f"{name[:60]!r} is not a format that is {way_of} here; there are {spoken}")
    return found


def _newest(stem: str) -> Format | None:
    versions = [form for name, form in FORMATS.items() if name.rpartition("-")[0] == stem]
    return versions[-1] if versions else None


def refusal(error: GatewayError) -> Group:
    """Return why a whole file was refused, as the report has it."""
    return {"error": dict(error.as_json())}
