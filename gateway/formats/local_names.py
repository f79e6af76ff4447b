"""How do local headings stand in our own JSON: as lists, or under names of their own?

A system that knows nothing of our lists writes what only its own form asks under a name like `x-barnet-ward`. Such
names are gathered into the part's list of local headings when they come in, and put back when they go out, so that
they return to where they were.
"""

import re
from collections.abc import Callable
from dataclasses import is_dataclass
from typing import TypeAlias

from gateway.model.document import parts_of
from gateway.model.tree import Group, Tree

NAMES = r"^x-[a-z0-9][a-z0-9-]{0,59}$"
"""What such a name looks like. A text is all that stands under it."""
_NAME = re.compile(NAMES)
_BY_NAME = "x-name"
"""The key of a local answer whose question is such a name. The name is as personal as a question may be."""
_LISTS = ("headings", "local")


_Turn: TypeAlias = Callable[[Tree, type], Tree]


def list_of(cls: type) -> str | None:
    """Return what the list of local headings in a part *cls* is called; None where it has none."""
    return next((name for name in _LISTS if name in parts_of(cls)), None)


def gathered(part: Tree, cls: type) -> Tree:
    """Return *part*, a *cls* or several, with its local names at the end of its list of local headings."""
    if isinstance(part, list):
        return [gathered(item, cls) for item in part]
    if not isinstance(part, dict):
        return part
    name = list_of(cls)
    local = [one for one in part if _is_local(one, part)] if name is not None else []
    whole: Group = {one: _inside(one, value, cls, gathered) for one, value in part.items() if one not in local}
    held = whole.get(name or "", [])
    if not local or name is None or not isinstance(held, list):
        return whole if not local else part
    whole[name] = [*held, *(_heading(name, one, part[one]) for one in local)]
    return whole


def spread(part: Tree, cls: type) -> Tree:
    """Return *part*, a *cls* or several, with what `gathered` would gather under its own names again."""
    if isinstance(part, list):
        return [spread(item, cls) for item in part]
    if not isinstance(part, dict):
        return part
    whole: Group = {one: _inside(one, value, cls, spread) for one, value in part.items()}
    name = list_of(cls)
    held = whole.get(name or "")
    if name is None or not isinstance(held, list):
        return whole
    named = [_named(one) for one in held]
    at = _first_to_spread(named)
    whole[name] = held[:at]
    if at == 0:
        del whole[name]
    return whole | dict(one for one in named[at:] if one is not None)


def _heading(list_name: str, name: str, text: Tree) -> Group:
    if list_name == "headings":
        return {"key": name, "text": text}
    return {"key": _BY_NAME, "question": name, "answer": text}


def _named(heading: Tree) -> tuple[str, Tree] | None:
    """Return name and text of a heading that `gathered` could have made."""
    match heading:
        case {"key": str() as name, "text": str() as text} if heading == _heading("headings", name, text):
            return (name, text) if _NAME.fullmatch(name) else None
        case {"question": str() as name, "answer": str() as text} if heading == _heading("local", name, text):
            return (name, text) if _NAME.fullmatch(name) else None
        case _:
            return None


def _first_to_spread(named: list[tuple[str, Tree] | None]) -> int:
    """Return from where on every heading is a name and a text, no name twice."""
    seen: set[str] = set()
    for place in range(len(named) - 1, -1, -1):
        one = named[place]
        if one is None or one[0] in seen:
            return place + 1
        seen.add(one[0])
    return 0


def _is_local(name: str, part: Group) -> bool:
    return _NAME.fullmatch(name) is not None and isinstance(part.get(name, ""), str)


def _inside(name: str, value: Tree, cls: type, turn: _Turn) -> Tree:
    kind = parts_of(cls).get(name)
    return turn(value, kind[0]) if kind is not None and is_dataclass(kind[0]) else value
