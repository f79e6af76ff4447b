"""What became of the leaves that no row read? Each is carried as a local answer, or listed as lost."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from gateway.model.tree import Group, Tree
from gateway.translation.code_lists import fold
from gateway.translation.converters import plain
from gateway.translation.losses import Loss
from gateway.translation.paths import quoted, tellable
from gateway.translation.plan import CarryTo, Plan, View
from gateway.translation.reading import groups_of, leaves_in
from gateway.translation.run import CONTAINERS, Container, Hit, Run, Scope, Traced, spell

_NOTHING: frozenset[str | int] = frozenset()
_WORD = re.compile(r"\w+")
_UNKNOWN = "the mapping does not know this name and has nowhere to carry it"
_HEADER = "said around the document, not in it"
_NO_ROOM = "the field this belongs in is taken or cannot hold it, and it may not be kept under another kind"
_DRIFT = "the question is worded differently from what the mapping expects; answers are taken by the question's id"


@dataclass(slots=True)
class Leftovers:
    """One walk over a source, after all rows have been carried out."""

    plan: Plan
    run: Run
    out: Group
    losses: list[Loss] = field(default_factory=list)
    _answers: set[tuple[str, str, str]] = field(default_factory=set)
    _told: set[str] = field(default_factory=set)
    _done: set[int] = field(default_factory=set)

    def settle(self, source: Group, root: Group) -> list[Loss]:
        """Carry or list every leaf of *source* that was not read, and return the losses; *root* is its document."""
        self._mark(source, *self.plan.header)
        self._settle_picks(root)
        for view in self.plan.views:
            self._pass_over(view)
            for number, entry in enumerate(view.find(Scope((root,)), self.run)):
                if id(entry) not in self._done:
                    self._settle_entry(view, entry, number)
        self._walk(source, ())
        return self.losses

    def _walk(self, holder: Container, trail: tuple[str | int, ...]) -> None:
        """Leave no leaf below *holder* that was not read; what is known to be read through is not looked at again."""
        for name, inner in self._unread_of(holder):
            if isinstance(inner, CONTAINERS):
                self._walk(inner, (*trail, name))
            else:
                self._leave(holder, name, (*trail, name))

    def _unread_of(self, holder: Container) -> Sequence[tuple[str | int, Tree]]:
        """Return what is in *holder* and was not read, in its order, without what is empty or known to be read."""
        read, done = self.run.read.get(id(holder), _NOTHING), self._done
        if isinstance(holder, dict):
            return [(name, holder[name]) for name in holder if name not in read and _is_open(holder[name], done)]
        among = [(place, inner) for place, inner in enumerate(holder) if id(inner) not in done]
        return [(place, inner) for place, inner in among if place not in read and _is_open(inner, done)]

    def _leave(self, holder: Container, name: str | int, trail: tuple[str | int, ...]) -> None:
        """Carry the leaf called *name* in *holder*, to which *trail* leads, or list it."""
        body = self.plan.body
        names = tuple([one for one in trail if type(one) is str])
        if body is not None and names[0] != body:
            self._lose(holder, name, self._spelled(trail), _HEADER)
            return
        inner = names if body is None else names[1:]
        stated = self.plan.not_carried.get(inner)
        if stated is not None:
            self._lose(holder, name, stated.path, stated.why)
        elif self.plan.carry is not None and self.plan.may_carry(inner):
            asked = inner[-1:] if inner[:-1] in self.plan.gathered else inner
            question = asked[0] if len(asked) == 1 else ".".join(quoted(one) for one in asked)
            text = plain(value_at(holder, name)).strip()
            self._carry(self.plan.carry, holder, name, (self.plan.carry.key, question, text))
        else:
            reason = _NO_ROOM if inner in self.plan.homes else _UNKNOWN
            self._lose(holder, name, self._spelled(trail), reason)

    def _spelled(self, trail: tuple[str | int, ...]) -> str:
        path = ""
        for name in trail:
            path = spell(path, name, self._shown)
        return path

    def _lose(self, holder: Container, name: str | int, path: str, why: str) -> None:
        if path not in self._told:
            self._told.add(path)
            self.losses.append(Loss(path=path, why=why))
        if self.run.trace is not None:
            self.run.trace.append(Traced(holder, name, f"lost: {why}"))

    def _carry(self, carry: CarryTo, holder: Container, name: str | int, answer: tuple[str, str, str]) -> None:
        """Make one leaf a local answer: key, question and answer, empty texts left out."""
        self.run.read[id(holder)].add(name)
        if carry.distinct and answer in self._answers:
            return
        self._answers.add(answer)
        made: Group = {part: text for part, text in zip(("key", "question", "answer"), answer, strict=True) if text}
        where = carry.put(self.out, made)
        if self.run.trace is not None:
            self.run.trace.append(Traced(holder, name, "carried as a local answer", *where))

    def _settle_entry(self, view: View, entry: Group, number: int) -> None:
        """Settle one entry of a keyed list: its id, its wording, its text as a whole, and then what is left."""
        by = entry.get(view.by)
        if not isinstance(by, str) or not by.strip():
            return
        name = by.strip()
        known = name in view.ids and self.run.views[view.name].get(name) is entry
        is_expected = known and view.asks_as_expected(name, entry)
        if is_expected:
            self._mark(entry, view.by, view.wording)
        elif known:
            self._mark(entry, view.by)
            self._settle_wording(view, name, entry, number)
        self._settle_repeats(view, entry)
        self._settle_whole(view, entry)
        if is_expected and self._is_read_through(view, entry):
            self._done.add(id(entry))
        elif self.plan.carry is not None:
            self._carry_entry(self.plan.carry, view, entry, known=known)

    def _pass_over(self, view: View) -> None:
        """Settle the entries that ask what is expected and whose answers were all read: most of them."""
        read_of, frame = self.run.read, view.frame
        for name, entry in self.run.views[view.name].items():
            if name in view.ids and (view.wording is None or view.expects.get(name) == entry.get(view.wording)):
                read = read_of.get(id(entry), _NOTHING)
                for part, value in entry.items():
                    if value != "" and part not in read and part not in frame:
                        break
                else:
                    self._done.add(id(entry))

    def _is_read_through(self, view: View, entry: Group) -> bool:
        read, frame = self.run.read.get(id(entry), _NOTHING), view.frame
        for part, value in entry.items():  # noqa: SIM110  # asked of every entry, and a generator costs as much again
            if value != "" and part not in read and part not in frame:
                return False
        return True

    def _carry_entry(self, carry: CarryTo, view: View, entry: Group, *, known: bool) -> None:
        """Make local answers of what is left of an entry; a question without an answer is worth keeping too."""
        name = _text(entry, view.by)
        wording = _text(entry, view.wording)
        for holder, place, part in list(self._unread(view, entry)):
            if known and not self.plan.may_carry((view.name, name, part)):
                self._lose(holder, place, f"{'.'.join(view.path)}.{part}", _NO_ROOM)
                self.run.read[id(holder)].add(place)
                continue
            asked = wording if part == view.whole else f"{wording} ({part})".strip()
            self._carry(carry, holder, place, (name, asked, plain(value_at(holder, place)).strip()))
            self._mark(entry, view.by, view.wording)
        if view.by not in self.run.read[id(entry)]:
            self._carry(carry, entry, view.by, (name, wording, ""))
            self._mark(entry, view.wording)

    def _settle_wording(self, view: View, name: str, entry: Group, number: int) -> None:
        """Compare a known question with what the mapping expects it to ask."""
        expected, wording = view.expects.get(name), _text(entry, view.wording)
        if view.wording is None or not wording:
            return
        if expected is not None and (expected == wording or fold(expected) == fold(wording)):
            self._mark(entry, view.wording)
            return
        if expected is not None:
            self.run.notes.append((entry, view.wording, "question-drift", _DRIFT))
        if self.plan.carry is not None:
            self._carry(self.plan.carry, entry, view.wording, (name, wording, ""))
        else:
            self._lose(entry, view.wording, f"{'.'.join(view.path)}[{number}].{view.wording}", _DRIFT)
            self._mark(entry, view.wording)

    def _settle_repeats(self, view: View, entry: Group) -> None:
        """A mark that only says that the entry holds lists is read by seeing that it does."""
        if view.repeats is not None and view.repeats in entry:
            holds_lists = any(isinstance(part, list) for part in entry.values())
            if entry[view.repeats] is holds_lists:
                self._mark(entry, view.repeats)

    def _settle_whole(self, view: View, entry: Group) -> None:
        """Where the text as a whole says just what the parts say, whoever has read the one has read the other."""
        if view.whole is None:
            return
        parts = [leaf for name in entry if name not in view.apart for leaf in leaves_in(entry, name)]
        if not parts:
            return
        whole = leaves_in(entry, view.whole)
        if not _say_the_same(parts, whole):
            return
        if all(self._was_read(leaf) for leaf in whole):
            self._mark_leaves(parts)
        elif any(self._was_read(leaf) for leaf in parts):
            self._mark_leaves(whole)
        elif self.plan.carry is not None:
            self._mark_leaves(parts)

    def _unread(self, view: View, entry: Group) -> Iterator[tuple[Container, str | int, str]]:
        for name in entry:
            if name not in {view.by, view.wording}:
                for leaf in leaves_in(entry, name):
                    if not self._was_read(leaf):
                        yield leaf[0], leaf[1], name

    def _was_read(self, leaf: Hit) -> bool:
        return leaf[1] in self.run.read[id(leaf[0])]

    def _mark_leaves(self, leaves: Iterable[Hit]) -> None:
        for leaf in leaves:
            self.run.mark(leaf)

    def _settle_picks(self, root: Group) -> None:
        """List what belongs to the elements that were not picked: each as a whole."""
        for names, why in self.plan.others:
            for place, element in enumerate(groups_of(_at(root, names))):
                if place != self.run.pick:
                    path = f"{'.'.join(names)}[{place}]"
                    self._lose(element, "", path, why)
                    self._mark_all(element)

    def _mark(self, entry: Group, *names: str | None) -> None:
        """Write down that the leaves called *names* were read; what is no leaf has leaves of its own."""
        for name in names:
            if name is not None and not isinstance(entry.get(name), CONTAINERS):
                self.run.read[id(entry)].add(name)

    def _mark_all(self, part: Tree) -> None:
        for name, inner in _parts(part):
            self.run.read[id(part)].add(name)
            self._mark_all(inner)

    def _shown(self, name: str) -> str:
        return tellable(name, self.plan.known)


def _parts(part: Tree) -> Iterator[tuple[str | int, Tree]]:
    match part:
        case dict():
            yield from part.items()
        case list():
            yield from enumerate(part)
        case _:
            return


def value_at(holder: Container, place: str | int) -> Tree:
    """Return what *holder* has at *place*."""
    if isinstance(holder, dict):
        return holder[str(place)]
    return holder[int(place)]


def _at(root: Group, names: tuple[str, ...]) -> Tree:
    part: Tree = root
    for name in names:
        part = part.get(name) if isinstance(part, dict) else None
    return part


def _text(entry: Group, name: str | None) -> str:
    value = entry.get(name) if name is not None else None
    return value.strip() if isinstance(value, str) else ""


def _say_the_same(some: Iterable[Hit], others: Iterable[Hit]) -> bool:
    """Tell whether two lots of leaves have the same words, in whatever order they come; no words say nothing."""
    one, other = [" ".join([plain(leaf[2]) for leaf in leaves]) for leaves in (some, others)]
    if one == other.replace(", ", " "):
        return _WORD.search(one) is not None
    words = sorted(_WORD.findall(one.casefold()))
    return bool(words) and words == sorted(_WORD.findall(other.casefold()))


def _is_open(part: Tree, done: set[int]) -> bool:
    """Tell whether there is anything in *part* that may not have been read."""
    if isinstance(part, CONTAINERS):
        return bool(part) and id(part) not in done
    return part is not None and not (isinstance(part, str) and not part.strip())
