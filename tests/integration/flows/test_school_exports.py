"""What does a school get of its own pupils, when somebody orders a transfer file from the store?"""

from typing import Any

import pytest
from lxml import etree

from gateway.errors import NotFoundError, TranslationError
from gateway.flows.exports.school_exports import Exported, Wanted
from gateway.flows.store.rows import Record
from gateway.formats.gate import gate, split
from gateway.formats.limits import Limits
from gateway.formats.register import FORMATS
from gateway.model.identifiers import ChildRef, OrganisationId
from tests.integration.flows.house import SCHOOL, House, profile, sims

CONSENT = {
    "kinds": ["SHARE"],
    "purposes": ["SCHOOL_EXPORT"],
    "status": "GIVEN",
    "mode": "WRITTEN_SIGNED",
    "giver_capacity": "PARENT_PR",
    "conflict": False,
    "agencies_allowed": ["school-example"],
    "effective_from": "2026-11-01T00:00:00+00:00",
    "expires_on": "2027-11-01T00:00:00+00:00",
}


def pupils(house: House, file: str = "ctf-25-two-pupils.xml", form: str = "sims/ctf-25") -> list[Record]:
    """Return the records of a school's file."""
    message = house.accept(sims(file), by=SCHOOL, form=form)
    house.work_messages()
    return list(house.app.store.read(lambda uow: uow.records.of_message(message)))


def agree(house: House, *records: Record, **changes: Any) -> list[ChildRef]:
    """Let the families of *records* agree; return the children."""
    children = [record.subjects[0] for record in records]
    told = {**CONSENT, **changes}
    kept = [house.app.facts.record_consent(child, told, actor="test") for child in children]
    assert len(kept) == len(children)
    return children


def order(house: House, *children: ChildRef, **changes: Any) -> Exported:
    told = {"school": SCHOOL, "source": "8201001", "destination": "8201234", "actor": "person:test", **changes}
    return house.app.school_exports.make(Wanted(children=children, **told))


def texts(made: Exported, path: str) -> list[str | None]:
    return [one.text for one in etree.fromstring(made.content).findall(path)]


def test_a_school_gets_its_own_pupils_by_the_rule_of_names(house: House) -> None:
    made = order(house, *agree(house, *pupils(house)))

    assert (made.name, made.pupils, made.refused) == ("8201001_CTF_8201234_001.xml", 2, ())
    assert texts(made, ".//Pupil/Surname") == ["EXAMPLETON", "O'NOBODY"]
    assert texts(made, "Header/SourceSchool/Estab") == ["1001"]
    assert texts(made, "Header/DateTime") == ["2026-11-23T09:00:00"]


def test_what_is_written_is_read_again_as_a_transfer_file(house: House) -> None:
    made = order(house, *agree(house, *pupils(house)))

    form = FORMATS["sims/ctf-25"]
    taken = gate(form, made.content, content_type=None, schemas=house.app.desk.schemas, limits=Limits())
    assert taken.records == 2
    assert len(list(split(form, made.content, limits=Limits()))) == 2


def test_nothing_is_in_it_that_the_purpose_does_not_need(house: House) -> None:
    made = order(house, *agree(house, *pupils(house)))

    assert b"ZZ99" not in made.content
    assert b"<Contacts" not in made.content
    assert b"<Address" not in made.content
    assert b"Medical" not in made.content


def test_without_the_family_s_word_a_pupil_is_not_in_it_and_why_is_told(house: House) -> None:
    first, second = pupils(house)
    agree(house, first)

    made = order(house, first.subjects[0], second.subjects[0])

    assert made.pupils == 1
    assert made.refused == ((second.subjects[0], "D-NONE"),)


def test_where_nobody_may_go_there_is_no_file_and_no_number_is_used(house: House) -> None:
    first, _ = pupils(house)

    none = order(house, first.subjects[0])
    agree(house, first)
    made = order(house, first.subjects[0])

    assert (none.name, none.content) == (None, b"")
    assert made.name == "8201001_CTF_8201234_001.xml"


def test_who_takes_the_word_back_is_in_no_later_file(house: House) -> None:
    first, _ = pupils(house)
    (child,) = agree(house, first)
    house.app.facts.withdraw_consent(child, actor="test")

    assert order(house, child).refused == ((child, "D-WITHDRAWN"),)


def test_a_child_whose_address_is_withheld_is_in_no_such_file(house: House) -> None:
    """It says between which schools it goes, and with that where the child is."""
    first, second = pupils(house)
    hidden, other = agree(house, first, second)
    house.app.facts.flags.set(hidden, {"flag": "ADDRESS_WITHHELD", "need_list": []}, actor="test")

    made = order(house, hidden, other)

    assert (made.pupils, made.refused) == (1, ((hidden, "R-ADDR"),))
    assert b"EXAMPLETON" not in made.content


def test_each_pair_of_schools_has_numbers_of_its_own(house: House) -> None:
    children = agree(house, *pupils(house))

    names = [
        order(house, *children).name,
        order(house, *children).name,
        order(house, *children, destination="8205678").name,
    ]

    assert [str(name)[-7:] for name in names] == ["001.xml", "002.xml", "001.xml"]


def test_nobody_knows_where_takes_one_pupil_only(house: House) -> None:
    children = agree(house, *pupils(house))

    assert order(house, children[0], destination=None).name == "8201001_CTF_XXXXXXX_001.xml"
    with pytest.raises(TranslationError, match="one pupil only"):
        order(house, *children, destination=None)


def test_another_school_s_pupils_are_not_a_school_s_own(house: House) -> None:
    other = profile("school-example", called="other-school")
    house.enrol(other)
    children = agree(house, *pupils(house))

    with pytest.raises(NotFoundError):
        order(house, *children, school=other.organisation)
    with pytest.raises(NotFoundError):
        order(house, *children, school=OrganisationId("no-school"))


def test_a_school_whose_training_has_lapsed_gets_nothing(house: House) -> None:
    children = agree(house, *pupils(house))
    house.enrol(profile("school-example", staff={"training_valid": False, "agreement_signed": True}))

    assert {reason for _, reason in order(house, *children).refused} == {"D-ACCOUNT"}


def test_what_the_school_told_last_is_what_it_gets(house: House) -> None:
    first, _ = pupils(house)
    (child,) = agree(house, first)
    changed = sims("ctf-25-two-pupils.xml").replace(b"<Forename>TESTINA<", b"<Forename>TESTINA ANEW<")
    house.accept(changed, by=SCHOOL, form="sims/ctf-25")
    house.work_messages()

    assert texts(order(house, child), ".//Pupil/Forename") == ["TESTINA ANEW"]


def test_that_it_was_made_stands_in_the_log_of_each_child_in_it(house: House) -> None:
    first, second = pupils(house)
    agree(house, first)

    order(house, first.subjects[0], second.subjects[0])

    kinds = [
        [row.kind for row in house.app.store.read(lambda uow, ref=ref: uow.audit.of_child(ref))].count("export.made")
        for ref in (first.subjects[0], second.subjects[0])
    ]
    assert kinds == [1, 0]


def test_an_export_is_not_taken_for_what_the_school_told(house: House) -> None:
    first, _ = pupils(house)
    (child,) = agree(house, first)

    once, again = (order(house, child).content for _ in range(2))

    assert once == again
