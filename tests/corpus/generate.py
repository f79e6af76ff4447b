"""Which documents come in, in which order? The same ones for the same seed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from tests.corpus import forms, noise, rates, records, schools
from tests.corpus.forms import Told
from tests.corpus.noise import Habit
from tests.corpus.people import Child, Family, a_family

_HABITS = 6
"""So many senders of each format, each with one way of writing."""
_SENDERS = {"mash": "referral-portal", "sims": "school-example", "ecaf": "barnet-ecaf"}
_FORMS: dict[str, Callable[[Random, Told], bytes]] = {
    "mash/govuk-forms-1": forms.govuk_form,
    "mash/moj-forms-1": forms.moj_form,
    "mash/flat-1": forms.flat_post,
    "mash/start-request-1": forms.start,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One document as it comes in: from whom, in which format, and how many records it holds."""

    sender: str
    format: str
    body: bytes
    records: int = 1
    is_repeat: bool = False


def documents(count: int, *, seed: int = 1) -> Iterator[Document]:
    """Yield *count* documents."""
    writer = _Writer(Random(seed))  # noqa: S311 - invented people, not secrets
    for number in range(count):
        yield writer.next(number)


class _Writer:
    """Writes one document after the other, and remembers of whom."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self._families: list[Family] = []
        self._children = 0
        self._last: list[Document] = []
        self._habits: dict[str, list[Habit]] = {
            name: [noise.a_habit(chance) for _ in range(_HABITS)] for name in rates.FORMATS
        }

    def next(self, number: int) -> Document:
        """Return the next document: a new one, or an earlier one once more."""
        chance = self._chance
        if self._last and chance.random() < rates.SENT_TWICE:
            again = chance.choice(self._last[-50:])
            return Document(
                sender=again.sender, format=again.format, body=again.body, records=again.records, is_repeat=True
            )
        name = chance.choices(list(rates.FORMATS), list(rates.FORMATS.values()))[0]
        made = self._written(name, number)
        self._last.append(made)
        return made

    def _written(self, name: str, number: int) -> Document:
        chance, sender = self._chance, _SENDERS[name.partition("/")[0]]
        habit = chance.choice(self._habits[name])
        if name in _FORMS:
            told = Told(
                family=(family := self._family()), child=family.children[0], habit=habit, reference=f"C{number:05d}"
            )
            return Document(sender=sender, format=name, body=_FORMS[name](chance, told))
        low, high = rates.EPISODES_IN_A_FILE if name == "ecaf/history-1" else rates.PUPILS_IN_A_FILE
        many = 1 if name in {"ecaf/episode-1", "ecaf/xml-1"} else chance.randint(low, high)
        cases = self._cases(many, are_pupils=name.startswith("sims/"))
        return Document(sender=sender, format=name, body=self._file(name, cases, habit, number), records=len(cases))

    def _file(self, name: str, cases: list[tuple[Family, Child]], habit: Habit, number: int) -> bytes:
        chance, reference = self._chance, f"NW-{number:05d}"
        match name:
            case "sims/superstar-1":
                return schools.superstar(cases, habit)
            case "sims/csv-1":
                return schools.report_csv(chance, cases, habit)
            case "sims/ctf-25":
                return schools.transfer(cases, number)
            case "ecaf/episode-1":
                return records.episode_json(cases[0], reference)
            case "ecaf/xml-1":
                return records.episode_xml(cases[0], reference)
            case _:
                return records.history(cases, reference)

    def _cases(self, many: int, *, are_pupils: bool) -> list[tuple[Family, Child]]:
        """Return children of different families, each once; no school has one who is not born yet."""
        found: dict[int, tuple[Family, Child]] = {}
        while len(found) < many:
            family = self._family()
            for child in family.children[: many - len(found)]:
                if child.born is not None or not are_pupils:
                    found[child.number] = (family, child)
        return list(found.values())

    def _family(self) -> Family:
        """Return a family an earlier document told of, which may have moved since, or a new one."""
        chance = self._chance
        if self._families and chance.random() < rates.KNOWN_AGAIN:
            place = chance.randrange(len(self._families))
            if chance.random() < rates.MOVED:
                self._families[place] = self._families[place].elsewhere(chance)
            return self._families[place]
        family = a_family(chance, self._children + 1)
        self._children += len(family.children)
        self._families.append(family)
        return family
