"""Which pupils does a Common Transfer File tell about?

One `Header` says between which schools the file goes, and each `Pupil` is a record of its own. Parts are known by their
names, in whatever order they come, because editions differ in it and no public schema settles it.

Source: the DfE's text specification and public programs that write such files; editions 12 to 25.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from gateway.errors import Place, SchemaViolationError
from gateway.formats.register import CTF_NEWEST, CTF_OLDEST, Format
from gateway.formats.warning import GateWarning
from gateway.formats.xml import Element
from gateway.model.tree import Group, Tree

ROOT = "CTfile"
HEADER = "Header"
PUPIL = "Pupil"
_DATA = "CTFpupilData"
_VERSION = re.compile(r"\s*(\d{1,2})(?:\.\d{1,2})?\s*")
_FULL = "full"
_HARMLESS = "{http://www.w3.org/"
_LISTS = frozenset(
    {
        "Contact", "Disability", "FSMinstance", "KeyStage", "Phone", "SEN", "SENneed", "School", "StageAssessment",
        "Type", "YearData",
    }
)  # fmt: skip
"""What repeats, so that one of it is a list too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferredPupil:
    """One pupil of a file.

    Shape: `key` is the UPN, where there is one. `tree` is `{"Header": ..., "Pupil": ...}`. `number` counts from 1.
    """

    key: str
    number: int
    tree: Group


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferFile:
    """A whole file. `tells_contacts` says whether a contact who is not in it is one the school no longer has."""

    pupils: tuple[TransferredPupil, ...]
    warnings: tuple[GateWarning, ...]
    tells_contacts: bool

    def as_tree(self) -> Group:
        """Return every pupil as one tree, `{"Pupil": [...]}`."""
        return {PUPIL: [pupil.tree[PUPIL] for pupil in self.pupils]}


def read_ctf(root: Element, fmt: Format) -> TransferFile:
    """Return the pupils under *root*, which the schema has been asked about already.

    Raises:
        SchemaViolationError: another root, no header or no pupil data, or two of one, code `ctf-parts`; an edition we
            do not read, or none, code `ctf-edition`.
    """
    if root.tag != ROOT:
        message = f"the file is no {ROOT}: is it another kind of school file?"
        raise SchemaViolationError(message, code="ctf-parts", place=Place(path="/"))
    header, data = _one(root, HEADER), _one(root, _DATA)
    edition = _edition(header)
    warnings: dict[str, GateWarning] = {}
    if fmt.name != f"sims/ctf-{edition}":
        path, message = "Header.CTFversion", f"sent as {fmt.name} and of edition {edition}: read as what it is"
        warnings[path] = GateWarning(path=path, code="other-edition", message=message)
    read = _Reader(warnings)
    said = read.group(header, HEADER)
    pupils = tuple(_pupils(data, said, read))
    if not pupils:
        warnings[_DATA] = GateWarning(path=_DATA, code="empty-report", message="the file has no pupil")
    others = [str(part.tag) for part in root if part.tag not in {HEADER, _DATA}]
    others += [str(part.tag) for part in data if part.tag != PUPIL]
    if others:
        message = f"{len(others)} parts beside the header and the pupils are not carried"
        warnings["others"] = GateWarning(path=f"/{ROOT}", code="part-ignored", message=message)
    qualifier = header.findtext("DocumentQualifier") or ""
    is_full = qualifier.strip().casefold() == _FULL
    tells = is_full and any("Contacts" in cast("Group", one.tree[PUPIL]) for one in pupils)
    return TransferFile(pupils=pupils, warnings=tuple(warnings.values()), tells_contacts=tells)


def _one(root: Element, name: str) -> Element:
    found = [part for part in root if part.tag == name]
    if len(found) != 1:
        fault = "is missing" if not found else "comes more than once"
        place = Place(path=f"/{ROOT}/{name}")
        raise SchemaViolationError(f"the part {name} {fault}", code="ctf-parts", place=place)
    return found[0]


def _edition(header: Element) -> int:
    found = _VERSION.fullmatch(header.findtext("CTFversion") or "")
    edition = int(found[1]) if found else 0
    if not CTF_OLDEST <= edition <= CTF_NEWEST:
        message = f"CTFversion does not name one of the editions that are read, {CTF_OLDEST}.0 to {CTF_NEWEST}.0"
        place = Place(path=f"/{ROOT}/{HEADER}/CTFversion")
        raise SchemaViolationError(message, code="ctf-edition", place=place)
    return edition


def _pupils(data: Element, header: Group, read: "_Reader") -> Iterator[TransferredPupil]:
    for number, element in enumerate((one for one in data if one.tag == PUPIL), start=1):
        tree = read.group(element, PUPIL)
        upn = (element.findtext("UPN") or "").strip()
        key = f"UPN:{upn}" if upn else f"pupil:{number}"
        yield TransferredPupil(key=key, number=number, tree={HEADER: header, PUPIL: tree})


class _Reader:
    """Makes trees of elements. Attributes are not carried; a warning says where there were any."""

    def __init__(self, warnings: dict[str, GateWarning]) -> None:
        self._warnings = warnings

    def group(self, element: Element, path: str) -> Group:
        """Return *element* as a group: each child by its name, what repeats as a list."""
        group: Group = {}
        for child in element:
            name = str(child.tag)
            below = f"{path}.{name}"
            self._see_attributes(child, below)
            made = self.group(child, below) if len(child) else child.text or ""
            self._add(group, name, made)
        text = "".join((element.text or "", *(child.tail or "" for child in element))).strip()
        if text:
            group["#text"] = text
        return group

    def _add(self, group: Group, name: str, made: Tree) -> None:
        earlier = group.get(name)
        if isinstance(earlier, list):
            earlier.append(made)
        elif name in group:
            group[name] = [earlier, made]
        else:
            group[name] = [made] if name in _LISTS else made

    def _see_attributes(self, element: Element, path: str) -> None:
        if any(not str(name).startswith(_HARMLESS) for name in element.attrib):
            message = "attributes of this part are not carried"
            self._warnings.setdefault(path, GateWarning(path=path, code="attribute-ignored", message=message))
