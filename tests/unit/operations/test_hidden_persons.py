"""Is whom nobody may be told of kept sealed, read at the cut, and named nowhere else?"""

from typing import Any

import pytest

from gateway.consent.content_filter import hides_persons
from gateway.consent.decision import Permit, Redaction
from gateway.consent.hidden_person import SOMEBODY, HiddenPerson
from gateway.consent.question import Mode
from gateway.consent.trial import trial_permit
from gateway.errors import SchemaViolationError
from gateway.flows.deciding.gather import facts_now, flags_of, hidden_from
from gateway.model.identifiers import ChildRef, OrganisationId
from tests.unit.consent.questions import AT
from tests.unit.operations.house import House
from tests.unit.operations.test_facts import COORDINATOR, a_child, facts
from tests.unit.operations.test_permissions import record

MASH = OrganisationId("barnet-mash")


def flag(house: House, child: ChildRef, **more: Any) -> None:
    house.order(COORDINATOR, "flags.set", child=child, flag="THIRD_PARTY", **more)


def hidden(house: House, child: ChildRef) -> tuple[HiddenPerson, ...]:
    return house.application.store.read(lambda uow: hidden_from(house.application.desk, uow, MASH, (child,)))


def test_a_flag_hides_whom_it_names(house: House) -> None:
    child = a_child(house)

    flag(house, child, persons=["Otto Fatherly; born 1980-02-03; reference P2", "Mona Exampleton"])

    assert hidden(house, child) == (
        HiddenPerson(name="Otto Fatherly", born="1980-02-03", reference="P2"),
        HiddenPerson(name="Mona Exampleton"),
    )


def test_a_flag_that_names_nobody_hides_somebody(house: House) -> None:
    child = a_child(house)

    flag(house, child)

    assert hidden(house, child) == (SOMEBODY,)


def test_a_flag_of_another_kind_hides_nobody(house: House) -> None:
    child = a_child(house)
    house.order(COORDINATOR, "flags.set", child=child, flag="ADDRESS_WITHHELD")

    assert hidden(house, child) == ()


def test_whoever_is_on_the_need_list_is_told_of_them(house: House) -> None:
    child = a_child(house)

    flag(house, child, persons=["Otto Fatherly"], need_list=[MASH])

    assert hidden(house, child) == ()


def test_an_adult_who_said_no_is_hidden_beside_whom_a_flag_names(house: House) -> None:
    child = a_child(house)
    flag(house, child, persons=["Mona Exampleton"])

    record(house, child, status="REFUSED", capacity="ADULT_SELF", subject="Otto Fatherly")

    assert {one.name for one in hidden(house, child)} == {"Mona Exampleton", "Otto Fatherly"}


def test_an_adult_who_said_yes_to_all_is_not_hidden(house: House) -> None:
    child = a_child(house)

    record(house, child, capacity="ADULT_SELF", subject="Otto Fatherly", agencies_denied=[])

    assert hidden(house, child) == ()


def test_an_adult_who_said_no_and_says_yes_now_is_not_hidden_until_they_take_it_back(house: House) -> None:
    child = a_child(house)
    otto = {"capacity": "ADULT_SELF", "subject": "Otto Fatherly"}
    no = record(house, child, status="REFUSED", **otto)

    yes = record(house, child, agencies_denied=[], replaces=no, **otto)
    assert hidden(house, child) == ()

    house.order(COORDINATOR, "consents.withdraw", child=child, consent=yes)
    assert [one.name for one in hidden(house, child)] == ["Otto Fatherly"]


def test_whom_a_flag_names_is_no_part_of_what_the_rules_are_asked(house: House) -> None:
    child, desk = a_child(house), house.application.desk
    flag(house, child, persons=["Otto Fatherly; born 1980-02-03"])

    (asked,) = desk.store.read(lambda uow: flags_of(desk, uow, (child,)))

    assert asked.flag == "THIRD_PARTY"
    assert "Fatherly" not in repr(asked)


@pytest.mark.parametrize(
    ("redactions", "named"), [((), ()), ((Redaction(reason="R-THIRD", persons=True),), ("Otto Fatherly",))]
)
def test_who_is_hidden_is_read_only_where_the_permit_hides_somebody(
    house: House, redactions: tuple[Redaction, ...], named: tuple[str, ...]
) -> None:
    child, desk = a_child(house), house.application.desk
    flag(house, child, persons=["Otto Fatherly"])
    trial = trial_permit("ecaf.episode", recipient=MASH, at=AT)
    permit = Permit(grounds=trial.grounds, kept=trial.kept, epochs=trial.epochs, redactions=redactions)

    now = desk.store.read(lambda uow: facts_now(desk, uow, permit, (child,), to=MASH, mode=Mode.DISCLOSE))

    assert hides_persons(permit) is bool(named)
    assert tuple(one.name for one in now.hidden) == named


REFUSED: dict[str, dict[str, Any]] = {
    "no name": {"persons": ["; born 1980-02-03"]},
    "nothing but spaces and marks": {"persons": ["   ;   ;  "]},
    "no word to go by": {"persons": ["N N"]},
    "no day": {"persons": ["Kuno Unreal; born 1980-13-40"]},
    "something else": {"persons": ["Kuno Unreal; shoe size 44"]},
    "with another flag": {"flag": "ADOPTED", "persons": ["Kuno Unreal"]},
}


@pytest.mark.parametrize("args", REFUSED.values(), ids=REFUSED.keys())
def test_who_cannot_be_looked_for_is_refused_by_place_and_never_repeated(house: House, args: dict[str, Any]) -> None:
    child = a_child(house)

    with pytest.raises(SchemaViolationError) as refused:
        house.order(COORDINATOR, "flags.set", child=child, **{"flag": "THIRD_PARTY", **args})

    assert "persons" in str(refused.value.place)
    assert "Unreal" not in refused.value.message
    assert [one for one in facts(house, child) if one["kind"] == "flag"] == []
