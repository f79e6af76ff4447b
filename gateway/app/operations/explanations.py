"""Why was this decided so, what would turn it, what may the family be told, and do the rules still say so?"""

from gateway.app.bootstrap import Application
from gateway.app.operations.arguments import Argument, Kind
from gateway.app.operations.caller import Caller
from gateway.app.operations.operation import Operation
from gateway.app.operations.roles import Permission
from gateway.consent.decision import Permit
from gateway.consent.explain import explain
from gateway.consent.facts_told import facts_told
from gateway.consent.family_words import for_family
from gateway.consent.flip import Flip, flips
from gateway.consent.policy import Policy
from gateway.consent.question_json import answer_to_json
from gateway.errors import NotFoundError
from gateway.flows.context import Desk
from gateway.flows.deciding.asked_again import Asked, again, asked, is_as_stored, policy_of
from gateway.flows.ports import UnitOfWork
from gateway.flows.rehearsal import decision_changes
from gateway.model.identifiers import ChildRef, DeliveryId, PermitId, ReviewId
from gateway.model.tree import Group, Tree

_NAME = Argument(
    name="name",
    help="permit, delivery or review id, such as prm_01...",
    pattern=r"(prm|dlv|rev)_[0-9a-z]{20,30}",
    required=True,
)
_REPLAY = Argument(name="replay", help="ask the rules again: those of then, and those of now", kind=Kind.YES_NO)
_UNDER = Argument(name="under", help="another version than the one in force, for the second answer", most=128)
_WHO = (Permission.DECIDE_REVIEWS, Permission.RECORD_CONSENT, Permission.EXPORT_LOG)
"""Who sees the facts, what would turn it, and what the family may be told: those who decide, record or audit."""


def explain_decision(application: Application, caller: Caller, args: Group) -> Group:
    """Return why something was decided as it was: rules, facts with their versions, and what would turn it.

    Whoever may neither decide questions, record consent nor audit sees the rules and the reason, not the facts.
    """
    desk = application.desk
    found = desk.store.read(lambda uow: asked(desk, uow, _permit_of(uow, str(args["name"]))))
    policy = policy_of(desk, found)
    answer: Group = {
        "permit": found.row.permit_id,
        "decided_at": found.row.decided_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "recipient": found.row.recipient,
        "answer": answer_to_json(found.decision),
        "rules": _rules(policy),
        "explanation": words_of(found, policy),
    }
    if any(caller.may(one) for one in _WHO):
        answer |= _facts(found)
        answer["would_turn_it"] = (
            [flip_told(one) for one in flips(*found.questions, policy=policy)] if found.questions else []
        )
        answer["family"] = _family(desk, found, policy)
    if args.get("replay"):
        answer["replay"] = _replayed(desk, found, policy, args.get("under"))
    return answer


def words_of(found: Asked, policy: Policy) -> Group:
    """Return what a decision means, for a professional."""
    told = explain(found.decision, policy=policy)
    return {
        "heading": told.heading,
        "text": told.text,
        "advice": told.advice,
        "steps": list(told.steps),
        "withheld": [{"heading": one.heading, "text": one.text, "advice": one.advice} for one in told.withheld],
        "obligations": list(told.obligations),
        "children": list(told.children),
    }


def flip_told(flip: Flip) -> Group:
    """Return one thing that would turn an answer, as JSON has it."""
    return {
        "changes": list(flip.codes),
        "words": list(flip.plain),
        "result": flip.result,
        "reason": flip.reason,
    }


def _rules(policy: Policy) -> Group:
    return {
        "version": policy.version,
        "sha256": policy.digest,
        "area_asks_for": [one.plain for one in policy.narrowed],
    }


def _facts(found: Asked) -> Group:
    epochs = dict(found.decision.epochs) if isinstance(found.decision, Permit) else {}
    counters: Group = dict(epochs.items())
    return {
        "facts": [facts_told(question) for question in found.questions],
        "facts_digest": found.decision.grounds.facts_digest,
        "facts_missing": found.missing,
        "switches": dict(found.decision.grounds.switches),
        "epochs": counters,
    }


def _family(desk: Desk, found: Asked, policy: Policy) -> Tree:
    words = desk.rules.family
    if not words:
        return None
    told = for_family(found.decision, *found.questions, policy=policy, words=words)
    return {
        "may_be_told": told.may_be_told.value,
        "heading": told.words.heading,
        "text": told.words.text,
        "next": told.words.next,
    }


def _replayed(desk: Desk, found: Asked, policy: Policy, under: Tree) -> Group:
    """Return what the rules of then say again, and what those of now, or of the version asked for, would say."""
    then = again(found, policy)
    area, now = found.questions[0].area, desk.clock.now()
    newer = desk.rules.as_if(str(under), area, now) if under else desk.rules.at(area, now).policy
    changed = again(found, newer)
    return {
        "as_stored": is_as_stored(found, then),
        "under": policy.version,
        "answer": answer_to_json(then),
        "newer": {
            "under": newer.version,
            "answer": answer_to_json(changed),
            "changes": [one.how for one in decision_changes(found.row.recipient, then, changed)],
        },
    }


def _permit_of(uow: UnitOfWork, name: str) -> PermitId:
    """Return the decision that *name* stands for.

    Raises:
        NotFoundError: there is none.
    """
    if name.startswith("prm_"):
        return PermitId(name)
    subject = uow.reviews.get(ReviewId(name)).subject_id if name.startswith("rev_") else name
    if not subject.startswith("dlv_"):
        raise NotFoundError("this question is not about a decision of the rules")
    permit = uow.deliveries.get(DeliveryId(subject)).permit_id
    if permit is None:
        raise NotFoundError("nothing was decided about this delivery yet")
    return permit


def _subjects(uow: UnitOfWork, args: Group) -> tuple[ChildRef, ...]:
    """Return the children a decision is about, so that the look stands in their parts of the log."""
    try:
        permit = uow.permits.get(_permit_of(uow, str(args["name"])))
    except NotFoundError:
        return ()
    return tuple(ref for ref in uow.records.get(permit.record_id).subjects if _is_there(uow, ref))


def _is_there(uow: UnitOfWork, child: ChildRef) -> bool:
    try:
        uow.children.get(child)
    except NotFoundError:
        return False
    return True


OPERATIONS = (
    Operation(
        name="decisions.explain",
        summary="Say why something was decided as it was, what would turn it, and what the family may be told",
        permission=Permission.READ_REVIEWS,
        run=explain_decision,
        arguments=(_NAME, _REPLAY, _UNDER),
        subjects=_subjects,
    ),
)
