"""What transfer files do schools write? Of any edition, with their parts in whatever order a supplier chose.

Everybody in them is invented; addresses and telephones are of the ranges nobody has.
"""

import io
from collections.abc import Mapping, Sequence
from random import Random
from xml.sax.saxutils import XMLGenerator
from xml.sax.xmlreader import AttributesImpl

from gateway.model.tree import Group, Tree

_SEX_SINCE = 24
_URN_SINCE = 18
_NO_ATTRIBUTES: "AttributesImpl[str]" = AttributesImpl({})

TESTINA: Group = {
    "UPN": "B801200005001",
    "UniqueLearnerNumber": "9276308686",
    "Surname": "EXAMPLETON",
    "Forename": "TESTINA",
    "DOB": "2014-06-14",
    "Sex": "F",
    "BasicDetails": {
        "FormerUPN": "T20110001804V",
        "PreferredSurname": "Exampleton",
        "PreferredForename": "Tess",
        "MiddleNames": "Mock Zoë",
        "NCyearActual": "7",
        "Ethnicity": "WBRI",
        "EthnicitySource": "P",
        "Languages": {"Type": ["ENG", "CYM"]},
        "EnrolStatus": "C",
        "MedicalFlag": "true",
        "Disabilities": {"Disability": ["NONE"]},
    },
    "SENhistory": {
        "SEN": [{"StartDate": "2024-09-02", "SENprovision": "K"}],
        "SENneeds": {"SENneed": [{"SENtype": "SLCN", "SENtypeRank": "1"}]},
    },
    "FSMhistory": {
        "FSMreviewDate": "2027-01-31",
        "FSMinstance": [{"FSMstartDate": "2025-09-01", "UKcountry": "ENG"}],
    },
    "LookedAfter": {"InCare": "false"},
    "Address": {
        "BS7666Address": {"PAON": "1", "Street": "Nowhere Lane", "Town": "Exampleton"},
        "PostCode": "ZZ99 3AA",
    },
    "Phones": {"Phone": [{"TelephoneType": "H", "PhoneNo": "020 7946 0001"}]},
    "Email": "testina@school.example",
    "Contacts": {
        "Contact": [
            {
                "Order": "1",
                "Title": "Ms",
                "Surname": "Exampleton",
                "Forename": "Mock",
                "Relationship": "MOTH",
                "Responsibility": "true",
                "AddressAsPupil": "true",
                "Phones": {"Phone": [{"TelephoneType": "M", "PhoneNo": "07700 900001"}]},
            },
            {
                "Order": "2",
                "Surname": "Sampleby",
                "Forename": "Trial",
                "Gender": "M",
                "Relationship": "FATH",
                "Responsibility": "true",
                "AddressAsPupil": "false",
                "Address": {
                    "AddressLines": {"AddressLine1": "2 Nowhere Lane", "AddressLine2": "Sampleby"},
                    "PostCode": "ZZ99 3AB",
                },
            },
        ]
    },
    "StageAssessments": {
        "KeyStage": [
            {
                "Stage": "KS2",
                "StageAssessment": [
                    {"Locale": "ENG", "Year": "2025", "Subject": "ENG", "Method": "TT", "ResultStatus": "R",
                     "Result": "3"}
                ],
            }
        ]
    },
    "SchoolHistory": {
        "School": [
            {
                "LEA": "820",
                "Estab": "1001",
                "SchoolName": "Exampleton Primary School",
                "EntryDate": "2019-09-03",
                "LeavingDate": "2026-07-20",
                "LastSchool": "true",
            }
        ]
    },
}  # fmt: skip
"""An invented pupil with everything a file has a place for."""

NUMBERLESS: Group = {
    "Surname": "O'NOBODY",
    "Forename": "SIÂN",
    "DOB": "2015-10-25",
    "Gender": "F",
    "Address": {
        "AddressLines": {"AddressLine1": "3 Nowhere Lane", "AddressLine2": "Exampleton"},
        "PostCode": "ZZ99 3AC",
    },
}
"""A pupil without a number, as is legal: none has been given yet."""


def transfer_file(
    pupils: Sequence[Mapping[str, Tree]], *, edition: int = 25, qualifier: str = "full", shuffle: Random | None = None
) -> bytes:
    """Return a Common Transfer File with *pupils*.

    Args:
        pupils: each as a tree of parts, such as TESTINA; `Gender` and `Sex` become whichever the edition has.
        edition: two digits of the academic year.
        qualifier: `full` or `partial`.
        shuffle: puts the parts of everything into an order of its own; None leaves them as they are.
    """
    source: Group = {"LEA": "820", "Estab": "1001", "SchoolName": "Exampleton Primary School", "AcademicYear": "2026"}
    destination: Group = {"LEA": "820", "Estab": "1234"}
    if edition >= _URN_SINCE:
        source["URN"] = "100001"
    header: Group = {
        "DocumentName": "Common Transfer File",
        "CTFversion": f"{edition}.0",
        "DateTime": "2026-11-20T14:30:00",
        "DocumentQualifier": qualifier,
        "DataDescriptor": "CTF",
        "SupplierID": "Invented MIS",
        "SourceSchool": source,
        "DestSchool": destination,
    }
    file: Group = {"Header": header, "CTFpupilData": {"Pupil": [_of_edition(pupil, edition) for pupil in pupils]}}
    written = io.StringIO()
    xml = XMLGenerator(written, encoding="utf-8", short_empty_elements=False)
    xml.startDocument()
    _put(xml, "CTfile", file, shuffle, 0)
    xml.endDocument()
    return written.getvalue().encode()


def _of_edition(pupil: Mapping[str, Tree], edition: int) -> Group:
    name = "Sex" if edition >= _SEX_SINCE else "Gender"
    return {name if part in {"Sex", "Gender"} else part: value for part, value in pupil.items()}


def _put(xml: XMLGenerator, name: str, part: Tree, shuffle: Random | None, depth: int) -> None:
    """Write *part*, a value or a group, or each of a list, as elements called *name*."""
    margin = "  " * depth
    for one in part if isinstance(part, list) else [part]:
        xml.ignorableWhitespace(margin)
        xml.startElement(name, _NO_ATTRIBUTES)
        if isinstance(one, dict):
            xml.ignorableWhitespace("\n")
            for inner, value in _ordered(one, shuffle):
                _put(xml, inner, value, shuffle, depth + 1)
            xml.ignorableWhitespace(margin)
        else:
            xml.characters(str(one))
        xml.endElement(name)
        xml.ignorableWhitespace("\n")


def _ordered(group: Group, shuffle: Random | None) -> list[tuple[str, Tree]]:
    parts = list(group.items())
    if shuffle is not None:
        shuffle.shuffle(parts)
    return parts
