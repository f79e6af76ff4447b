"""Which single facts could be others tomorrow, by what people honestly do? A closed list; `flip` tries them.

Each says what would have to happen in the world, and what the question would then be. Nothing here makes a case graver
than it is, says that something is so which is not, takes a protection away, or makes a purpose up: such changes are not
on the list, so nobody can be told of them.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from gateway.consent.question import (
    Agreement,
    Consent,
    CourtOrder,
    Detriment,
    MatchFact,
    Override,
    PersonDecision,
    Purpose,
    Question,
)
from gateway.consent.statement_rules import Terms

_NO: Final = frozenset({"REFUSED", "WITHDRAWN"})
_UNSURE: Final = frozenset({None, "POTENTIAL", "LOW", "MANY", "NONE"})
_YEAR: Final = timedelta(days=365)
_SHARE: Final = frozenset({"SHARE"})
IMAGINED: Final = "imagined"
"""What a consent or a person's answer that is only supposed is called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What a change may go by besides the question: what consent means, and what the row that asked wants to hear."""

    terms: Terms
    asked_by: str | None = None
    audit_role: str | None = None
    social_work_role: str | None = None
    manager_role: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that could happen, in words, and what the question would be then; None where it makes no sense."""

    code: str
    plain: str
    made: Callable[[Question, World], Question | None]


def _recipient(**facts: object) -> Callable[[Question, World], Question | None]:
    return lambda question, _world: replace(question, recipient=replace(question.recipient, **facts))  # type: ignore[arg-type]  # fields of it


def _requester(**facts: object) -> Callable[[Question, World], Question | None]:
    return lambda question, _world: replace(question, requester=replace(question.requester, **facts))  # type: ignore[arg-type]  # fields of it


def _facts(**facts: object) -> Callable[[Question, World], Question | None]:
    return lambda question, _world: replace(question, **facts)  # type: ignore[arg-type]  # fields of it


def _agreed(question: Question, _world: World) -> Question:
    held = question.recipient.agreement or Agreement()
    return replace(
        question, recipient=replace(question.recipient, agreement=replace(held, status="in_force", expired_days=0))
    )


def _agreement_ends(question: Question, _world: World) -> Question | None:
    held = question.recipient.agreement
    if held is None or held.status != "in_force":
        return None
    ended = replace(held, status="expired", expired_days=1)
    return replace(question, recipient=replace(question.recipient, agreement=ended))


def _identified(question: Question, _world: World) -> Question | None:
    status = question.match.status if question.match else None
    return replace(question, match=MatchFact(status="MATCH", score=1.0)) if status in _UNSURE else None


def _doubted(question: Question, _world: World) -> Question | None:
    return replace(question, match=MatchFact(status="POTENTIAL")) if question.joined_by_match else None


def _yes(question: Question, world: World) -> Consent:
    """Return a yes to exactly this, in writing, by somebody who may say it."""
    recipient = question.recipient
    return Consent(
        consent_id=IMAGINED,
        giver_capacity="PARENT_PR" if "PARENT_PR" in world.terms.may_consent else min(world.terms.may_consent),
        kinds=tuple(sorted(world.terms.kinds.get(question.purpose, _SHARE))),
        purposes=(question.purpose.value,),
        status="GIVEN",
        mode=min(world.terms.written_modes),
        agencies_allowed=(recipient.organisation,) if recipient.organisation else (),
        effective_from=question.at,
        expires_on=question.at + _YEAR,
        conflict=False,
    )


def _consented(question: Question, world: World) -> Question:
    return replace(question, consents=(*question.consents, _yes(question, world)))


def _consent_to_check(question: Question, world: World) -> Question | None:
    if question.purpose is not Purpose.CHECK_EXISTS:
        return None
    return replace(_consented(question, world), consent_mode_satisfied=True)


def _confirmed(question: Question, world: World) -> Question | None:
    spoken = [one for one in question.consents if one.mode not in world.terms.written_modes]
    if not spoken:
        return None
    mode = min(world.terms.written_modes)
    return replace(question, consents=tuple(replace(one, mode=mode) for one in question.consents))


def _added(question: Question, _world: World) -> Question | None:
    """Return the question once the family has added the recipient to whom it may go."""
    name = question.recipient.organisation
    if name is None or not any(one.agencies_allowed for one in question.consents):
        return None
    return replace(
        question,
        consents=tuple(
            replace(one, agencies_allowed=(*one.agencies_allowed, name)) if one.agencies_allowed else one
            for one in question.consents
        ),
    )


def _mind_changed(question: Question, world: World) -> Question | None:
    """Return the question once the family itself has taken a no back and said yes to this."""
    if not any(one.status in _NO or one.agencies_denied for one in question.consents):
        return None
    kept = tuple(
        replace(one, status="SUPERSEDED") if one.status in _NO else replace(one, agencies_denied=())
        for one in question.consents
    )
    return _consented(replace(question, consents=kept), world)


def _reconciled(question: Question, _world: World) -> Question | None:
    if all(one.conflict is False for one in question.consents):
        return None
    return replace(question, consents=tuple(replace(one, conflict=False) for one in question.consents))


def _withdrawn(question: Question, _world: World) -> Question | None:
    if not question.consents:
        return None
    return replace(question, consents=tuple(replace(one, status="WITHDRAWN") for one in question.consents))


def _excluded(question: Question, _world: World) -> Question | None:
    name = question.recipient.organisation
    if name is None or not question.consents:
        return None
    return replace(
        question,
        consents=tuple(replace(one, agencies_denied=(*one.agencies_denied, name)) for one in question.consents),
    )


def _run_out(question: Question, _world: World) -> Question | None:
    ends = [one.expires_on for one in question.consents if one.expires_on is not None and one.expires_on > question.at]
    return replace(question, at=_latest(ends)) if ends else None


def _latest(ends: list[datetime]) -> datetime:
    return max(ends)


def _verified(question: Question, _world: World) -> Question | None:
    order = question.court_order
    if order is None or order.kind != "requires_disclosure" or order.verified is True:
        return None
    return replace(question, court_order=replace(order, verified=True))


def _forbidden(question: Question, _world: World) -> Question | None:
    if question.court_order is not None:
        return None
    return replace(question, court_order=CourtOrder(kind="prohibits_disclosure", verified=True))


def _weighed(question: Question, _world: World) -> Question | None:
    """Return the question once somebody has weighed the harm and found none; a harm that was found stays."""
    held = question.detriment
    if held is not None and held.assessed is True:
        return None
    return replace(question, detriment=Detriment(assessed=True, harmful=False))


def _overridden(question: Question, world: World) -> Question | None:
    if world.manager_role is None or question.purpose not in {Purpose.SAFEGUARD_S17, Purpose.STEP_UP}:
        return None
    decided = Override(asserted=True, basis="safeguarding", rationale=IMAGINED, authoriser_role=world.manager_role)
    return replace(question, override=decided)


def _asked_by_social_worker(question: Question, world: World) -> Question | None:
    if question.purpose is not Purpose.PULL_THROUGH or world.social_work_role is None:
        return None
    return replace(question, requester=replace(question.requester, role=world.social_work_role))


def _asked_by_auditor(question: Question, world: World) -> Question | None:
    if question.purpose is not Purpose.AUDIT or world.audit_role is None:
        return None
    return replace(question, requester=replace(question.requester, role=world.audit_role))


def _only_for(purpose: Purpose, **facts: object) -> Callable[[Question, World], Question | None]:
    made = _facts(**facts)
    return lambda question, world: made(question, world) if question.purpose is purpose else None


def _agreed_on_form(question: Question, _world: World) -> Question | None:
    return replace(question, agreement_on_form=None) if question.agreement_on_form is False else None


def _permitted(question: Question, world: World) -> Question | None:
    """Return the question once the person it waits for has said yes."""
    if world.asked_by is None:
        return None
    before = question.person_decision
    earlier = () if before is None or not before.reason else (before.reason, *before.earlier)
    person = PersonDecision(choice="permit", role=IMAGINED, review_id=IMAGINED, reason=world.asked_by, earlier=earlier)
    return replace(question, person_decision=person)


LETS_IT_GO: Final = (
    Change(code="IDENTIFIED", plain="Somebody who may say so establishes which child this is.", made=_identified),
    Change(
        code="CONSENTED",
        plain="The family, asked without pressure, agrees in writing that this recipient gets this for this purpose.",
        made=_consented,
    ),
    Change(
        code="CONFIRMED", plain="The family confirms in writing what it agreed to by word of mouth.", made=_confirmed
    ),
    Change(code="ADDED", plain="The family adds this recipient to those who may have it.", made=_added),
    Change(
        code="RECONCILED",
        plain="Those who have a say, and do not agree or are not known to, are asked, and agree.",
        made=_reconciled,
    ),
    Change(
        code="CHANGED_ITS_MIND",
        plain="Only the family can change this: it takes its no back, of its own accord, and agrees in writing.",
        made=_mind_changed,
    ),
    Change(
        code="AGREED_ON_FORM",
        plain="The family is asked, and the form says that it agrees.",
        made=_agreed_on_form,
    ),
    Change(
        code="FAMILY_AGREES",
        plain="The family is asked, and agrees to go on with early help.",
        made=_only_for(Purpose.STEP_DOWN, family_agreement=True),
    ),
    Change(code="AGREEMENT", plain="A sharing agreement with the recipient comes into force.", made=_agreed),
    Change(code="TRAINED", plain="Whoever asks shows valid training.", made=_requester(training_valid=True)),
    Change(
        code="SIGNED",
        plain="Whoever asks signs the information-sharing agreement.",
        made=_requester(agreement_signed=True),
    ),
    Change(code="AUTHENTICATED", plain="The sender shows who they are.", made=_requester(authenticated=True)),
    Change(
        code="SECURED", plain="The recipient gets a secure way to receive it.", made=_recipient(secure_channel=True)
    ),
    Change(
        code="LISTED",
        plain="The recipient is checked and entered in the directory.",
        made=_recipient(in_directory=True),
    ),
    Change(
        code="CALLED_BACK",
        plain="Whoever asks is called back, and is who they say.",
        made=_only_for(Purpose.CHECK_EXISTS, caller_verified=True),
    ),
    Change(
        code="CONSENT_TO_CHECK",
        plain="The family agrees, as this area asks for it, that somebody looks whether there is a record.",
        made=_consent_to_check,
    ),
    Change(code="VERIFIED", plain="Somebody verifies the order with the court.", made=_verified),
    Change(
        code="WEIGHED",
        plain="Somebody weighs whether telling harms the child more than not telling, and finds that it does not.",
        made=_weighed,
    ),
    Change(
        code="EPISODE",
        plain="If there is an open statutory episode, it is recorded.",
        made=_only_for(Purpose.PULL_THROUGH, statutory_episode_open=True),
    ),
    Change(code="SOCIAL_WORKER", plain="The child's social worker asks for it.", made=_asked_by_social_worker),
    Change(code="AUDITOR", plain="Somebody whose role allows it asks.", made=_asked_by_auditor),
    Change(
        code="OVERRIDDEN",
        plain="A manager, or somebody above, weighs the objection, decides that it must go, and writes down why.",
        made=_overridden,
    ),
    Change(code="PERMITTED", plain="The person it waits for decides that it may go.", made=_permitted),
)
"""What could let something go that does not, those that ask a family or mend something first."""

STOPS_IT: Final = (
    Change(code="WITHDRAWN", plain="The family withdraws its consent.", made=_withdrawn),
    Change(code="EXCLUDED", plain="The family excludes this recipient.", made=_excluded),
    Change(code="RUN_OUT", plain="The consent runs out.", made=_run_out),
    Change(
        code="FAMILY_DISAGREES",
        plain="The family does not agree to go on with early help.",
        made=_only_for(Purpose.STEP_DOWN, family_agreement=False),
    ),
    Change(code="AGREEMENT_ENDS", plain="The sharing agreement with the recipient runs out.", made=_agreement_ends),
    Change(code="DOUBTED", plain="It turns out not to be sure which child this is.", made=_doubted),
    Change(
        code="NOT_CALLED_BACK",
        plain="Whoever asks turns out not to be verified.",
        made=_only_for(Purpose.CHECK_EXISTS, caller_verified=False),
    ),
    Change(
        code="EPISODE_CLOSED",
        plain="The child's statutory episode is closed.",
        made=_only_for(Purpose.PULL_THROUGH, statutory_episode_open=False),
    ),
    Change(code="TRAINING_LAPSED", plain="The training of whoever asks lapses.", made=_requester(training_valid=False)),
    Change(code="FORBIDDEN", plain="A court forbids it.", made=_forbidden),
    Change(
        code="INSECURE", plain="The way to the recipient is no longer secure.", made=_recipient(secure_channel=False)
    ),
)
"""What would stop something that goes: what it rests on, the family's word first."""
