"""What do schools send? SIMS reports with a row for every combination, the same as CSV, and transfer files."""

import csv
import io
from collections.abc import Iterator, Sequence
from random import Random
from xml.sax.saxutils import escape

from gateway.simulators.school import superstar_report
from tests.corpus import noise, rates
from tests.corpus.forms import consent
from tests.corpus.noise import Habit
from tests.corpus.people import Child, Family

_CAPTIONS = (
    *("multiple_id", "School Name", "Forename", "Surname", "UPN", "Adno", "Year", "DOB", "Gender", "Ethnicity"),
    *("Address Line 1", "Town", "Postcode", "Telephone", "Contact Forename", "Contact Surname", "Contact Relationship"),
    *("Contact Parental Responsibility", "CAF Consent Given", "CAF Consent Date", "CAF Consent Mode"),
    "CAF Consent Signatory Capacity",
)
Pupils = Sequence[tuple[Family, Child]]


def superstar(pupils: Pupils, habit: Habit) -> bytes:
    """Return a SIMS report as XML."""
    return superstar_report([row for one in pupils for row in _rows(*one, habit, is_xml=True)])


def report_csv(chance: Random, pupils: Pupils, habit: Habit) -> bytes:
    """Return the same as CSV, in one of the encodings schools' files come in."""
    text = io.StringIO()
    table = csv.DictWriter(text, _CAPTIONS, lineterminator="\r\n")
    table.writeheader()
    table.writerows(row for one in pupils for row in _rows(*one, habit, is_xml=False))
    if chance.random() < rates.RARE_ENCODING:
        return text.getvalue().encode("cp1252", errors="replace")
    return text.getvalue().encode(chance.choice(("utf-8", "utf-8-sig")))


def transfer(pupils: Pupils, number: int) -> bytes:
    """Return a Common Transfer File; names are often all capitals."""
    told = "".join(_transferred(*one) for one in pupils)
    header = (
        "<DocumentName>Common Transfer File</DocumentName><CTFversion>25.0</CTFversion>"
        f"<DateTime>2026-11-20T14:30:{number % 60:02d}</DateTime><DocumentQualifier>full</DocumentQualifier>"
        "<SupplierID>Invented MIS</SupplierID><SourceSchool><LEA>999</LEA><Estab>1001</Estab>"
        "<SchoolName>Nowhere Primary School</SchoolName><AcademicYear>2026</AcademicYear></SourceSchool>"
        "<DestSchool><LEA>999</LEA><Estab>1234</Estab></DestSchool>"
    )
    return f"<CTfile><Header>{header}</Header><CTFpupilData>{told}</CTFpupilData></CTfile>".encode()


def _rows(family: Family, child: Child, habit: Habit, *, is_xml: bool) -> Iterator[dict[str, str]]:
    """Yield the rows of one pupil: one for each combination of contact and telephone."""
    typed = noise.once(child, "sims")
    given, surname = noise.names(typed, child)
    said = consent(typed, habit)
    born = noise.birthday(typed, child.born, kind="%d/%m/%Y", is_required=True)
    if is_xml and child.born is not None and born:
        born = noise.with_offset(child.born)
    pupil = {
        "School Name": "Nowhere Primary School",
        "Forename": given,
        "Surname": surname,
        "UPN": noise.upn(typed, child),
        "Adno": f"{child.number:06d}",
        "Year": f"Year  {max(1, min(11, 2026 - (child.born.year if child.born else 2020) - 5))}",
        "DOB": born,
        "Gender": noise.label(typed, noise.SEX[child.sex], habit.sex),
        "Ethnicity": noise.label(typed, noise.ETHNICITY[child.ethnicity], habit.ethnicity),
        "Address Line 1": f"{family.house} {family.street}",
        "Town": "Exampleton",
        "Postcode": noise.postcode(typed, family),
        "CAF Consent Given": said["consent_to_share"],
        "CAF Consent Date": "2026-10-02T00:00:00+01:00" if said["consent_date"] else "",
        "CAF Consent Mode": said["consent_mode"],
        "CAF Consent Signatory Capacity": said["consent_signatory_capacity"],
    }
    contacts = [(family.mother, "Mother")]
    if family.has_two_contacts:
        contacts.append((family.father, "Father"))
    telephones = [family.telephone]
    if family.has_two_telephones:
        telephones.append("020 7946 0110")
    for place, (contact, relationship) in enumerate(contacts, start=1):
        first, _, last = contact.partition(" ")
        for telephone in telephones:
            yield pupil | {
                "multiple_id": f"{child.number},{child.number * 10 + place}",
                "Telephone": telephone,
                "Contact Forename": first,
                "Contact Surname": last,
                "Contact Relationship": relationship,
                "Contact Parental Responsibility": "Yes",
            }


def _transferred(family: Family, child: Child) -> str:
    typed = noise.once(child, "sims")
    given, surname = noise.names(typed, child)
    if typed.random() < 0.5:  # half of all systems write capitals
        given, surname = given.upper(), surname.upper()
    born = f"<DOB>{child.born.isoformat()}</DOB>" if child.born else ""
    sex = {"1": "M", "2": "F"}.get(child.sex, "U")
    return (
        f"<Pupil><UPN>{noise.upn(typed, child)}</UPN><Surname>{escape(surname)}</Surname>"
        f"<Forename>{escape(given)}</Forename>{born}<Sex>{sex}</Sex>"
        f"<BasicDetails><Ethnicity>{child.ethnicity}</Ethnicity></BasicDetails>"
        f"<Address><AddressLines><AddressLine1>{family.house} {escape(family.street)}</AddressLine1></AddressLines>"
        f"<PostCode>{noise.postcode(typed, family)}</PostCode></Address></Pupil>"
    )
