"""How much of a corpus needs a person, and why? Each document goes through a whole gateway; nobody answers anything."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from gateway.errors import GatewayError
from gateway.flows.store.rows import State
from gateway.model.identifiers import MessageId, OrganisationId
from tests.corpus.generate import Document, documents
from tests.integration.flows.house import MASH, House, profile

EARLY_HELP = 0.14
"""Of what a MASH is told of, so much becomes early help. Source: England, 2023-24."""
_REFERRAL = "mash.referral.submitted"
_EVERY = 100_000
_TOGETHER = 20


@dataclass(slots=True, kw_only=True)
class Measured:
    """What became of a corpus.

    Shape: `questions` are those a person must answer, by kind and reason: a label once, however many documents hold it.
    `refused` are documents the gate refused, answered to their senders with the reason. `held` are messages that wait
    for a label. `missing` are documents of which not every record is either stored or put before a person.
    """

    documents: int = 0
    repeats: int = 0
    records: int = 0
    held: int = 0
    questions: Counter[tuple[str, str]] = field(default_factory=Counter)
    labels: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    missing: list[str] = field(default_factory=list)

    @property
    def per_hundred(self) -> float:
        """Return how many questions a person must answer for 100 documents that came in."""
        return 100 * sum(self.questions.values()) / max(self.documents, 1)


def measure(folder: Path, count: int, *, seed: int = 1) -> Measured:
    """Return what becomes of *count* documents in a fresh gateway in *folder*."""
    house = House.build(folder)
    try:
        return _measured(house, documents(count, seed=seed), Random(seed))  # noqa: S311 - a MASH's choice, no secret
    finally:
        house.app.bus.close()
        house.app.store.close()


def _measured(house: House, corpus: Iterable[Document], chance: Random) -> Measured:
    house.enrol(profile("referral-portal", called="referral-portal"))
    found, taken, decided = Measured(), dict[MessageId, Document](), 0
    for number, document in enumerate(corpus, start=1):
        found.documents += 1
        found.repeats += document.is_repeat
        _accept(house, document, found, taken)
        if number % _TOGETHER == 0:
            decided = _work(house, chance, decided)
    _work(house, chance, decided)
    _count_questions(house, found)
    _count_records(house, taken, found)
    return found


def _accept(house: House, document: Document, found: Measured, taken: dict[MessageId, Document]) -> None:
    try:
        message = house.accept(document.body, by=OrganisationId(document.sender), form=document.format)
    except GatewayError as error:
        found.refused[f"{document.format} {error.code}"] += 1
        return
    taken.setdefault(message, document)


def _work(house: House, chance: Random, decided: int) -> int:
    """Do what is due, and let the MASH decide that some of what it was told of becomes early help."""
    house.work()
    told = [json.loads(body)["document"] for who, kind, body in house.outlet.sent if (who, kind) == (MASH, _REFERRAL)]
    for document in told[decided:]:
        if chance.random() < EARLY_HELP and document.get("reference"):
            house.decide(str(document["reference"]))
    house.work()
    house.clock.move(minutes=10)
    return len(told)


def _count_questions(house: House, found: Measured) -> None:
    reviews = house.app.store.read(lambda uow: uow.reviews.find(status=None, limit=_EVERY))
    found.questions.update((task.kind, task.reason) for task in reviews)
    groups = house.app.store.read(lambda uow: uow.labels.groups(limit=_EVERY))
    found.labels.update(group.list_name for group in groups)
    found.questions.update(("label", f"H-LABEL:{group.list_name}") for group in groups)
    held = house.app.store.read(lambda uow: uow.delivery_lists.find(state=State.HELD_LABEL, limit=_EVERY))
    found.held = len({one.message_id for one in held})


def _count_records(house: House, taken: dict[MessageId, Document], found: Measured) -> None:
    """Count records, and note every document that is not wholly accounted for."""
    reviews = house.app.store.read(lambda uow: uow.reviews.find(status=None, limit=_EVERY))
    corrected = Counter(task.subject_id.partition("/")[0] for task in reviews if "/" in task.subject_id)
    for name, document in taken.items():
        stored = len(house.app.store.read(lambda uow, name=name: uow.records.of_message(name)))
        found.records += stored
        state = house.message(name).state
        if state is not State.ORDERED or stored + corrected[name] != document.records:
            found.missing.append(f"{document.format} {state.value}: {stored} of {document.records}")
