"""How does the command line speak to a running gateway?"""

import stat
from pathlib import Path

import pytest

from gateway.model.tree import Group
from tests.unit.commands.shell import Shell
from tests.unit.operations.house import PASSWORD, House, a_caller, a_form

CTF = Path(__file__).parents[2] / "vectors" / "examples" / "sims" / "ctf-25-two-pupils.xml"
AGREED: Group = {
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
ADA = a_caller("ADMINISTRATOR", user="a.administrator")


@pytest.fixture
def signed_in(shell: Shell, house: House, server: str, state: Path, password: Path) -> tuple[str, ...]:
    """The option that shows who has signed in: an auditor who is a screener too."""
    roles = ["MASH_SCREENER", "AUDITOR", "IG_OFFICER"]
    house.order(ADA, "users.add", user="t.exampleton", name="Testina Exampleton", password=PASSWORD, roles=roles)
    words = ("--server", server, "--user", "t.exampleton", "--password-file", password, "--state-folder", state)
    assert shell.type("login", *words).code == 0
    return ("--state-folder", str(state))


def test_signing_in_keeps_a_session_that_only_its_owner_can_read(
    state: Path, signed_in: tuple[str, ...], shell: Shell
) -> None:
    kept = state / "session.json"

    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert PASSWORD not in kept.read_text()
    assert shell.type("messages", "list", *signed_in).code == 0


def test_orders_reach_the_running_gateway(house: House, signed_in: tuple[str, ...], shell: Shell) -> None:
    message = house.receive("referral-portal", "mash/govuk-forms-1", a_form("early-help-refused.json"))
    house.work()

    listed = shell.type("messages", "list", *signed_in, "--json")
    traced = shell.type("messages", "trace", message, *signed_in)

    assert [one["message"] for one in listed.json["messages"]] == [message]
    assert "confirmed that it has it" in traced.out
    assert "Pretendman" not in traced.out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        pytest.param(["users", "list"], None, id="allowed"),
        pytest.param(["users", "disable", "t.exampleton"], "not-allowed", id="not allowed"),
        pytest.param(["messages", "show", "msg_" + "0" * 26], "not-found", id="not there"),
        pytest.param(["messages", "list", "--state", "lost"], "arguments", id="no such state"),
    ],
)
def test_a_refusal_comes_back_with_its_code(
    signed_in: tuple[str, ...], shell: Shell, words: list[str], code: str | None
) -> None:
    typed = shell.type(*words, *signed_in, "--json")

    assert (typed.code, typed.json.get("error", {}).get("code")) == (2 if code else 0, code)


def test_after_signing_out_nothing_is_kept(state: Path, signed_in: tuple[str, ...], shell: Shell) -> None:
    typed = shell.type("logout", *signed_in)

    assert typed.code == 0
    assert not (state / "session.json").exists()
    assert shell.type("logout", *signed_in).error["code"] == "not-found"


def test_a_session_that_others_can_read_is_not_used(state: Path, signed_in: tuple[str, ...], shell: Shell) -> None:
    (state / "session.json").chmod(0o644)

    assert shell.type("messages", "list", *signed_in).error["code"] == "session"


def test_a_session_is_used_only_where_it_was_made(signed_in: tuple[str, ...], shell: Shell) -> None:
    typed = shell.type("messages", "list", "--server", "http://127.0.0.1:9", *signed_in)

    assert typed.error["code"] == "unauthenticated"


def test_a_gateway_that_is_not_there_says_so(shell: Shell, state: Path, password: Path) -> None:
    typed = shell.type(
        "login", "--server", "http://127.0.0.1:9", "--user", "mo", "--password-file", password, "--state-folder", state
    )

    assert (typed.code, typed.error["code"]) == (2, "server-unreachable")


def test_a_wrong_password_keeps_no_session(
    house: House, server: str, shell: Shell, state: Path, password: Path
) -> None:
    house.add_administrator()
    password.write_text("not the right password")

    typed = shell.type(
        "login", "--server", server, "--user", "a.administrator", "--password-file", password, "--state-folder", state
    )

    assert (typed.code, typed.error["code"]) == (2, "unauthenticated")
    assert not (state / "session.json").exists()


def test_evidence_is_fetched_and_checked_with_the_public_key_alone(
    house: House, signed_in: tuple[str, ...], shell: Shell, tmp_path: Path
) -> None:
    message = house.receive("referral-portal", "mash/govuk-forms-1", a_form("early-help-refused.json"))
    house.work()
    house.sign()
    old, proof = tmp_path / "old", tmp_path / "proof"
    key = shell.type("audit", "checkpoint", "-o", old, *signed_in, "--json").json["vkey"]
    shell.type("audit", "prove", message, "-o", proof, *signed_in)
    house.receive("referral-portal", "mash/govuk-forms-1", a_form("two-siblings.json"))
    house.sign()
    grown = tmp_path / "grown"
    shell.type("audit", "consistency", old, "-o", grown, *signed_in)

    checks = [
        shell.type("audit", "verify", old, "--key", key, "--json"),
        shell.type("audit", "verify", proof, "--key", key, "--json"),
        shell.type("audit", "verify", grown, "--key", key, "--old", old, "--json"),
    ]

    assert [(one.code, one.json["mode"]) for one in checks] == [(0, "checkpoint"), (0, "proof"), (0, "consistency")]


def test_a_childs_part_of_the_log_comes_as_a_file_that_checks(
    house: House, signed_in: tuple[str, ...], shell: Shell, tmp_path: Path
) -> None:
    message = house.receive("referral-portal", "mash/govuk-forms-1", a_form("early-help-refused.json"))
    house.work()
    child = house.application.store.read(lambda uow: uow.records.of_message(message))[0].subjects[0]
    archive = tmp_path / "export.zip"

    made = shell.type("audit", "export", "--child", child, "-o", archive, *signed_in, "--json")

    checked = shell.type("audit", "verify", archive, "--key", made.json["vkey"], "--json")
    assert (checked.code, checked.json["mode"]) == (0, "export")
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("change", "code"),
    [
        pytest.param((b"\n", b"\r\n"), "unreadable", id="other line ends"),
        pytest.param((b"gateway.barnet", b"gateway.camden"), "tampered", id="another log"),
    ],
)
def test_a_checkpoint_that_was_changed_is_found_out(
    house: House, signed_in: tuple[str, ...], shell: Shell, tmp_path: Path, change: tuple[bytes, bytes], code: str
) -> None:
    house.sign()
    file = tmp_path / "checkpoint"
    key = shell.type("audit", "checkpoint", "-o", file, *signed_in, "--json").json["vkey"]
    file.write_bytes(file.read_bytes().replace(*change, 1))

    typed = shell.type("audit", "verify", file, "--key", key)

    assert (typed.code, typed.error["code"]) == (2, code)


def test_a_file_of_consents_is_kept_row_by_row(
    house: House, signed_in: tuple[str, ...], shell: Shell, tmp_path: Path
) -> None:
    message = house.receive("referral-portal", "mash/govuk-forms-1", a_form("early-help-refused.json"))
    house.work()
    child = house.application.store.read(lambda uow: uow.records.of_message(message))[0].subjects[0]
    table = tmp_path / "consents.csv"
    good = f"{child},GIVEN,PARENT_PR,WRITTEN_SIGNED,2026-09-01T00:00:00Z,COORDINATE|REQUEST_EH"
    table.write_text(f"child,status,capacity,mode,from,purposes\n{good}\n{good.replace('GIVEN', 'MAYBE')}\n")

    typed = shell.type("consents", "import", table, *signed_in, "--json")

    assert (typed.code, typed.json["recorded"]) == (2, 1)
    assert [(one["row"], one["path"]) for one in typed.json["refused"]] == [(2, "status")]


def test_a_list_for_inspectors_goes_into_a_new_file_for_its_owners_eyes_only(
    house: House, signed_in: tuple[str, ...], shell: Shell, tmp_path: Path
) -> None:
    house.receive("referral-portal", "mash/govuk-forms-1", a_form("early-help-refused.json"))
    house.work()
    file = tmp_path / "list-1.csv"
    day = house.clock.now().date().isoformat()
    order = ("export", "annex-a", "--list", "1", "--on", day, "--rationale", "Notice of inspection EX-1", "-o", file)

    made = shell.type(*order, *signed_in, "--json")
    again = shell.type(*order, *signed_in)

    assert (made.code, made.json["rows"], again.code, again.error["code"]) == (0, 1, 2, "output")
    assert "csv" not in made.json
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_bytes().startswith(b"\xef\xbb\xbfChild Unique ID,Gender,")
    assert b"Pretendman" not in file.read_bytes()


def test_a_list_that_was_refused_leaves_no_file(signed_in: tuple[str, ...], shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "list-3.csv"
    order = ("export", "annex-a", "--list", "3", "--on", "2026-11-20", "--rationale", "Notice EX-1 of it", "-o", file)

    assert shell.type(*order, *signed_in).error["code"] == "arguments"
    assert not file.exists()


def test_a_school_s_pupils_go_into_a_file_called_by_the_rule_for_its_owners_eyes_only(
    house: House, signed_in: tuple[str, ...], shell: Shell, tmp_path: Path
) -> None:
    message = house.receive("school-example", "sims/ctf-25", CTF.read_bytes())
    house.work()
    first, second = (
        record.subjects[0] for record in house.application.store.read(lambda uow: uow.records.of_message(message))
    )
    house.application.facts.record_consent(first, AGREED, actor="test")
    order = ("export", "ctf", "--school", "school-example", "--from", "8201001", "--to", "8201234", "-o", tmp_path)

    whole = shell.type(*order, "--child", first, *signed_in, "--json")
    partly = shell.type(*order, "--child", first, "--child", second, *signed_in, "--json")
    nobody = shell.type(*order, "--child", second, *signed_in, "--json")

    file = tmp_path / "8201001_CTF_8201234_001.xml"
    assert (whole.code, whole.json["pupils"], whole.json["written"]) == (0, 1, str(file))
    assert "xml" not in whole.json
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert b"<Surname>EXAMPLETON<" in file.read_bytes()
    assert (partly.code, partly.json["refused"]) == (2, [{"child": second, "reason": "D-NONE"}])
    assert (nobody.code, nobody.json["pupils"], "written" in nobody.json) == (2, 0, False)
    assert sorted(path.name for path in tmp_path.glob("*.xml")) == [file.name, "8201001_CTF_8201234_002.xml"]


def test_a_school_s_pupils_need_a_folder_that_is_there(
    signed_in: tuple[str, ...], shell: Shell, tmp_path: Path
) -> None:
    order = ("export", "ctf", "--child", "chd_1", "--school", "school-example", "--from", "8201001")

    assert shell.type(*order, "-o", tmp_path / "nowhere", *signed_in).error["code"] == "output"
