"""Which document does a world hold? Drawn from a seed, field by field; what is secret is drawn for each world anew.

Both worlds of a pair draw the same number for what is not secret, so that their documents differ in the secret alone:
in what it says, how long it is, how often it is there, and whether it is there at all.
"""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from hashlib import blake2b
from typing import cast

from gateway.model.document import DOCUMENTS, parts_of
from gateway.model.family import Person
from gateway.model.tree import Group, Tree
from tests.interference.kinds import BLOCKS, PEOPLE, Kind

_FIRST = date(2026, 1, 5)
_NEVER = frozenset({"checklist", "sha256", "information_excluded", "withdrawn_on", "expires_on", "of"})
"""What no document here has: what never leaves, what is worked out from bytes, what the family's word would turn on."""
_ALWAYS = frozenset({"reference", "children", "child", "consent", "level", "family", "parents"})
_ADULTS = ("Otto Unlikely", "Kuno Hiddenly", "Joost Nowherely", "Tius Wholly")
"""Adults none of whose names is like a word that stands in a document here."""
_CONSENT: Group = {
    "agrees_to_share": "Y",
    "agrees_to_help": "Y",
    "signatory": "Mona Exampleton",
    "signatory_capacity": "PARENT_PR",
    "mode": "WRITTEN_SIGNED",
    "given_on": "2026-09-01",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Writes the documents of one world of a pair.

    Shape: `child` is what every document says of the child; `fullness` is how many of a hundred fields are filled in.
    """

    seed: str
    side: int
    kind: Kind
    child: Mapping[str, Tree]
    fullness: int = 25

    def document(self, name: str, reference: str, **said: Tree) -> Group:
        """Return a canonical document called *name* about the child."""
        cls = cast("type", DOCUMENTS[name])
        tree = self._group(cls, f"{reference}/", is_secret=False)
        tree |= {"reference": reference, "consent": dict(_CONSENT), **said}
        tree = {spec.name: tree[spec.name] for spec in fields(cls) if spec.name in tree}
        if "children" in parts_of(cls):
            tree["children"] = [self._named(child) for child in cast("list[Group]", tree["children"])[:1]]
        else:
            tree["child"] = self._named(cast("Group", tree.get("child", {})))
        return self._with_adult(tree, cls)

    @property
    def adult(self) -> str:
        """Return the name of the adult who has not agreed, in this world."""
        return _ADULTS[self._draw("adult", is_secret=True) % len(_ADULTS)]

    def _with_adult(self, tree: Group, cls: type) -> Group:
        """Return *tree* with whoever has not agreed in its lists of people, there or not, as this world has it."""
        lists = sorted(PEOPLE & parts_of(cls).keys()) if self.kind.is_person else []
        for name in lists:
            others = [_plain(cast("Group", one)) for one in cast("list[Tree]", tree.get(name, []))]
            is_there = self._draw(f"adult/{name}", is_secret=True) % 4 > 0
            tree[name] = [*([self._adult_in(name)] if is_there else []), *others]
        return {name: part for name, part in tree.items() if part != []}

    def _adult_in(self, place: str) -> Group:
        entry = self._group(Person, f"adult/{place}/", is_secret=True)
        entry.pop("expected", None)
        day = self._draw("adult/born", is_secret=True)
        return {
            **entry,
            "name": self.adult,
            "born": f"{1960 + day % 30}-12-{1 + day % 28:02}",
            "relationship": "father",
        }

    def word(self, path: str, *, is_secret: bool) -> str:
        """Return words that nobody else has."""
        number = self._draw(path, is_secret=is_secret)
        return " ".join([f"{'hid' if is_secret else 'open'}{number:x}"] * (1 + number % 4))

    def note(self, field: str, *, is_theirs: bool) -> str:
        """Return the words of a note that corrects what *field* says of a child, secret where they can tell it."""
        return self.word(f"note/{field}", is_secret=is_theirs and self.kind.of_a_note(field))

    def _named(self, child: Group) -> Group:
        days = {"born", "born_about", "expected", "was_expected", "died", "upn_unknown"}
        return {**{name: part for name, part in child.items() if name not in days}, **self.child}

    def _group(self, cls: type, path: str, *, is_secret: bool) -> Group:
        tree: Group = {}
        parts = parts_of(cls)
        for spec in fields(cls):
            kind, many = parts[spec.name]
            where = f"{path}{spec.name}"
            if spec.name in _NEVER or len(where) > 160:
                continue
            hidden = is_secret or self._tells(cls, spec.name, kind)
            count = self._count(where, spec.name, many=many, is_secret=hidden)
            found = [self._part(kind, f"{where}{n}/", is_secret=hidden) for n in range(count)]
            kept: list[Tree] = [one for one in found if one not in ({}, None)]
            if kept:
                tree[spec.name] = kept if many else kept[0]
        return tree

    def _tells(self, cls: type, name: str, kind: type) -> bool:
        """Tell whether a field is secret; of a part, whether how many of it there are is."""
        if is_dataclass(kind):
            if self.kind.block and name in BLOCKS:
                return True
            return self.kind.tells(kind.__name__, "", object)
        return self.kind.tells(cls.__name__, name, kind)

    def _count(self, where: str, name: str, *, many: bool, is_secret: bool) -> int:
        is_secret = is_secret and name != "content"  # how many were looked at for malware is in the size of the log
        number = self._draw(f"{where}#", is_secret=is_secret)
        if name in _ALWAYS and not is_secret:
            return 1
        chance = 55 if is_secret else self.fullness
        return (1 + number // 100 % 2 if many else 1) if number % 100 < chance else 0

    def _part(self, kind: type, where: str, *, is_secret: bool) -> Tree:
        if is_dataclass(kind):
            return self._group(kind, where, is_secret=is_secret)
        if kind is str:
            word = self.word(where, is_secret=is_secret)
            return b64encode(word.encode()).decode() if where.endswith("content0/") else word
        return _code(kind, self._draw(where, is_secret=is_secret))

    def _draw(self, path: str, *, is_secret: bool) -> int:
        whose = f"{self.side}|" if is_secret else ""
        return int.from_bytes(blake2b(f"{whose}{self.seed}|{path}".encode(), digest_size=6).digest())


def _plain(person: Group) -> Group:
    """Return somebody else of the family, who has a name and a number and is surely not the adult who is hidden."""
    names = {"name", "given_names", "family_name"}
    said = {name: part for name, part in person.items() if name not in names}
    return {**said, "name": f"Ada Exampleton {person.get('family_name', '')}".strip()}


def _code(kind: type, number: int) -> Tree:
    """Return a value of a kind that holds no words."""
    if issubclass(kind, Enum):
        codes = list(kind)
        return cast("str", codes[number % len(codes)].value)
    if issubclass(kind, date):
        day = _FIRST + timedelta(days=number % 300)
        return f"{day}T08:00:00+00:00" if issubclass(kind, datetime) else str(day)
    return number % 2 == 0 if kind is bool else number % 5 + 1
