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
DATA = "CTFpupilData"
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
    require_ctf(root)
    frame = read_frame(root, fmt)
    pupils = tuple(_pupils(_one(root, DATA), frame))
    for one in pupils:
        frame.notice(one)
    return TransferFile(pupils=pupils, warnings=frame.all_warnings(), tells_contacts=frame.tells_contacts)


def require_ctf(root: Element) -> None:
    """Return if *root* is that of a Common Transfer File.

    Raises:
        SchemaViolationError: it is not; code `ctf-parts`.
    """
    if root.tag != ROOT:
        message = f"the file is no {ROOT}: is it another kind of school file?"
        raise SchemaViolationError(message, code="ctf-parts", place=Place(path="/"))


def read_frame(root: Element, fmt: Format, warnings: dict[str, GateWarning] | None = None) -> "Frame":
    """Return what a file says beside its pupils; *warnings* are what was noticed of those already.

    Raises:
        SchemaViolationError: as `read_ctf` does.
    """
    header, data = _one(root, HEADER), _one(root, DATA)
    edition = _edition(header)
    found: dict[str, GateWarning] = {}
    if fmt.name != f"sims/ctf-{edition}":
        path, message = "Header.CTFversion", f"sent as {fmt.name} and of edition {edition}: read as what it is"
        found[path] = GateWarning(path=path, code="other-edition", message=message)
    said = Reading(found).group(header, HEADER)
    found.update(warnings or {})
    others = [str(part.tag) for part in root if part.tag not in {HEADER, DATA}]
    others += [str(part.tag) for part in data if part.tag != PUPIL]
    qualifier = header.findtext("DocumentQualifier") or ""
    return Frame(header=said, warnings=found, others=len(others), is_full=qualifier.strip().casefold() == _FULL)


@dataclass(slots=True, kw_only=True)
class Frame:
    """What a file says beside its pupils, and what is known of them all so far."""

    header: Group
    warnings: dict[str, GateWarning]
    others: int
    is_full: bool
    pupils: int = 0
    has_contacts: bool = False

    @property
    def tells_contacts(self) -> bool:
        """Tell whether a contact who is not in the file is one the school no longer has."""
        return self.is_full and self.has_contacts

    def notice(self, pupil: TransferredPupil) -> None:
        """Count a pupil."""
        self.pupils += 1
        self.has_contacts = self.has_contacts or has_contacts(pupil)

    def all_warnings(self) -> tuple[GateWarning, ...]:
        """Return what was noticed, once every pupil was counted."""
        found = dict(self.warnings)
        if not self.pupils:
            found[DATA] = GateWarning(path=DATA, code="empty-report", message="the file has no pupil")
        if self.others:
            message = f"{self.others} parts beside the header and the pupils are not carried"
            found["others"] = GateWarning(path=f"/{ROOT}", code="part-ignored", message=message)
        return tuple(found.values())


def has_contacts(pupil: TransferredPupil) -> bool:
    """Tell whether the file lists contacts of *pupil*."""
    return "Contacts" in cast("Group", pupil.tree[PUPIL])


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


def _pupils(data: Element, frame: Frame) -> Iterator[TransferredPupil]:
    reading = Reading(frame.warnings)
    for number, element in enumerate((one for one in data if one.tag == PUPIL), start=1):
        yield reading.pupil(element, number, frame.header)


class Reading:
    """Makes trees of elements. Attributes are not carried; a warning says where there were any."""

    def __init__(self, warnings: dict[str, GateWarning]) -> None:
        self._warnings = warnings

    def pupil(self, element: Element, number: int, header: Group) -> TransferredPupil:
        """Return one pupil."""
        tree = self.group(element, PUPIL)
        upn = (element.findtext("UPN") or "").strip()
        key = f"UPN:{upn}" if upn else f"pupil:{number}"
        return TransferredPupil(key=key, number=number, tree={HEADER: header, PUPIL: tree})

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
