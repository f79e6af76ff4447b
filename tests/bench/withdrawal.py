"""How long after a family's withdrawal can something still leave? Documents wait for a partner that is down.

Families that agreed are referred, and the MASH asks for early help: what then is due to the early-help system rests on
their word. While that system is down each family takes its word back, on a form. From that form's `202` on, the time
counts until the store refuses what was decided on the old word, or until the partner was last tried, if that is later.
"""

import json
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import httpx

from gateway.adapters.sql.store_view import StoreView
from gateway.app.engines import open_truth_view
from gateway.flows.deciding.gather import consent_epoch
from gateway.flows.store.rows import Delivery, State
from gateway.model.identifiers import ChildRef, MessageId, OrganisationId
from tests.bench.flow import Sink
from tests.fault.documents import Child, a_decision, a_referral, some_children
from tests.fault.installation import ECAF, MASH, PORTAL, Installation

FAMILIES = 12
REQUEST = "caf.request.accepted"
_FORM, _DECISION = "mash/govuk-forms-1", "mash/decision-1"
_ACCEPTED = 202
_PATIENCE_SECONDS = 90.0
_LOOK_SECONDS = 0.005
_CLOSED = {State.WITHDRAWN, State.REFUSED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """One family whose document waits: the child as the store knows it, and the referral all of it is about."""

    child: Child
    child_ref: ChildRef
    referral: MessageId


def measure_withdrawal(made: Installation, sink: Sink, *, families: int = FAMILIES) -> dict[str, float]:
    """Return the seconds from a withdrawal's receipt to the last possible hand-over: the worst of all families.

    Nothing of what waited may arrive once the partner is well again, or the figure means nothing and this fails.
    """
    sink.forget()
    with open_truth_view(made.settings()) as view, httpx.Client(trust_env=False, timeout=30.0) as client:
        desk = _Desk(made=made, client=client)
        referred = _refer(desk, view, sink, families)
        sink.order(f"down/{ECAF}")
        for number, _ in enumerate(referred):
            desk.post(MASH, _DECISION, a_decision(_reference(number), "MO3"))
        _until(lambda: len(_waiting(view, referred)) == families)
        took = [_withdraw(desk, view, sink, family, number) for number, family in enumerate(referred)]
        sink.order(f"up/{ECAF}")
        _until(lambda: all(one.state in _CLOSED for one in _deliveries(view, referred)))
    arrived = [family for family in referred if REQUEST in sink.told("times").get(family.referral, {})]
    assert not arrived, f"{len(arrived)} documents left after their families had withdrawn"
    return {"withdrawal_s": max(took), "withdrawal_p50_s": sorted(took)[len(took) // 2]}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desk:
    """Where forms are posted."""

    made: Installation
    client: httpx.Client

    def post(self, organisation: str, form: str, body: bytes) -> MessageId:
        """Return the id of a document that was taken in."""
        head = {"Authorization": f"Bearer {self.made.tokens[organisation]}", "Content-Type": "application/json"}
        answer = self.client.post(f"{self.made.url}/v1/intake/{form}", content=body, headers=head)
        assert answer.status_code == _ACCEPTED, answer.text
        return MessageId(answer.json()["message_id"])


def _refer(desk: _Desk, view: StoreView, sink: Sink, count: int) -> Sequence[Family]:
    """Return families that agreed, once all are with the MASH."""
    children = some_children(random.Random(7), count)  # noqa: S311 - invented people
    posted = [
        (child, desk.post(PORTAL, _FORM, a_referral(_reference(number), [child])))
        for number, child in enumerate(children)
    ]
    sink.arrivals(count)
    return [Family(child=child, child_ref=_child_of(view, message), referral=message) for child, message in posted]


def _withdraw(desk: _Desk, view: StoreView, sink: Sink, family: Family, number: int) -> float:
    """Return the seconds from a family's form to when nothing more could leave."""
    before = _counter(view, family.child_ref)
    desk.post(PORTAL, _FORM, _taken_back(a_referral(f"N{_reference(number)}", [family.child])))
    said = time.monotonic()
    refuses = _until(lambda: _counter(view, family.child_ref) > before)
    last_try = sink.told("tries").get(family.referral, {}).get(REQUEST, 0.0)
    return max(refuses, last_try) - said


def _taken_back(form: bytes) -> bytes:
    """Return a form on which the family agrees to nothing."""
    told = json.loads(form)
    for answer in told["answers"]:
        if answer["question_id"] == "consent_to_share":
            answer["answer_text"] = "No"
        if answer["question_id"] in {"consent_agencies", "consent_agencies_excluded", "consent_information_excluded"}:
            answer.update(answer_text="", selections=[])
    return json.dumps(told, ensure_ascii=False).encode()


def _reference(number: int) -> str:
    return f"WITHDRAW{number:04}"


def _child_of(view: StoreView, message: MessageId) -> ChildRef:
    (record,) = view.read(lambda uow: uow.records.of_message(message))
    return ChildRef(record.subjects[0])


def _counter(view: StoreView, child: ChildRef) -> int:
    """Return the counter under which documents that rest on the family's word were permitted."""
    name = consent_epoch(child)
    return view.read(lambda uow: uow.epochs.current([name]))[name]


def _deliveries(view: StoreView, families: Sequence[Family]) -> list[Delivery]:
    """Return what is due to the early-help system about *families*."""
    children = {family.child_ref for family in families}
    found = view.read(lambda uow: uow.delivery_lists.find(limit=20 * len(families)))
    return [one for one in found if one.recipient == OrganisationId(ECAF) and children & set(one.subjects)]


def _waiting(view: StoreView, families: Sequence[Family]) -> list[Delivery]:
    return [one for one in _deliveries(view, families) if one.state is State.ORDERED]


def _until(is_so: Callable[[], bool]) -> float:
    """Return when *is_so* is found to be true; waiting in vain fails."""
    limit = time.monotonic() + _PATIENCE_SECONDS
    while not is_so():
        assert time.monotonic() < limit, "the bench waited in vain"
        time.sleep(_LOOK_SECONDS)
    return time.monotonic()
