"""Whom do we speak with?"""

import hashlib
from typing import Any

import pytest

from gateway.errors import ConflictError, NotFoundError, PermanentError
from gateway.model.identifiers import OrganisationId
from gateway.model.tree import Group
from tests.unit.operations.house import House, a_caller, a_profile

ENGINEER = a_caller("INTEGRATION_ENGINEER")


def a_school(**changes: Any) -> Group:
    return {**a_profile("school-example"), "organisation": "school-two", "name": "Second Nowhere School", **changes}


def credential_of(answer: Group) -> dict[str, Any]:
    credential = answer["credential"]
    assert isinstance(credential, dict)
    return credential


def test_a_new_partner_gets_a_secret_that_is_shown_once_and_kept_as_a_hash(house: House) -> None:
    answer = house.order(ENGINEER, "partners.add", profile=a_school())
    secret = str(credential_of(answer)["secret"])
    kept = house.application.store.read(
        lambda uow: uow.directory.credential(str(credential_of(answer)["credential_id"]))
    )
    shown = house.order(ENGINEER, "partners.show", organisation="school-two")

    assert kept is not None
    assert kept.secret_sha256 == hashlib.sha256(secret.encode()).hexdigest()
    assert kept.scopes == tuple(a_school()["intake"]["scopes"])
    assert secret not in str(shown)
    assert {"partner.added", "credential.issued"} <= set(house.events()[-2:])


def test_a_partner_that_sends_nothing_gets_no_secret(house: House) -> None:
    answer = house.order(ENGINEER, "partners.add", profile=a_school(intake={"scopes": [], "folders": []}))

    assert "credential" not in answer


def test_a_partner_is_added_once(house: House) -> None:
    with pytest.raises(ConflictError):
        house.order(ENGINEER, "partners.add", profile=a_profile("school-example"))


@pytest.mark.parametrize(
    ("change", "path"),
    [
        pytest.param({"system": "fax"}, "system", id="a system nobody speaks"),
        pytest.param({"secure_channel": "yes"}, "secure_channel", id="text for truth"),
        pytest.param({"favourite_colour": "green"}, "favourite_colour", id="a key there is not"),
        pytest.param(
            {"agreement": {"id": "dsa-1", "version": "1", "status": "in_force", "expires_on": "soon"}},
            "agreement.expires_on",
            id="no date",
        ),
    ],
)
def test_a_profile_that_is_wrong_is_refused_by_its_key(house: House, change: dict[str, Any], path: str) -> None:
    with pytest.raises(PermanentError) as refused:
        house.order(ENGINEER, "partners.add", profile=a_school(**change))

    assert refused.value.place.path == path


def test_rotating_the_key_ends_the_old_one(house: House) -> None:
    old = credential_of(house.order(ENGINEER, "partners.add", profile=a_school()))["credential_id"]

    new = credential_of(house.order(ENGINEER, "partners.rotate-key", organisation="school-two"))["credential_id"]

    assert not is_enabled(house, old)
    assert is_enabled(house, new)


def test_for_a_change_over_the_old_key_may_be_kept(house: House) -> None:
    old = credential_of(house.order(ENGINEER, "partners.add", profile=a_school()))["credential_id"]

    house.order(ENGINEER, "partners.rotate-key", organisation="school-two", keep_old=True)

    assert is_enabled(house, old)


def is_enabled(house: House, credential: object) -> bool:
    found = house.application.store.read(lambda uow: uow.directory.credential(str(credential)))
    return found is not None and found.is_enabled


def test_cutting_a_partner_off_ends_its_keys_and_makes_every_decision_about_it_stale(house: House) -> None:
    key = credential_of(house.order(ENGINEER, "partners.add", profile=a_school()))["credential_id"]
    before = epoch(house)

    house.order(ENGINEER, "partners.disable", organisation="school-two")

    assert not is_enabled(house, key)
    assert epoch(house) == before + 1
    assert house.order(ENGINEER, "partners.show", organisation="school-two")["enabled"] is False


def epoch(house: House) -> int:
    name = "recipient:school-two"
    return house.application.store.read(lambda uow: uow.epochs.current([name])[name])


def test_a_new_profile_keeps_the_key_and_changes_what_it_opens(house: House) -> None:
    key = credential_of(house.order(ENGINEER, "partners.add", profile=a_school()))["credential_id"]

    house.order(ENGINEER, "partners.update", profile=a_school(intake={"scopes": ["mash/flat"]}))

    kept = house.application.store.read(lambda uow: uow.directory.credential(str(key)))
    assert kept is not None
    assert kept.is_enabled
    assert kept.scopes == ("mash/flat",)


def test_a_partner_that_was_cut_off_stays_so_when_its_profile_changes(house: House) -> None:
    house.order(ENGINEER, "partners.add", profile=a_school())
    house.order(ENGINEER, "partners.disable", organisation="school-two")

    house.order(ENGINEER, "partners.update", profile=a_school(name="Third Nowhere School"))

    kept = house.application.store.read(lambda uow: uow.directory.organisation(OrganisationId("school-two")))
    assert not kept.is_enabled


def test_a_partner_nobody_knows_cannot_be_shown(house: House) -> None:
    with pytest.raises(NotFoundError):
        house.order(ENGINEER, "partners.show", organisation="nobody-at-all")
