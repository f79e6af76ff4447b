"""What became of the leaves that no row read? Each is carried as a local answer, or listed as lost."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from gateway.model.tree import Group, Tree
from gateway.translation.code_lists import fold
from gateway.translation.converters import plain
from gateway.translation.losses import Loss
from gateway.translation.paths import quoted, tellable
from gateway.translation.plan import CarryTo, Plan, View
from gateway.translation.reading import groups_of
from gateway.translation.run import Container, Hit, Run, Scope, Traced, spell

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
        for name in self.plan.header:
            self.run.read.add((id(source), name))
        self._settle_picks(root)
        for view in self.plan.views:
            for number, entry in enumerate(view.find(Scope((root,)), self.run)):
                self._settle_entry(view, entry, f"{'.'.join(view.path)}[{number}]")
        self._walk(source, (), "")
        return self.losses

    def _walk(self, holder: Container, names: tuple[str, ...], path: str) -> None:
        """Leave no leaf below *holder* that was not read; what is known to be read through is not looked at again."""
        read, done, here = self.run.read, self._done, id(holder)
        for name, inner in holder.items() if isinstance(holder, dict) else enumerate(holder):
            if isinstance(inner, dict | list):
                if inner and id(inner) not in done:
                    below = (*names, name) if isinstance(name, str) else names
                    self._walk(inner, below, spell(path, name, self._shown))
            elif (here, name) not in read and not _is_blank(inner):
                self._leave(holder, name, (*names, name) if isinstance(name, str) else names, path)

    def _leave(self, holder: Container, name: str | int, names: tuple[str, ...], path: str) -> None:
        """Carry the leaf called *name* in *holder*, or list it."""
        body = self.plan.body
        if body is not None and names[0] != body:
            self._lose(holder, name, spell(path, name, self._shown), _HEADER)
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
            self._lose(holder, name, spell(path, name, self._shown), reason)

    def _lose(self, holder: Container, name: str | int, path: str, why: str) -> None:
        if path not in self._told:
            self._told.add(path)
            self.losses.append(Loss(path=path, why=why))
        if self.run.trace is not None:
            self.run.trace.append(Traced(holder, name, f"lost: {why}"))

    def _carry(self, carry: CarryTo, holder: Container, name: str | int, answer: tuple[str, str, str]) -> None:
        """Make one leaf a local answer: key, question and answer, empty texts left out."""
        self.run.read.add((id(holder), name))
        if carry.distinct and answer in self._answers:
            return
        self._answers.add(answer)
        made: Group = {part: text for part, text in zip(("key", "question", "answer"), answer, strict=True) if text}
        where = carry.put(self.out, made)
        if self.run.trace is not None:
            self.run.trace.append(Traced(holder, name, "carried as a local answer", *where))

    def _settle_entry(self, view: View, entry: Group, path: str) -> None:
        """Settle one entry of a keyed list: its id, its wording, its text as a whole, and then what is left."""
        by = entry.get(view.by)
        if not isinstance(by, str) or not by.strip():
            return
        name = by.strip()
        known = name in view.ids and self.run.views[view.name].get(name) is entry
        if known and self._is_read_through(view, entry, name):
            self._done.add(id(entry))
            return
        if known:
            self._mark(entry, view.by)
            self._settle_wording(view, name, entry, path)
        self._settle_repeats(view, entry)
        self._settle_whole(view, entry)
        if self.plan.carry is not None:
            self._carry_entry(self.plan.carry, view, entry, known=known)

    def _is_read_through(self, view: View, entry: Group, name: str) -> bool:
        """Tell whether an entry asks what is expected and rows have read all its answers: what most entries are."""
        if view.wording is not None and view.expects.get(name) != entry.get(view.wording):
            return False
        read, here, by, wording = self.run.read, id(entry), view.by, view.wording
        for part, value in entry.items():
            if value != "" and part != by and part != wording and (here, part) not in read:  # noqa: PLR1714  # every entry
                return False
        return True

    def _carry_entry(self, carry: CarryTo, view: View, entry: Group, *, known: bool) -> None:
        """Make local answers of what is left of an entry; a question without an answer is worth keeping too."""
        name = _text(entry, view.by)
        wording = _text(entry, view.wording)
        for holder, place, part in list(self._unread(view, entry)):
            if known and not self.plan.may_carry((view.name, name, part)):
                self._lose(holder, place, f"{'.'.join(view.path)}.{part}", _NO_ROOM)
                self.run.read.add((id(holder), place))
                continue
            asked = wording if part == view.whole else f"{wording} ({part})".strip()
            self._carry(carry, holder, place, (name, asked, plain(value_at(holder, place)).strip()))
            self._mark(entry, view.by, view.wording)
        if (id(entry), view.by) not in self.run.read:
            self._carry(carry, entry, view.by, (name, wording, ""))
            self._mark(entry, view.wording)

    def _settle_wording(self, view: View, name: str, entry: Group, path: str) -> None:
        """Compare a known question with what the mapping expects it to ask."""
        expected, wording = view.expects.get(name), _text(entry, view.wording)
        if view.wording is None or not wording:
            return
        if expected is not None and fold(expected) == fold(wording):
            self._mark(entry, view.wording)
            return
        if expected is not None:
            self.run.notes.append((entry, view.wording, "question-drift", _DRIFT))
        if self.plan.carry is not None:
            self._carry(self.plan.carry, entry, view.wording, (name, wording, ""))
        else:
            self._lose(entry, view.wording, f"{path}.{view.wording}", _DRIFT)
            self._mark(entry, view.wording)

    def _settle_repeats(self, view: View, entry: Group) -> None:
        """A mark that only says that the entry holds lists is read by seeing that it does."""
        if view.repeats is not None and entry.get(view.repeats) is any(
            isinstance(part, list) for part in entry.values()
        ):
            self._mark(entry, view.repeats)

    def _settle_whole(self, view: View, entry: Group) -> None:
        """Where the text as a whole says just what the parts say, whoever has read the one has read the other."""
        if view.whole is None:
            return
        apart = {view.by, view.wording, view.whole, view.repeats}
        parts = [leaf for name in entry if name not in apart for leaf in _leaves(entry, name)]
        whole = list(_leaves(entry, view.whole))
        words = _words(parts)
        if not words or words != _words(whole):
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
                for leaf in _leaves(entry, name):
                    if not self._was_read(leaf):
                        yield leaf[0], leaf[1], name

    def _was_read(self, leaf: Hit) -> bool:
        return (id(leaf[0]), leaf[1]) in self.run.read

    def _mark_leaves(self, leaves: Iterable[Hit]) -> None:
        self.run.read.update((id(holder), place) for holder, place, _ in leaves)

    def _settle_picks(self, root: Group) -> None:
        """List what belongs to the elements that were not picked: each as a whole."""
        for names, why in self.plan.others:
            for place, element in enumerate(groups_of(_at(root, names))):
                if place != self.run.pick:
                    path = f"{'.'.join(names)}[{place}]"
                    self._lose(element, "", path, why)
                    self._mark_all(element)

    def _mark(self, entry: Group, *names: str | None) -> None:
        self.run.read.update((id(entry), name) for name in names if name is not None)

    def _mark_all(self, part: Tree) -> None:
        for name, inner in _parts(part):
            self.run.read.add((id(part), name))
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


def _leaves(entry: Group, name: str) -> Iterator[Hit]:
    """Yield the leaves with a value below one part of an entry: one text, or a list of them."""
    part = entry.get(name)
    if isinstance(part, list):
        for place, item in enumerate(part):
            if not isinstance(item, dict | list) and not _is_blank(item):
                yield part, place, item
    elif not isinstance(part, dict) and not _is_blank(part):
        yield entry, name, part


def _at(root: Group, names: tuple[str, ...]) -> Tree:
    part: Tree = root
    for name in names:
        part = part.get(name) if isinstance(part, dict) else None
    return part


def _text(entry: Group, name: str | None) -> str:
    value = entry.get(name) if name is not None else None
    return value.strip() if isinstance(value, str) else ""


def _words(leaves: Iterable[Hit]) -> list[str]:
    """Return the words of *leaves*, however often and in whatever order they come, as one can compare them."""
    return sorted(_WORD.findall(" ".join(plain(value) for *_, value in leaves).casefold()))


def _is_blank(part: Tree) -> bool:
    return part is None or (isinstance(part, str) and not part.strip())
