"""How does a mapping file say where something is in a tree?

A path names parts with dots, `child.address.postcode`. A part that repeats ends in `[]`, `telephones[]`; a part whose
name has a dot or a bracket of its own is quoted, `"a.b".c`. A lone dot is the group one is in.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

_PART = re.compile(r'(?:"(?P<quoted>[^"]+)"|(?P<plain>[^".\[\]{}]+))(?P<many>\[\])?(?:\.(?=.)|$)')
_PLAIN = re.compile(r'[^".\[\]]+')
_LOOKS_LIKE_A_NAME = re.compile(r"[A-Za-z_@#][A-Za-z0-9_@-]{0,39}")
HERE = "."
_REMEMBERED = 8192
"""How many paths are taken apart once: several mappings name the same two thousand places of the model."""


@dataclass(frozen=True, slots=True)
class Path:
    """A parsed path.

    Shape: `many[i]` tells whether `names[i]` repeats. The lone dot has no names.
    """

    names: tuple[str, ...]
    many: tuple[bool, ...]

    @property
    def is_list(self) -> bool:
        """Tell whether the last part repeats."""
        return bool(self.many) and self.many[-1]

    def __str__(self) -> str:
        return _spelled(self)


@lru_cache(maxsize=_REMEMBERED)
def _spelled(path: Path) -> str:
    parts = zip(path.names, path.many, strict=True)
    return ".".join(f"{quoted(name)}{'[]' if many else ''}" for name, many in parts) or HERE


@lru_cache(maxsize=_REMEMBERED)
def parse_path(text: str) -> Path | None:
    """Return the path that *text* writes, or None when it writes none."""
    if text == HERE:
        return Path((), ())
    names: list[str] = []
    many: list[bool] = []
    position = 0
    while position < len(text):
        found = _PART.match(text, position)
        if found is None:
            return None
        names.append(found["quoted"] or found["plain"].strip())
        many.append(found["many"] is not None)
        position = found.end()
    return Path(tuple(names), tuple(many)) if names and all(names) else None


def quoted(name: str) -> str:
    """Return *name* as a path writes it."""
    return name if _PLAIN.fullmatch(name) else f'"{name}"'


def tellable(name: str, known: frozenset[str]) -> str:
    """Return *name* as a report may show it.

    A name the mapping knows is ours. Any other was chosen by the sender, and a body that is not a form at all can turn
    a whole sentence into a name; so only what looks like a field's name is repeated.
    """
    return quoted(name) if name in known or _LOOKS_LIKE_A_NAME.fullmatch(name) else "?"
