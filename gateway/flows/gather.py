"""What is known, at this moment, about whether a document may go to a recipient?"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from gateway.consent import content_filter
from gateway.consent.question import (
    Agreement,
    Consent,
    MatchFact,
    Mode,
    PersonDecision,
    ProtectionFlag,
    Purpose,
    Question,
    Recipient,
    Requester,
)
from gateway.consent.question_json import consent_from_json, flag_from_json
from gateway.conversations.returned import Standing
from gateway.flows.context import Desk
from gateway.flows.documents import child_key, read_group
from gateway.flows.ports import UnitOfWork
from gateway.flows.rows import Organisation, Record
from gateway.model.category import Category
from gateway.model.identifiers import ChildRef, OrganisationId
from gateway.model.tree import Group

POLICY_EPOCH = "policy"
_FLAG = frozenset({"flag"})
_BOTH = frozenset({"flag", "consent"})
_NO_CONTENT = frozenset({Purpose.FEEDBACK, Purpose.ADMIN})
"""Purposes whose documents hold routing data only: no match joined anything in them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharing:
    """One document, one recipient, and what it is for."""

    record: Record
    tree: Group
    recipient: OrganisationId
    requester: OrganisationId
    purpose: Purpose
    mode: Mode
    direction: str
    decided: PersonDecision | None = None
    standing: Standing | None = None


def epoch_names(subjects: Iterable[ChildRef], recipient: OrganisationId, mode: Mode) -> tuple[str, ...]:
    """Return the counters whose rise makes a decision to share a document about *subjects* stale.

    What a form says of consent has a counter of its own: a conveyed document rests on nobody's consent, and must not be
    decided again whenever another form about the child comes in.
    """
    children = tuple(dict.fromkeys(subjects))
    consents = () if mode is Mode.CONVEY else (consent_epoch(ref) for ref in children)
    return (*(f"child:{ref}" for ref in children), *consents, f"recipient:{recipient}", POLICY_EPOCH)


def consent_epoch(child: ChildRef) -> str:
    """Return the counter of what forms say about consent to share *child*'s documents."""
    return f"consent:{child}"


def gather(desk: Desk, uow: UnitOfWork, sharing: Sharing) -> tuple[Question, ...]:
    """Return the sharing questions about *sharing*, with every fact the store holds now: one for each child.

    One child's consent says nothing of another, and so each is asked for by itself. Nobody's word is looked at for what
    is conveyed: that is one question, with everybody's protection flags.
    """
    subjects = tuple(dict.fromkeys(sharing.record.subjects))
    if sharing.mode is Mode.CONVEY or len(subjects) <= 1:
        return (_question(desk, uow, sharing, subjects),)
    first, *others = (_question(desk, uow, sharing, (ref,)) for ref in subjects)
    return (first, *(replace(one, at=first.at) for one in others))


def _question(desk: Desk, uow: UnitOfWork, sharing: Sharing, subjects: tuple[ChildRef, ...]) -> Question:
    # What a sender conveys to the addressee they named rests on nobody's consent: the family's word is not read for it.
    kinds = _FLAG if sharing.mode is Mode.CONVEY else _BOTH
    consents, flags = _facts(desk, uow, subjects, kinds)
    record, standing = sharing.record, sharing.standing
    recipient = uow.directory.organisation(sharing.recipient)
    match = MatchFact(status=record.match_status, score=record.match_score) if record.match_status else None
    return Question(
        purpose=sharing.purpose,
        at=desk.clock.now(),
        mode=sharing.mode,
        direction=sharing.direction,
        level=_text(sharing.tree, "level"),
        area=desk.authority,
        requester=_requester(uow.directory.organisation(sharing.requester)),
        recipient=_recipient(recipient, desk.clock.now()),
        categories=_asked(record.document, sharing.tree, flags),
        consents=consents,
        flags=tuple(_seen_by(flag, recipient) for flag in flags),
        match=match,
        joined_by_match=bool(record.subjects) and sharing.purpose not in _NO_CONTENT,
        emergency=sharing.purpose is Purpose.EMERGENCY or None,
        no_consent_block="consent" not in sharing.tree,
        early_help_alone=standing.is_early_help_alone if standing else None,
        agreement_on_form=False if standing and standing.missing else None,
        can_go_back=standing.can_go_back if standing else None,
        person_decision=sharing.decided,
        switches=desk.switches,
    )


def _asked(document: str, tree: Group, flags: tuple[ProtectionFlag, ...]) -> tuple[Category, ...]:
    """Return what is asked for: what the document holds.

    Where somebody in it is protected, all that such a document can hold: what is withheld is named to the receiver, and
    nothing may tell whether it was there.
    """
    if not flags:
        return categories_in(document, tree)
    return tuple(one for one in content_filter.categories_of(document) if one is not Category.ROUTING)


def categories_in(document: str, tree: Group) -> tuple[Category, ...]:
    """Return the kinds of information *tree* really holds, in the model's order; routing data is none."""
    found = content_filter.categories_in(document, tree)
    return tuple(category for category in Category if category in found and category is not Category.ROUTING)


def flags_of(desk: Desk, uow: UnitOfWork, subjects: tuple[ChildRef, ...]) -> tuple[ProtectionFlag, ...]:
    """Return the protection flags that stand on any of *subjects*."""
    return _facts(desk, uow, subjects, _FLAG)[1]


def _facts(
    desk: Desk, uow: UnitOfWork, subjects: tuple[ChildRef, ...], kinds: frozenset[str]
) -> tuple[tuple[Consent, ...], tuple[ProtectionFlag, ...]]:
    consents: list[Consent] = []
    flags: list[ProtectionFlag] = []
    for ref in dict.fromkeys(subjects):
        key = child_key(uow, ref)
        for fact in (one for one in uow.facts.of_child(ref) if one.kind in kinds):
            body = read_group(desk.vault.open(key, f"fact/{fact.fact_id}", fact.sealed))
            if fact.kind == "consent":
                consents.append(consent_from_json(body))
            else:
                flags.append(replace(flag_from_json(body), person=ref))
    return tuple(consents), tuple(flags)


def _seen_by(flag: ProtectionFlag, recipient: Organisation) -> ProtectionFlag:
    """Return *flag* with *recipient* on its need-list, where the recipient needs to know of every such flag."""
    if flag.flag not in recipient.profile.get("need_list", ()):
        return flag
    return replace(flag, need_list=(*flag.need_list, recipient.organisation))


def _requester(organisation: Organisation) -> Requester:
    staff = organisation.profile.get("staff", {})
    return Requester(
        organisation=organisation.organisation,
        type=organisation.type,
        authenticated=organisation.is_enabled,
        training_valid=staff.get("training_valid"),
        agreement_signed=staff.get("agreement_signed"),
        listed_safeguarding_person=organisation.profile.get("listed_safeguarding_person"),
    )


def _recipient(organisation: Organisation, at: datetime) -> Recipient:
    profile = organisation.profile
    return Recipient(
        organisation=organisation.organisation,
        type=organisation.type,
        in_directory=organisation.is_enabled,
        secure_channel=profile.get("secure_channel"),
        listed_safeguarding_person=profile.get("listed_safeguarding_person"),
        could_reidentify=profile.get("could_reidentify", False),
        held_content=profile.get("held_content"),
        agreement=agreement_at(organisation, at),
    )


def agreement_at(organisation: Organisation, at: datetime) -> Agreement:
    """Return the sharing agreement with *organisation* as it stands at *at*."""
    return _agreement(organisation.profile.get("agreement", {}), at)


def _agreement(agreement: Mapping[str, object], at: datetime) -> Agreement:
    """Return an agreement as it stands at *at*: one whose last day has passed is expired, whatever its profile says."""
    status = _word(agreement.get("status")) or "missing"
    last = _word(agreement.get("expires_on"))
    days = (at.date() - date.fromisoformat(last)).days if last else 0
    return Agreement(
        id=_word(agreement.get("id")),
        version=_word(agreement.get("version")),
        status="expired" if days > 0 and status == "in_force" else status,
        expired_days=max(days, 0) if last else None,
    )


def _word(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _text(tree: Group, name: str) -> str | None:
    return _word(tree.get(name))
