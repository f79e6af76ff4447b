"""How is a Common Transfer File written, and what is it called?

Edition 25.0, its parts in the order the specification lists them. Several pupils who go the same way share one file.

Source: the DfE's text specification and public programs that write such files.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import islice

from lxml import etree

from gateway.errors import Place, TranslationError
from gateway.formats.ctf import HEADER, PUPIL, ROOT
from gateway.formats.xml import Element
from gateway.model.tree import Group, Tree

LOST_PUPIL = "XXXXXXX"
"""The receiving school when nobody knows it: the file goes to the store for lost pupils, one pupil in each."""
SERIAL_LIMIT = 999
_LINES = 5
_PARTY = re.compile(r"\d{7}|\d{3}LLLL|X{7}|M{7}")
_KINDS = frozenset({"CTF", "CML", "CMJ"})
_SCHOOL = ("LEA", "Estab", "URN", "SchoolName", "AcademicYear")
_ADDRESS = ("AddressLines", "County", "PostCode", "Zip", "Country")
_ORDER: dict[str, Sequence[str]] = {
    HEADER: (
        "DocumentName", "CTFversion", "DateTime", "DocumentQualifier", "DataQualifier", "DataDescriptor", "SupplierID",
        "SourceSchool", "DestSchool",
    ),
    "SourceSchool": _SCHOOL,
    "DestSchool": _SCHOOL,
    PUPIL: (
        "ApplicationReference", "UPN", "UniqueLearnerNumber", "UCI", "Surname", "Forename", "DOB", "Sex",
        "BasicDetails", "SENhistory", "FSMhistory", "LookedAfter", "Address", "Phones", "Email", "Contacts",
        "StageAssessments", "SchoolHistory",
    ),
    "BasicDetails": (
        "FormerUPN", "PreferredSurname", "PreferredForename", "FormerSurname", "FormerForename", "MiddleNames",
        "NCyearActual", "Ethnicity", "EthnicitySource", "Languages", "EnrolStatus", "MedicalFlag", "Disabilities",
    ),
    "Languages": ("Type",),
    "Disabilities": ("Disability",),
    "SENhistory": ("SEN", "SENneeds"),
    "SEN": ("StartDate", "SENprovision"),
    "SENneeds": ("SENneed",),
    "SENneed": ("SENtype", "SENtypeRank"),
    "FSMhistory": ("FSMreviewDate", "FSMinstance"),
    "FSMinstance": ("FSMstartDate", "FSMendDate", "UKcountry"),
    "LookedAfter": ("InCare", "CareAuthority"),
    "Address": _ADDRESS,
    "AddressLines": tuple(f"AddressLine{number}" for number in range(1, _LINES + 1)),
    "Phones": ("Phone",),
    "Phone": ("PhoneNo",),
    "Contacts": ("Contact",),
    "Contact": (
        "Order", "Title", "Surname", "Forename", "Gender", "Relationship", "Responsibility", "AddressAsPupil",
        "Address", "Phones", "Email",
    ),
    "StageAssessments": ("KeyStage",),
    "KeyStage": ("Stage", "StageAssessment"),
    "StageAssessment": (
        "Locale", "Year", "Subject", "Method", "Component", "ResultStatus", "ResultQualifier", "Result",
    ),
    "SchoolHistory": ("School",),
    "School": ("LEA", "Estab", "SchoolName", "EntryDate", "LeavingDate", "LeavingReason", "LastSchool"),
}  # fmt: skip


def write_ctf(trees: Sequence[Group]) -> bytes:
    """Return one file with the pupils of *trees*, each `{"Header": ..., "Pupil": ...}` as the outbound mapping has it.

    Raises:
        TranslationError: nobody said when and by which school it is made; they do not all go the same way; several in
            a file to nobody knows where; a part the format has no place for; a character no XML can hold.
    """
    _check_header(_inside(trees[0], HEADER))
    header = trees[0].get(HEADER)
    if any(tree.get(HEADER) != header for tree in trees):
        raise TranslationError("one transfer file goes from one school to one other; make one for each way")
    if len(trees) > 1 and _party(_inside(trees[0], HEADER), "DestSchool") == LOST_PUPIL:
        raise TranslationError("a file to an unknown school holds one pupil only")
    root = etree.Element(ROOT)
    _put(root, HEADER, header or {}, HEADER)
    data = etree.SubElement(root, "CTFpupilData")
    for tree in trees:
        _put(data, PUPIL, tree.get(PUPIL) or {}, PUPIL)
    etree.indent(root)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True) + b"\n"


def _check_header(header: Group) -> None:
    for path in ("DateTime", "SourceSchool.LEA"):
        part: Tree = header
        for name in path.split("."):
            part = part.get(name) if isinstance(part, dict) else None
        if not part:
            message = "a transfer file says when and by which school it was made; nothing here tells"
            raise TranslationError(message, place=Place(path=f"{HEADER}.{path}"))


def ctf_file_name(tree: Group, *, serial: int, kind: str = "CTF") -> str:
    """Return what the file of *tree* is called: sender, kind, receiver, and the *serial* number between the two.

    Args:
        tree: any pupil of the file.
        serial: rises from 1 for each pair of sender and receiver.
        kind: `CTF`; `CML` or `CMJ` for a child missing education, who left or joined.

    Raises:
        TranslationError: no such kind or serial number, or the header does not name its sender.
    """
    header = _inside(tree, HEADER)
    source, destination = _party(header, "SourceSchool"), _party(header, "DestSchool")
    if kind not in _KINDS or not 1 <= serial <= SERIAL_LIMIT:
        raise TranslationError(f"a transfer file is of kind CTF, CML or CMJ and has a number up to {SERIAL_LIMIT}")
    if source == LOST_PUPIL or not _PARTY.fullmatch(source) or not _PARTY.fullmatch(destination):
        place = Place(path="Header.SourceSchool")
        raise TranslationError("a school is named by three digits of its authority and four of its own", place=place)
    return f"{source}_{kind}_{destination}_{serial:03}.xml"


def _party(header: Group, name: str) -> str:
    """Return a school as file names write it; `LLLL` stands for an authority itself, seven X for nobody knows."""
    school = _inside(header, name)
    authority, establishment = (str(school.get(part) or "").strip().upper() for part in ("LEA", "Estab"))
    return f"{authority}{establishment or 'LLLL'}" if authority else LOST_PUPIL


def _inside(tree: Group, name: str) -> Group:
    part = tree.get(name)
    return part if isinstance(part, dict) else {}


def _put(parent: Element, name: str, part: Tree, path: str) -> None:
    """Put *part*, a value or a group, or each of a list, under *parent*."""
    for one in part if isinstance(part, list) else [part]:
        element = etree.SubElement(parent, name)
        if isinstance(one, dict):
            _fill(element, name, _spelled(name, one), path)
        else:
            element.text = _text(one, path)


def _fill(element: Element, name: str, group: Group, path: str) -> None:
    order = _ORDER.get(name, ())
    strange = [part for part in group if part not in order]
    if strange:
        raise TranslationError("a transfer file has no place for this part", place=Place(path=f"{path}.{strange[0]}"))
    for part in order:
        if part in group:
            _put(element, part, group[part], f"{path}.{part}")


def _spelled(name: str, group: Group) -> Group:
    """Return *group* as the format spells it: address lines numbered, each telephone number in a part of its own."""
    if name == "AddressLines":
        return _numbered(_texts(group.get("AddressLine")))
    if name == "Phones":
        return {"Phone": [{"PhoneNo": number} for number in _texts(group.get("PhoneNo"))]}
    return group


def _numbered(lines: Iterable[Tree]) -> Group:
    """Return at most five lines; what is beyond them shares the last."""
    rest = iter(lines)
    kept = list(islice(rest, _LINES))
    over = [str(line) for line in rest]
    if over:
        kept[-1] = ", ".join([str(kept[-1]), *over])
    return {f"AddressLine{number}": line for number, line in enumerate(kept, start=1)}


def _texts(part: Tree) -> list[Tree]:
    return part if isinstance(part, list) else [] if part is None else [part]


def _text(value: Tree, path: str) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    try:
        etree.Element("t").text = text
    except ValueError:
        raise TranslationError("a character that no XML can hold", code="bad-text", place=Place(path=path)) from None
    return text
