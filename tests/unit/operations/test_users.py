"""Who has an account?"""

import pytest

from gateway.app.operations.caller import Door
from gateway.app.operations.users import add_first_user
from gateway.errors import ConflictError, NotAllowedError, NotFoundError, SchemaViolationError, UnauthenticatedError
from gateway.model.tree import Group
from tests.unit.operations.house import PASSWORD, House, a_caller

ADA = a_caller("ADMINISTRATOR", user="a.administrator")
NEW: Group = {"user": "t.exampleton", "name": "Testina Exampleton", "password": PASSWORD, "roles": ["MASH_SCREENER"]}


def test_the_first_account_needs_nobody_who_adds_it(house: House) -> None:
    added = add_first_user(house.application, {**NEW, "roles": ["ADMINISTRATOR"]})

    assert added["user"] == "t.exampleton"
    assert house.events()[-1] == "user.added"


def test_there_is_only_one_first_account(house: House) -> None:
    house.add_administrator()

    with pytest.raises(NotAllowedError):
        add_first_user(house.application, {**NEW, "roles": ["ADMINISTRATOR"]})


def test_the_first_account_must_be_able_to_add_others(house: House) -> None:
    with pytest.raises(SchemaViolationError):
        add_first_user(house.application, NEW)


def test_somebody_who_was_added_can_sign_in(house: House) -> None:
    house.order(ADA, "users.add", **NEW)

    session = house.sessions().sign_in("t.exampleton", PASSWORD, door=Door.API)

    assert session.caller.roles == ("MASH_SCREENER",)


def test_a_password_is_kept_as_a_hash_and_shown_to_nobody(house: House) -> None:
    answer = house.order(ADA, "users.add", **NEW)
    kept = house.application.store.read(lambda uow: uow.users.get("t.exampleton"))

    assert kept is not None
    assert kept.password_hash.startswith("$argon2id$")
    assert PASSWORD not in str(answer)


@pytest.mark.parametrize(
    "password",
    [
        pytest.param("short", id="too short"),
        pytest.param("aaaaaaaaaaaaaaaa", id="one letter again and again"),
        pytest.param("my t.exampleton password", id="with the account's name"),
    ],
)
def test_a_password_that_is_easy_to_guess_is_refused(house: House, password: str) -> None:
    with pytest.raises(SchemaViolationError) as refused:
        house.order(ADA, "users.add", **{**NEW, "password": password})

    assert refused.value.code == "password"


def test_two_people_cannot_share_a_name(house: House) -> None:
    house.order(ADA, "users.add", **NEW)

    with pytest.raises(ConflictError):
        house.order(ADA, "users.add", **NEW)


def test_a_disabled_account_cannot_sign_in_and_its_session_has_ended(house: House) -> None:
    house.order(ADA, "users.add", **NEW)
    sessions = house.sessions()
    token = sessions.sign_in("t.exampleton", PASSWORD, door=Door.API).token

    house.order(ADA, "users.disable", user="t.exampleton")

    with pytest.raises(UnauthenticatedError):
        sessions.open(token, door=Door.API)
    with pytest.raises(UnauthenticatedError):
        sessions.sign_in("t.exampleton", PASSWORD, door=Door.API)


def test_a_role_that_was_taken_away_is_gone_with_the_next_request(house: House) -> None:
    house.order(ADA, "users.add", **NEW)
    sessions = house.sessions()
    token = sessions.sign_in("t.exampleton", PASSWORD, door=Door.API).token

    house.order(ADA, "users.roles", user="t.exampleton", roles=["AUDITOR"])

    assert sessions.open(token, door=Door.API).caller.roles == ("AUDITOR",)


def test_nobody_gives_themselves_roles_or_locks_themselves_out(house: House) -> None:
    with pytest.raises(ConflictError):
        house.order(ADA, "users.roles", user="a.administrator", roles=["MASH_MANAGER"])
    with pytest.raises(ConflictError):
        house.order(ADA, "users.disable", user="a.administrator")


def test_changing_ones_password_needs_the_old_one_and_ends_every_session(house: House) -> None:
    house.order(ADA, "users.add", **NEW)
    sessions = house.sessions()
    session = sessions.sign_in("t.exampleton", PASSWORD, door=Door.API)

    with pytest.raises(NotAllowedError):
        house.order(session.caller, "account.password", old_password="not this one", password="three other words")
    house.order(session.caller, "account.password", old_password=PASSWORD, password="three other words")

    with pytest.raises(UnauthenticatedError):
        sessions.open(session.token, door=Door.API)


def test_an_account_nobody_has_cannot_be_changed(house: House) -> None:
    with pytest.raises(NotFoundError):
        house.order(ADA, "users.disable", user="nobody")


def test_the_log_knows_people_by_pseudonyms_that_the_list_resolves(house: House) -> None:
    house.order(ADA, "users.add", **NEW)
    listed = house.order(ADA, "users.list")["users"]
    headers = [one.header.decode() for one in house.application.store.log_store.pending(1000)]

    assert isinstance(listed, list)
    assert isinstance(listed[0], dict)
    assert str(listed[0]["in_audit_log"]) in headers[-2]
    assert not [header for header in headers if "exampleton" in header]
