"""Is every document's effect had once, whichever single call of the disk fails between its coming and its going?

One round (four documents come, are worked through and go out) is done again and again with one gateway, the fault a
call later each time, until a round ends before its fault comes. A sender who was refused asks again under the same key.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway.errors import StoreUnavailableError
from gateway.flows.receiving.envelope import Accepted as Taken
from gateway.flows.receiving.envelope import Incoming
from gateway.flows.store.rows import Handover, Lane, State
from gateway.formats.register import FORMATS
from gateway.model.identifiers import OrganisationId
from gateway.translation.partner_document import PartnerDocument
from tests.fault.apsw_driver import driver_over
from tests.fault.disk import Disk, nothing_happens
from tests.fault.documents import Child, a_referral, a_report, some_children
from tests.fault.history import REFERRAL, REPORT, Accepted, Due, Effect, History, StoredDelivery, child_in
from tests.fault.installation import ECAF, MASH, PORTAL, SCHOOL
from tests.fault.mishaps import Full, Once
from tests.fault.senders import leaf_in
from tests.integration.flows.house import House, ScriptedOutlet

_OPEN = {State.ORDERED, State.HANDED_OVER}
_MOST_TURNS = 40


class RememberingOutlet(ScriptedOutlet):
    """A way out to partners that know a document again by its message id."""

    def __init__(self) -> None:
        super().__init__()
        self.effects: dict[str, Effect] = {}
        self.families: Sequence[str] = ()

    def send(self, document: PartnerDocument, body: bytes, handover: Handover) -> str:
        """Have the effect, unless it was had before."""
        if handover.message_id not in self.effects:
            self.effects[handover.message_id] = Effect(
                partner=document.recipient,
                position=len(self.effects) + 1,
                delivery_id=handover.message_id,
                correlation_id=handover.correlation_id,
                kind=handover.kind,
                child=child_in(handover.kind, body, self.families),
            )
        return super().send(document, body, handover)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Paper:
    """One document a sender has in hand."""

    reference: str
    incoming: Incoming
    children: tuple[str, ...]
    lane: str
    dues: tuple[Due, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What came of all rounds: how many had their fault, how many senders were refused, and the whole history."""

    rounds: int
    refusals: int
    unexpected: list[str]
    history: History


class Sweep:
    """A gateway on a disk that fails in every round, a call later each time."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._disk = Disk(f"{folder}")
        self._outlet = RememberingOutlet()
        self._house = House.build(folder, outlet=self._outlet, driver=driver_over(self._disk.name))
        self._chance = random.Random(seed)  # noqa: S311 - it only has to be the same again
        self._history = History(seed=seed)
        self._unexpected: list[str] = []
        self._refusals = 0

    def run(self, fault: Callable[[int], Once | Full], *, step: int = 1, most: int = 10**6) -> Swept:
        """Do rounds until one ends before its fault comes, or *most* of them."""
        number, rounds, is_over = 1, 0, True
        while is_over and rounds < most:
            is_over = self._round(number, fault(number))
            number, rounds = number + step, rounds + is_over
        self._look()
        return Swept(rounds=rounds, refusals=self._refusals, unexpected=self._unexpected, history=self._history)

    def _round(self, number: int, fault: Once | Full) -> bool:
        """Have four documents come and go, and tell whether the fault came."""
        papers = _papers(self._chance, number)
        self._outlet.families = [*self._outlet.families, *(name for paper in papers for name in paper.children)]
        self._disk.mishap = fault
        left = self._hand_in(papers)
        self._turn()
        self._disk.mishap = nothing_happens
        assert self._hand_in(left) == [], "the store does not work again"
        turns = 0
        while self._is_busy() and turns < _MOST_TURNS:
            self._house.clock.move(seconds=120)
            self._turn()
            turns += 1
        return fault.is_over

    def _hand_in(self, papers: Sequence[_Paper]) -> list[_Paper]:
        """Hand *papers* in at once and return those that were refused."""
        refused = []
        for paper, promise in [(one, self._house.app.receive.submit(one.incoming)) for one in papers]:
            error = promise.exception()
            if error is None:
                self._accepted(paper, promise.result())
            else:
                refused.append(paper)
                self._saw(error)
        return refused

    def _accepted(self, paper: _Paper, taken: Taken) -> None:
        self._history.accepted.append(
            Accepted(
                message_id=taken.message_id,
                correlation_id=taken.message_id,
                number=len(self._history.accepted),
                children=paper.children,
                lane=paper.lane,
                leaf_hash=leaf_in(taken.receipt),
                dues=paper.dues,
            )
        )

    def _turn(self) -> None:
        """Do what is due now, as the pumps do it."""
        app = self._house.app
        for lane in Lane:
            self._try(lambda lane=lane: app.process.work_all(self._leased(lane)))  # type: ignore[misc]
        for _ in range(3):
            for delivery in self._try(self._house.leased) or ():
                self._try(lambda delivery=delivery: app.deliver.attempt(delivery))  # type: ignore[misc]
        self._try(app.sequencer.give_places)
        self._try(app.clocks.tick)

    def _leased(self, lane: Lane) -> Sequence[object]:
        at = self._house.clock.now()
        return self._house.app.store.write(  # type: ignore[no-any-return]
            lambda uow: uow.messages.ready(at=at, limit=8, lease_seconds=60, lanes=(lane,))
        )

    def _try(self, work: Callable[[], object]) -> object:
        try:
            return work()
        except Exception as error:  # noqa: BLE001 - the pumps outlive it too; what it may be is judged
            self._saw(error)
            return None

    def _saw(self, error: BaseException) -> None:
        self._refusals += 1
        if not isinstance(error, StoreUnavailableError):
            self._unexpected.append(f"{type(error).__name__}: {error}")

    def _is_busy(self) -> bool:
        return self._house.app.store.read(
            lambda uow: (
                bool(uow.messages.find(state=State.ACCEPTED, limit=1))
                or any(uow.delivery_lists.find(state=state, limit=1) for state in _OPEN)
                or bool(uow.log.pending(1))
            )
        )

    def _look(self) -> None:
        history, store = self._history, self._house.app.store
        rows = store.read(lambda uow: uow.delivery_lists.find(limit=10**9))
        history.effects = list(self._outlet.effects.values())
        history.deliveries = [
            StoredDelivery(delivery_id=row.delivery_id, state=row.state.value, reason=str(row.reason)) for row in rows
        ]
        history.unfinished = [
            one.message_id for one in store.read(lambda uow: uow.messages.find(state=State.ACCEPTED, limit=10**9))
        ]
        head = store.log_store.head()
        hashes = (store.log_store.node(0, index) for index in range(head.size if head else 0))
        history.leaves = {found.hex() for found in hashes if found is not None}
        self._house.app.store.close()


def _papers(chance: random.Random, number: int) -> list[_Paper]:
    """Return an urgent referral, two about one child, and a report of two pupils; no child was seen before."""
    one, two, three, four = some_children(chance, 4)
    return [
        _referral(f"U{number:06}", one, is_urgent=True),
        _referral(f"N{number:06}", two),
        _referral(f"M{number:06}", two),
        _report(f"S{number:06}", number, (three, four)),
    ]


def _referral(reference: str, child: Child, *, is_urgent: bool = False) -> _Paper:
    return _Paper(
        reference=reference,
        incoming=_incoming(
            PORTAL, "mash/govuk-forms-1", a_referral(reference, [child], is_urgent=is_urgent), reference
        ),
        children=(child.family,),
        lane="urgent" if is_urgent else "normal",
        dues=(Due(partner=MASH, kind=REFERRAL),),
    )


def _report(reference: str, number: int, pupils: tuple[Child, ...]) -> _Paper:
    body = a_report([(f"{number:05}{place}", child) for place, child in enumerate(pupils)])
    return _Paper(
        reference=reference,
        incoming=_incoming(SCHOOL, "sims/superstar-1", body, reference),
        children=tuple(child.family for child in pupils),
        lane="bulk",
        dues=tuple(Due(partner=ECAF, kind=REPORT, child=child.family) for child in pupils),
    )


def _incoming(organisation: str, form: str, body: bytes, key: str) -> Incoming:
    return Incoming(organisation=OrganisationId(organisation), format=FORMATS[form], body=body, idempotency_key=key)
