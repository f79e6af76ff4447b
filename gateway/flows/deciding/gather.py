"""What is known, at this moment, about whether a document may go to a recipient?"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from gateway.consent import content_filter
from gateway.consent.case import FLAGS
from gateway.consent.clearance import CurrentFacts
from gateway.consent.content_filter import hides_persons
from gateway.consent.decision import Permit
from gateway.consent.help_agreement import HelpAgreement, agrees
from gateway.consent.hidden_person import SOMEBODY, THIRD_PARTY, HiddenPerson
from gateway.consent.permission import Permission, may_know_of_adult, protects_adult, words_of
from gateway.consent.permission_json import help_from_json, permission_from_json
from gateway.consent.question import (
    Consent,
    MatchFact,
    Mode,
    Override,
    PersonDecision,
    ProtectionFlag,
    Purpose,
    Question,
    Recipient,
    Requester,
)
from gateway.consent.question_json import flag_from_json, hidden_from_json
from gateway.conversations.returned import Standing
from gateway.flows.context import Desk
from gateway.flows.deciding.agreements import agreement_at
from gateway.flows.deciding.form_consent import CHECK_EXISTS
from gateway.flows.deciding.law_facts import with_law
from gateway.flows.documents import child_key, read_group
from gateway.flows.ports import UnitOfWork
from gateway.flows.store.rows import Delivery, Organisation, Record
from gateway.model.category import Category
from gateway.model.identifiers import ChildRef, OrganisationId
from gateway.model.tree import Group

POLICY_EPOCH = "policy"
_FLAG = frozenset({"flag"})
_ALL = frozenset({"flag", "consent", "help"})
_ADULTS_WORD = ProtectionFlag(flag=THIRD_PARTY)
"""What stands for an adult of the family who has not agreed, or not to all of it."""
NO_CONTENT = frozenset({Purpose.FEEDBACK, Purpose.ADMIN})
"""Purposes whose documents hold routing data only: no match joined anything in them."""
_LOOKED_UP = frozenset({"ecaf.answer"})
"""Documents whose content another system found by itself: no match of ours joined anything in them."""


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
    override: Override | None = None


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
    kinds = _FLAG if sharing.mode is Mode.CONVEY else _ALL
    known = _facts(desk, uow, subjects, kinds)
    flags, at = known.flags, desk.clock.now()
    record, standing = sharing.record, sharing.standing
    recipient = uow.directory.organisation(sharing.recipient)
    match = MatchFact(status=record.match_status, score=record.match_score) if record.match_status else None
    question = Question(
        purpose=sharing.purpose,
        at=at,
        mode=sharing.mode,
        direction=sharing.direction,
        level=_text(sharing.tree, "level"),
        area=desk.authority,
        requester=_ourselves(desk) if sharing.requester == desk.sender else _requester(uow, sharing.requester),
        recipient=replace(_recipient(recipient, at, sharing.purpose), held_content=_has_held(uow, sharing, subjects)),
        categories=_asked(record.document, sharing.tree, flags),
        consents=known.consents,
        flags=tuple(_seen_by(flag, recipient) for flag in flags),
        match=match,
        joined_by_match=bool(record.subjects) and not (sharing.purpose in NO_CONTENT or record.document in _LOOKED_UP),
        emergency=sharing.purpose is Purpose.EMERGENCY or None,
        family_agreement=agrees(known.help, at),
        no_consent_block="consent" not in sharing.tree,
        early_help_alone=standing.is_early_help_alone if standing else None,
        agreement_on_form=False if standing and standing.missing else None,
        can_go_back=standing.can_go_back if standing else None,
        override=sharing.override,
        person_decision=sharing.decided,
        caller_verified=_is_verified(uow, sharing),
        consent_mode_satisfied=_is_agreed(desk, sharing, known.consents),
        switches=desk.rules.at(desk.authority, at).switches,
    )
    return with_law(desk, uow, subjects, question)


def _is_verified(uow: UnitOfWork, sharing: Sharing) -> bool | None:
    """Tell whether those who ask at the requester are known to be called back, or to sign in by name there."""
    if sharing.purpose is not Purpose.CHECK_EXISTS:
        return None
    staff = uow.directory.organisation(sharing.requester).profile.get("staff", {})
    return staff.get("callers_verified") is True


def _is_agreed(desk: Desk, sharing: Sharing, consents: tuple[Consent, ...]) -> bool | None:
    """Tell whether the family agreed that the recipient learns whether there is a record.

    What an area wants beside it (who gave it, in writing) is for the rules and its profile to say.
    """
    if sharing.purpose is not Purpose.CHECK_EXISTS:
        return None
    at = desk.clock.now()
    said = [one for one in consents if CHECK_EXISTS in one.kinds and sharing.recipient in one.agencies_allowed]
    if any(one.status == "REFUSED" for one in said):
        return False
    return any(
        one.status == "GIVEN"
        and one.effective_from is not None
        and one.expires_on is not None
        and one.effective_from <= at < one.expires_on
        for one in said
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
    return _facts(desk, uow, subjects, _FLAG).flags


def facts_now(
    desk: Desk, uow: UnitOfWork, permit: Permit, subjects: tuple[ChildRef, ...], *, to: OrganisationId, mode: Mode
) -> CurrentFacts:
    """Return what is true now, where a document about *subjects* is about to be handed over under *permit*.

    Whom the permit hides is read beside its counters: while they stand, it is whom the decision knew of.
    """
    hidden = hidden_from(desk, uow, to, subjects) if hides_persons(permit) else ()
    return CurrentFacts(recipient=to, epochs=uow.epochs.current(epoch_names(subjects, to, mode)), hidden=hidden)


def hidden_from(
    desk: Desk, uow: UnitOfWork, name: OrganisationId, subjects: tuple[ChildRef, ...]
) -> tuple[HiddenPerson, ...]:
    """Return who of *subjects*' families must not be told of to the organisation called *name*, each once."""
    recipient = uow.directory.organisation(name)
    known = _facts(desk, uow, subjects, _ALL)
    hiding = (
        persons
        for flag, persons in zip(known.flags, known.hidden, strict=True)
        if recipient.organisation not in _seen_by(flag, recipient).need_list
    )
    return tuple(dict.fromkeys(person for persons in hiding for person in persons))


@dataclass(frozen=True, slots=True)
class _Known:
    """What is held about the children of one question; `hidden` is whom each of `flags` hides, in their order."""

    consents: tuple[Consent, ...]
    flags: tuple[ProtectionFlag, ...]
    help: tuple[HelpAgreement, ...]
    hidden: tuple[tuple[HiddenPerson, ...], ...]


def _facts(desk: Desk, uow: UnitOfWork, subjects: tuple[ChildRef, ...], kinds: frozenset[str]) -> _Known:
    consents: list[Consent] = []
    flags: list[ProtectionFlag] = []
    hidden: list[tuple[HiddenPerson, ...]] = []
    said: list[HelpAgreement] = []
    for ref in dict.fromkeys(subjects):
        key = child_key(uow, ref)
        for fact in (one for one in uow.facts.of_child(ref) if one.kind in kinds):
            body = read_group(desk.vault.open(key, f"fact/{fact.fact_id}", fact.sealed))
            if fact.kind == "consent":
                permission = permission_from_json(body)
                consents.extend(words_of(permission))
                if protects_adult(permission):
                    flags.append(replace(_ADULTS_WORD, need_list=may_know_of_adult(permission)))
                    hidden.append((_adult_of(permission),))
            elif fact.kind == "help":
                said.append(help_from_json(body))
            else:
                flag = flag_from_json(body)
                flags.append(replace(flag, person=ref))
                hidden.append(_hidden_by(flag, body))
    return _Known(tuple(consents), tuple(flags), tuple(said), tuple(hidden))


def _adult_of(permission: Permission) -> HiddenPerson:
    """Return whom an adult's own word protects; some records name them as their document does."""
    return HiddenPerson(name=permission.subject, reference=permission.subject)


def _hidden_by(flag: ProtectionFlag, body: Group) -> tuple[HiddenPerson, ...]:
    """Return whom *flag* hides: those it names, or somebody; one that nobody knows protects like all of them."""
    if flag.flag == THIRD_PARTY:
        return hidden_from_json(body) or (SOMEBODY,)
    return () if flag.flag in FLAGS else (SOMEBODY,)


def _seen_by(flag: ProtectionFlag, recipient: Organisation) -> ProtectionFlag:
    """Return *flag* with *recipient* on its need-list, where the recipient needs to know of every such flag."""
    if flag.flag not in recipient.profile.get("need_list", ()):
        return flag
    return replace(flag, need_list=(*flag.need_list, recipient.organisation))


def _ourselves(desk: Desk) -> Requester:
    """Return the gateway as the one who sends: what it says of itself is the authority's own word, and no user's."""
    return Requester(
        organisation=desk.sender, type="council", authenticated=True, training_valid=True, agreement_signed=True
    )


def _has_held(uow: UnitOfWork, sharing: Sharing, children: tuple[ChildRef, ...]) -> bool | None:
    """Tell whether a notice is for somebody who was ever given anything about *children*; asked of notices only."""
    if sharing.purpose is not Purpose.ADMIN:
        return None
    given = (one for child in children for one in uow.delivery_lists.given_about(child))
    return any(one.recipient == sharing.recipient and one.purpose != Purpose.ADMIN for one in given)


def holds_content(delivery: Delivery) -> bool:
    """Tell whether *delivery* is one of content, and not of routing data alone."""
    return Purpose(delivery.purpose) not in NO_CONTENT


def _requester(uow: UnitOfWork, name: OrganisationId) -> Requester:
    organisation = uow.directory.organisation(name)
    staff = organisation.profile.get("staff", {})
    return Requester(
        organisation=organisation.organisation,
        type=organisation.type,
        authenticated=organisation.is_enabled,
        training_valid=staff.get("training_valid"),
        agreement_signed=staff.get("agreement_signed"),
        listed_safeguarding_person=organisation.profile.get("listed_safeguarding_person"),
    )


def _recipient(organisation: Organisation, at: datetime, purpose: Purpose) -> Recipient:
    profile = organisation.profile
    return Recipient(
        organisation=organisation.organisation,
        type=organisation.type,
        in_directory=organisation.is_enabled,
        secure_channel=profile.get("secure_channel"),
        listed_safeguarding_person=profile.get("listed_safeguarding_person"),
        could_reidentify=profile.get("could_reidentify", False),
        agreement=agreement_at(organisation, at, purpose),
    )


def _word(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _text(tree: Group, name: str) -> str | None:
    return _word(tree.get(name))
