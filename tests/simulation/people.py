"""What do people and partners do meanwhile? They send documents in, and a coordinator changes what is known."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from gateway.errors import GatewayError, StoreUnavailableError
from gateway.flows.by_hand.reviews import Verdict, choices_of
from gateway.flows.delivering.dead_letters import DeadLetters
from gateway.flows.store.rows import State
from gateway.model.identifiers import ChildRef
from gateway.model.tree import Group
from tests.integration.flows.house import ECAF
from tests.simulation.house import ENDED, ENDS_TODAY, House, profile
from tests.simulation.scheduler import KilledError

_ACTOR = "usr_1"
_TRIES = 6
_CONSENT: Group = {
    "kinds": ["SHARE"],
    "purposes": ["REQUEST_EH"],
    "status": "GIVEN",
    "agencies_allowed": ["school", "early_help"],
    "agencies_denied": [],
    "categories_denied": [],
    "effective_from": "2026-11-20T00:00:00+00:00",
    "expires_on": "2027-11-20T00:00:00+00:00",
    "conflict": False,
    "giver_capacity": "PARENT_PR",
    "mode": "WRITTEN_SIGNED",
}


class Coordinator:
    """Somebody at the console, who tries again when told that it was not stored."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._flags: list[str] = []

    def act(self, acts: Iterable[str]) -> None:
        """Do each of *acts*; what is refused is let be."""
        for act in acts:
            for _ in range(_TRIES):
                try:
                    _ACTS[act](self)
                except StoreUnavailableError:
                    continue
                except GatewayError:
                    break
                break

    def withdraw(self) -> None:
        """Withdraw what the family agreed to."""
        self._house.app.facts.withdraw_consent(self._child(), actor=_ACTOR)

    def consent(self) -> None:
        """Write down that the family agrees again."""
        self._house.app.facts.record_consent(self._child(), dict(_CONSENT), actor=_ACTOR)

    def flag(self) -> None:
        """Withhold the child's address."""
        fact = self._house.app.facts.flags.set(self._child(), {"flag": "ADDRESS_WITHHELD"}, actor=_ACTOR)
        self._flags.append(fact)

    def lift(self) -> None:
        """Let the address be told again."""
        if self._flags:
            self._house.app.facts.flags.lift(self._child(), self._flags.pop(), actor=_ACTOR)

    def agree(self, **changes: Any) -> None:
        """Put another agreement with the early-help system into force."""
        (known,) = self._house.rows("SELECT profile FROM organisation WHERE organisation = 'barnet-ecaf'")
        was = json.loads(known[0])
        kept = {key: was[key] for key in ("idempotency", "endpoints")}
        self._house.enrol(profile(str(ECAF), **kept, **changes))

    def permit(self) -> None:
        """Say yes to every document that waits for a person."""
        for task in self._house.store.read(lambda uow: list(uow.reviews.find(status="open", limit=20))):
            if task.kind == "sharing" and "permit" in choices_of(task):
                verdict = Verdict(choice="permit", by=_ACTOR, role="DPO", rationale="It is signed again tomorrow.")
                self._house.app.reviews.decide(task.review_id, verdict)

    def replay(self) -> None:
        """Order again whatever was set aside."""
        dead = self._house.store.read(lambda uow: list(uow.delivery_lists.find(state=State.DEAD_LETTER)))
        for one in reversed(dead):
            DeadLetters(self._house.app.desk).replay(one.delivery_id, actor=_ACTOR)

    def _child(self) -> ChildRef:
        """Return the child it is all about: the one known longest."""
        ((child,),) = self._house.rows("SELECT child_ref FROM child ORDER BY child_ref LIMIT 1")
        return ChildRef(child)


def send_in(house: House, documents: Iterable[str], receipts: list[str]) -> None:
    """Send each of *documents* until there is a receipt, as every sender must."""
    for document in documents:
        for _ in range(_TRIES):
            try:
                receipts.append(house.send_in(document))
            except (StoreUnavailableError, KilledError):
                continue
            break


_ACTS: dict[str, Callable[[Coordinator], None]] = {
    "withdraw": Coordinator.withdraw,
    "consent": Coordinator.consent,
    "flag": Coordinator.flag,
    "lift": Coordinator.lift,
    "agreement ends": lambda one: one.agree(agreement=ENDED),
    "agreement again": lambda one: one.agree(),
    "agreement today": lambda one: one.agree(agreement=ENDS_TODAY),
    "permit": Coordinator.permit,
    "replay": Coordinator.replay,
}
