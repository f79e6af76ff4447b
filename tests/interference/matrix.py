"""Who must never see what? The never-see matrix of early help and safeguarding, each row with where its data can stand.

Each row names the fields that can hold its data, by their names in any document; who must never get them, whatever the
purpose; and somebody who is entitled, so that no row passes because nothing ever goes.
"""

import re
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any, cast

from gateway.consent.clearance import Clearance, CurrentFacts, clear
from gateway.consent.content_filter import categories_of
from gateway.consent.decide import decide
from gateway.consent.decision import Decision, Permit, Review
from gateway.consent.policy import Policy
from gateway.consent.question import (
    Agreement,
    Consent,
    Detriment,
    MatchFact,
    Mode,
    PersonDecision,
    ProtectionFlag,
    Purpose,
    Question,
    Recipient,
    Requester,
)
from gateway.flows.by_hand.aftercare import PARTS
from gateway.formats.register import FORMATS, Format
from gateway.formats.writers import write_document
from gateway.model.annotation import annotation, kind_at
from gateway.model.document import DOCUMENTS, leaves_of, parts_of
from gateway.model.tree import Group, Tree
from gateway.translation.library import Library
from gateway.translation.message_translator import translate_out
from gateway.translation.partner_document import OutEnvelope

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
CANARY = "Kanarienvogel"
CORRECTION = FORMATS["ecaf/correction-1"]
OUTBOUND = tuple(form for form in FORMATS.values() if "out" in form.directions)
FAMILY = ("parent", "carer", "family")
_FREE = r"worry|harm|reason|situation|support_wanted|conclusions|summary|discussion|answer|needs|comment"
NEED = frozenset({Purpose.SAFEGUARD_S17, Purpose.SAFEGUARD_S47, Purpose.EMERGENCY, Purpose.STATUTORY_OTHER})


@dataclass(frozen=True, slots=True, kw_only=True)
class Never:
    """One row of the matrix.

    Shape: `where` matches the paths of fields that can hold the data. `never` are types of recipient; `but` the
    purposes in which they may, `only` those the row is about. `flag` protects the data, where one is needed for it;
    `entitled` is somebody on its need-list, who gets it for `purpose`.
    """

    name: str
    where: str
    never: tuple[str, ...]
    entitled: str
    purpose: Purpose = Purpose.SAFEGUARD_S47
    flag: str | None = None
    but: frozenset[Purpose] = frozenset()
    only: frozenset[Purpose] = field(default_factory=lambda: frozenset(Purpose))


MATRIX = (
    Never(
        name="a withheld address",
        where=rf"(address|addresses\[\])\.(lines\[\]|town|postcode)|(child|children\[\])\.(telephones\[\]|emails\[\]|upn)"
        rf"|schooling\.(name|urn)|general_practice|current_location|(practitioners|professionals)\[\]\.(name|organisation)"
        rf"|\.?({_FREE})(\[\])?$",
        never=(*FAMILY, "portal", "school", "council", "voluntary", "early_help"),
        entitled="social_care",
        flag="ADDRESS_WITHHELD",
    ),
    Never(
        name="an adopted child's birth identity",
        where=rf"former_names|former_(upn|given_names|family_name)|identifiers\[\]\.value|previous_episode|({_FREE})(\[\])?$",
        never=(*FAMILY, "school", "council", "health", "early_help", "social_care", "mash", "police"),
        entitled="social_care",
        purpose=Purpose.PULL_THROUGH,
        flag="ADOPTED",
    ),
    Never(
        name="who told us",
        where=r"(referrer|requested_by)\.(name|telephones\[\]|emails\[\]|address\.postcode)|provenance\[\]\.(by|organisation)",
        never=FAMILY,
        entitled="mash",
    ),
    Never(
        name="who told us, in confidence",
        where=rf"(referrer|requested_by)\.(name|telephones\[\]|address\.postcode)|provenance\[\]\.by|({_FREE})(\[\])?$",
        never=(*FAMILY, "voluntary", "portal"),
        entitled="mash",
        flag="INFORMANT",
    ),
    Never(
        name="who told us, in confidence, to those who safeguard",
        where=r"(referrer|requested_by)\.(name|telephones\[\]|emails\[\]|address\.postcode)|provenance\[\]\.by",
        never=("school", "council", "health", "early_help", "social_care", "police"),
        entitled="mash",
        flag="INFORMANT",
    ),
    Never(
        name="what the police told",
        where=r"held_by_police\.",
        never=(*FAMILY, "school", "council", "health", "early_help", "voluntary", "housing"),
        entitled="mash",
    ),
    Never(
        name="what a young person tells in confidence",
        where=r"\.gender|sexual_health\.|sexual_orientation\.|elements\.identity\.|child_comment|child_view|views\[\]\.text",
        never=(*FAMILY, "school"),
        entitled="health",
        flag="COMPETENT_CONFIDENTIAL",
    ),
    Never(
        name="a parent's own health",
        where=r"family_history\.|mental_health\.|substance_use\.",
        never=(*FAMILY, "school"),
        entitled="health",
    ),
    Never(
        name="the other parent",
        where=r"(parents|household|family|contacts)\[\]\.(name|telephones\[\]|address\.postcode|born_as_written)",
        never=FAMILY,
        entitled="social_care",
    ),
    Never(
        name="a brother or sister",
        where=r"children\[\]\.(family_name|given_names)|(family|contacts|parents)\[\]\.(episode|school)",
        never=FAMILY,
        entitled="social_care",
    ),
    Never(
        name="a brother or sister, when a child moves",
        where=r"children\[\]\.(family_name|given_names)|(family|contacts|parents)\[\]\.(episode|school)",
        never=("council", "early_help", "social_care"),
        only=frozenset({Purpose.TRANSFER}),
        entitled="social_care",
    ),
    Never(
        name="where a looked-after child is placed",
        where=r"(child|children\[\])\.(address\.postcode|current_location)|care_authority",
        never=FAMILY,
        entitled="social_care",
        flag="ADDRESS_WITHHELD",
    ),
    Never(
        name="a victim's data, to whoever hurt them",
        where=r"domestic_abuse\.|other_people\.|(parents|family|contacts)\[\]\.(name|telephones\[\]|address\.postcode)",
        never=FAMILY,
        entitled="social_care",
    ),
    Never(
        name="who somebody is who works with the family",
        where=r"(practitioners|professionals|assessors|team)\[\]\.name|lead_professional(\.name)?$|\.chair"
        r"|responsible|requested_by$|invited\[\]\.name|\.author$|referrer\.name|requested_by\.name",
        never=FAMILY,
        entitled="social_care",
    ),
    Never(
        name="immigration status",
        where=r"immigration_status",
        never=(*FAMILY, "school", "council", "health", "early_help", "social_care", "mash", "police", "housing"),
        but=NEED,
        entitled="social_care",
    ),
    Never(
        name="what a MASH asks its partners",
        where=r"^children\[\]\.(given_names|family_name|nhs_number)$",
        never=("early_help", "school", "council", "voluntary", *FAMILY),
        entitled="health",
    ),
    Never(
        name="what a partner answers a MASH",
        where=r"^(risk|contact_role|contact_telephones\[\]|contact_emails\[\])$",
        never=("early_help", "school", "council", "voluntary", *FAMILY),
        entitled="mash",
    ),
)
_CODES = {"record.schools[].reason"}
"""What has the name of free text and is a code."""
_ONE_DOCUMENT = {"what a MASH asks its partners": "mash.check", "what a partner answers a MASH": "mash.answer"}
"""Rows that are about one document alone."""


def paths_of(row: Never, document: str) -> frozenset[str]:
    """Return the paths of *document* that can hold what *row* is about; routing data is never personal."""
    if _ONE_DOCUMENT.get(row.name, document) != document:
        return frozenset()
    texts = (path for path, leaf in leaves_of(document).items() if leaf.kind is str and leaf.category != "CAT-ROUTING")
    found = (path for path in texts if re.search(row.where, path) and path not in _CODES)
    return frozenset(path for path in found if not leaves_of(document)[path].internal)


def full(document: str, canaries: frozenset[str]) -> Group:
    """Return a document whose every field is filled in, with the canary in each of *canaries*."""
    return _filled(cast("type", DOCUMENTS[document]), "", canaries, depth=0)


def noted(row: Never, document: str) -> Group:
    """Return a correction with the canary in a note beside each field of *document* that can hold the data of *row*."""
    tree: Group = {"documents": ["dlv_1"], "at": AT.isoformat()}
    for path in sorted(paths_of(row, document)):
        part = cast("list[Tree]", tree.setdefault(PARTS[kind_at(document, path)], []))
        part.append(annotation(path, CANARY, (leaves_of(document)[path],)))
    return tree


def question(row: Never, form: Format, kind: str, purpose: Purpose, mode: Mode, **more: Any) -> Question:
    """Return the question about a whole document in which everything speaks for letting it go."""
    flag = ProtectionFlag(flag=row.flag or "", need_list=("entitled",))
    name = more.pop("organisation", "never")
    return Question(
        purpose=purpose,
        at=AT,
        mode=mode,
        direction="out",
        level=more.pop("level", "L2"),
        requester=Requester(
            organisation="us",
            type="early_help",
            role="SOCIAL_WORKER",
            authenticated=True,
            training_valid=True,
            agreement_signed=True,
            listed_safeguarding_person=True,
        ),
        recipient=Recipient(
            organisation=name,
            type=kind,
            in_directory=True,
            secure_channel=True,
            listed_safeguarding_person=more.pop("listed", kind not in {"voluntary", "portal", *FAMILY}),
            could_reidentify=False,
            held_content=True,
            agreement=Agreement(id="a", version="1", status="in_force", expired_days=0),
        ),
        categories=categories_of(form.document),
        consents=(_CONSENT,),
        flags=(flag,) if row.flag else (),
        match=MatchFact(status="MATCH", score=1.0),
        deemed_relevant=True,
        detriment=Detriment(assessed=True, harmful=False),
        statutory_episode_open=True,
        caller_verified=True,
        consent_mode_satisfied=True,
        family_agreement=True,
        **more,
    )


_CONSENT = Consent(
    consent_id="c1",
    giver_capacity="PARENT_PR",
    kinds=("ASSESS", "STORE", "SHARE", "CHECK_EXISTS", "TRANSFER", "SCHOOL_EXPORT"),
    purposes=tuple(Purpose),
    status="GIVEN",
    mode="WRITTEN_SIGNED",
    agencies_allowed=("never", "entitled", "ANY_LA"),
    effective_from=datetime(2026, 9, 1, tzinfo=UTC),
    expires_on=datetime(2027, 9, 1, tzinfo=UTC),
    conflict=False,
)


def answered(asked: Question, policy: Policy) -> Decision:
    """Return the decision on *asked*, after a person has said yes to whatever rules hand to one."""
    said: tuple[str, ...] = ()
    decision = decide(asked, policy=policy)
    while isinstance(decision, Review) and decision.grounds.reason not in said:
        reason = decision.grounds.reason
        word = PersonDecision(choice="permit", role="CALDICOTT_GUARDIAN", review_id="r", reason=reason, earlier=said)
        said = (*said, reason)
        decision = decide(_with(asked, word), policy=policy)
    return decision


def _with(asked: Question, word: PersonDecision) -> Question:
    told = {name: getattr(asked, name) for name in asked.__slots__}
    return Question(**{**told, "person_decision": word})


def cleared(decision: Permit, form: Format, tree: Group) -> Clearance:
    """Return the clearance of *tree* under *decision*, now."""
    facts = CurrentFacts(recipient=decision.grounds.recipient, epochs={})
    made = clear(decision, facts, AT, document=form.document, tree=tree)
    assert isinstance(made, Clearance), made
    return made


def written(clearance: Clearance, form: Format, library: Library) -> bytes:
    """Return the bytes of a cleared document as they leave."""
    envelope = OutEnvelope(message=form.kind, message_id="m", correlation_id="c", sent_at=AT, sender="us")
    document = translate_out(library.outbound(form.name), clearance, envelope=envelope)
    return write_document(form, document.tree)


def _filled(cls: type, path: str, canaries: frozenset[str], *, depth: int) -> Group:
    parts = parts_of(cls)
    tree: Group = {}
    for spec in fields(cls):
        kind, many = parts[spec.name]
        where = f"{path}{spec.name}{'[]' if many else ''}"
        if spec.name in {"sha256", "content", "of"}:
            continue
        one = (
            _filled(kind, f"{where}.", canaries, depth=depth + 1)
            if is_dataclass(kind)
            else _value(kind, where, canaries)
        )
        tree[spec.name] = [one, one] if many and is_dataclass(kind) and depth == 0 else [one] if many else one
    return tree


def _value(kind: type, where: str, canaries: frozenset[str]) -> Tree:
    if where in canaries:
        return CANARY
    if issubclass(kind, Enum):
        return cast("str", next(iter(kind)).value)
    if issubclass(kind, datetime):
        return AT.isoformat()
    if issubclass(kind, date):
        return "2016-06-14"
    return True if kind is bool else 1 if kind is int else "2026" if where.endswith("academic_year") else "told"
