"""How does an installation begin, and who may work on its store?"""

from pathlib import Path

import pytest

from gateway.app.bootstrap import assemble
from gateway.app.settings import read_settings
from tests.unit.commands.shell import Shell

FIRST = ("users", "add", "a.administrator", "--name", "Ada Administrator", "--first")
PROFILE = Path("deploy/partners/school-example.toml")
ROLES = ("--role", "ADMINISTRATOR", "--role", "INTEGRATION_ENGINEER")


@pytest.fixture
def me(password: Path) -> tuple[str, ...]:
    """Who types: the first administrator, who proves it with a file."""
    return ("--local", "--user", "a.administrator", "--password-file", str(password))


@pytest.fixture
def begun(shell: Shell, installation: Path, password: Path) -> Path:
    """An installation with keys and its first account."""
    shell.type("keys", "create")
    shell.type(*FIRST, *ROLES, "--new-password-file", password)
    return installation


def test_keys_are_made_once_and_readable_by_nobody_else(shell: Shell, installation: Path) -> None:
    first, again = shell.type("keys", "create", "--json"), shell.type("keys", "create")

    assert (first.code, again.code, again.error["code"]) == (0, 2, "conflict")
    assert all(file.stat().st_mode & 0o077 == 0 for file in (installation / "keys").iterdir())


def test_without_keys_nothing_opens_and_it_says_what_to_do(
    shell: Shell, installation: Path, me: tuple[str, ...]
) -> None:
    typed = shell.type("messages", "list", *me)

    assert installation.exists()
    assert (typed.code, typed.error["code"]) == (2, "not-found")
    assert "keys" in typed.error["message"]


def test_the_first_account_is_made_without_anybody_and_only_once(
    shell: Shell, installation: Path, password: Path
) -> None:
    shell.type("keys", "create")

    first = shell.type(*FIRST, *ROLES, "--new-password-file", password, "--json")
    again = shell.type(*FIRST, *ROLES, "--new-password-file", password)

    assert installation.exists()
    assert (first.code, first.json["user"]) == (0, "a.administrator")
    assert (again.code, again.error["code"]) == (2, "not-allowed")


@pytest.mark.usefixtures("begun")
def test_who_proves_who_they_are_works_on_the_store_itself(shell: Shell, me: tuple[str, ...]) -> None:
    added = shell.type("partners", "add", PROFILE, *me, "--json")
    listed = shell.type("partners", "list", *me)
    people = shell.type("users", "list", *me, "--json")

    assert added.json["credential"]["token"].startswith("crd_")
    assert "Nowhere Lane Primary School" in listed.out
    assert [one["user"] for one in people.json["users"]] == ["a.administrator"]


@pytest.mark.usefixtures("begun")
def test_a_wrong_password_opens_nothing(shell: Shell, me: tuple[str, ...], password: Path) -> None:
    password.write_text("not the right password")

    typed = shell.type("users", "list", *me)

    assert (typed.code, typed.error["code"]) == (2, "unauthenticated")


@pytest.mark.usefixtures("begun")
def test_a_password_file_that_others_can_read_is_not_used(shell: Shell, me: tuple[str, ...], password: Path) -> None:
    password.chmod(0o644)

    typed = shell.type("users", "list", *me)

    assert (typed.code, typed.error["code"]) == (2, "password-file")


@pytest.mark.usefixtures("begun")
def test_a_store_that_somebody_holds_is_left_alone(shell: Shell, me: tuple[str, ...]) -> None:
    running = assemble(read_settings())

    typed = shell.type("users", "list", *me)

    running.store.close()
    assert (typed.code, typed.error["code"]) == (2, "store-in-use")


@pytest.mark.usefixtures("begun")
def test_doctor_says_what_it_looked_at_and_fails_when_something_failed(
    shell: Shell, me: tuple[str, ...], installation: Path
) -> None:
    well = shell.type("doctor", *me)
    (installation / "keys").chmod(0o755)
    ill = shell.type("doctor", *me, "--json")

    assert (well.code, ill.code) == (0, 2)
    assert "guards in place" in well.out
    assert [one["check"] for one in ill.json["checks"] if one["level"] == "failed"] == ["keys"]


def test_a_missing_setting_is_named(shell: Shell, installation: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GATEWAY_AUTHORITY")

    typed = shell.type("users", "list", "--local")

    assert not installation.exists()
    assert (typed.code, typed.error["code"]) == (2, "settings")
    assert "GATEWAY_AUTHORITY" in typed.error["message"]


def test_check_finds_the_shipped_files_sound(shell: Shell) -> None:
    typed = shell.type("check", "--json")

    assert (typed.code, typed.json["faults"]) == (0, [])


def test_check_names_file_and_place_of_a_wrong_profile(shell: Shell, tmp_path: Path) -> None:
    profile = tmp_path / "school-two.toml"
    profile.write_text(PROFILE.read_text().replace('"school-example"', '"school-two"').replace('"sims"', '"fax"'))

    typed = shell.type("check", profile)

    assert (typed.code, typed.json["faults"][0]["file"], typed.json["faults"][0]["path"]) == (
        2,
        "school-two.toml",
        "system",
    )
