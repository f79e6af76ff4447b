"""What happens once others have documents of ours? Drawn from the seed of a pair, and the same in both worlds.

A family takes back what it said, somebody is protected, a document went astray, a note corrects a record, and days go
by in which nobody does anything. Whoever has something is told what to do with it, and people here are told by name.
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from gateway.conversations.duties import SAFETY
from gateway.errors import ConflictError, NotFoundError
from gateway.flows.by_hand.aftercare import MisSend, Note
from gateway.flows.deciding.gather import holds_content
from gateway.flows.people.duties import Word
from gateway.flows.store.rows import Delivery, Record
from gateway.model.annotation import kind_at
from gateway.model.category import Category
from gateway.model.document import leaves_of
from gateway.model.identifiers import ChildRef
from gateway.model.tree import Group, Tree
from tests.interference.documents import Author
from tests.interference.house import KNOWS, House

_WHY = "Found when two officers went through it together."
_BACK: tuple[Group, ...] = ({}, {}, {"purposes": ["COORDINATE"]}, {"agencies": ["off-school"]})


@dataclass(frozen=True, slots=True, kw_only=True)
class Aftermath:
    """Does what is done about documents that others have.

    Shape: `children` are those the secret is about; `chance` draws the same in both worlds.
    """

    house: House
    author: Author
    children: tuple[ChildRef, ...]
    chance: Random

    def play(self, act: str) -> None:
        """Let *act* happen, and everything that comes of it."""
        _ACTS[act](self)
        for _ in range(2):
            self.house.work()
            self.house.deliver()
            self.house.clock.move(minutes=30)

    def take_back(self) -> None:
        """Let the family take back all it said, or some of it."""
        said = self.chance.choice(_BACK)
        for child in self.children:
            self.house.app.permissions.withdraw(child, said, actor="usr_1")

    def protect(self) -> None:
        """Set one more flag."""
        need: list[Tree] = sorted(KNOWS)
        flag = self.chance.choice(("POLICE_HOLD", "INFORMANT", "ADDRESS_WITHHELD"))
        for child in self.children:
            self.house.flag(child, {"flag": flag, "need_list": need})

    def recall(self) -> None:
        """Say that a document went to the wrong recipient; agree a safety plan, where one is wanted."""
        number, is_planned = self.chance.random(), self.chance.random() < 0.5
        given = self._given()
        if not given:
            return
        told = MisSend(by="usr_1", role="IG_OFFICER", rationale=_WHY, lesson="wrong-recipient-picked")
        try:
            self.house.app.aftercare.recall(given[int(number * len(given))].delivery_id, told)
        except ConflictError:
            return
        if is_planned:
            word = Word(outcome="safe", by="usr_2", role="IG_OFFICER", note=_WHY)
            for duty in self._open_duties(SAFETY):
                self.house.app.aftercare.keep(duty.duty_id, word)

    def correct_record(self) -> None:
        """Write a note beside a field of a record that came in."""
        number, place = self.chance.random(), self.chance.random()
        records = self._records()
        if not records:
            return
        record = records[int(number * len(records))]
        field = _field_of(record.document, place)
        is_theirs = not set(self.children).isdisjoint(record.subjects)
        note = self._note(field, Category.OPINION, is_theirs=is_theirs)
        self.house.app.aftercare.correct_record(record.record_id, note)

    def correct_child(self) -> None:
        """Write a note beside all that is about the child."""
        field = _field_of("mash.referral", self.chance.random())
        category = kind_at("mash.referral", field)
        for child in self.children:
            try:
                self.house.app.aftercare.correct_child(child, self._note(field, category))
            except NotFoundError:
                continue

    def wait(self) -> None:
        """Let days go by, and duties become late."""
        for _ in range(3):
            self.house.clock.move(days=1)
            self.house.app.clocks.tick()
            self.house.deliver()

    def _note(self, field: str, category: Category, *, is_theirs: bool = True) -> Note:
        """Return a note beside *field*; of a child who is not *theirs* it tells no secret."""
        return Note(
            field=field,
            category=category,
            text=self.author.note(field, is_theirs=is_theirs),
            by="usr_1",
            role="CAF_COORDINATOR",
            rationale=_WHY,
        )

    def _given(self) -> list[Delivery]:
        """Return what those who may not know were handed, in its order."""
        found = self.house.app.store.read(lambda uow: uow.delivery_lists.find(limit=1000))
        held = (one for one in reversed(found) if one.recipient not in KNOWS and one.handed_over_at is not None)
        return [one for one in held if holds_content(one)]

    def _records(self) -> list[Record]:
        """Return the records of what those who may not know were handed, in their order."""
        names = dict.fromkeys(one.record_id for one in self._given())
        found = self.house.app.store.read(lambda uow: [uow.records.get(name) for name in names])
        return [one for one in found if one.document != "ecaf.correction" and _fields(one.document)]

    def _open_duties(self, code: str) -> list[Any]:
        return list(self.house.app.store.read(lambda uow: uow.duties.find(statuses=("open",), code=code, limit=100)))


def _fields(document: str) -> list[str]:
    leaves = leaves_of(document).values()
    return [leaf.path for leaf in leaves if leaf.category is not Category.ROUTING and not leaf.internal]


def _field_of(document: str, number: float) -> str:
    """Return a field of *document*; one in three is of whoever told."""
    fields = _fields(document)
    teller = [path for path in fields if path.startswith(("referrer.", "requested_by."))]
    chosen = teller if teller and number * 3 < 1 else fields
    return chosen[int(number * 3 % 1 * len(chosen))]


_ACTS: dict[str, Callable[[Aftermath], None]] = {
    "take back": Aftermath.take_back,
    "protect": Aftermath.protect,
    "recall": Aftermath.recall,
    "correct record": Aftermath.correct_record,
    "correct child": Aftermath.correct_child,
    "wait": Aftermath.wait,
}
ACTS = tuple(_ACTS)
