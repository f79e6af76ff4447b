import re
from pathlib import Path

import pytest

from gateway.app.scanner import scanner_of
from gateway.app.settings import Settings, SettingsError, read_settings

EXAMPLE = Path(__file__).parents[3] / "deploy" / "example.env"
REQUIRED = {
    "GATEWAY_AUTHORITY": "E09000003",
    "GATEWAY_SENDER": "barnet-gateway",
    "GATEWAY_ORIGIN": "gateway.barnet.example/audit",
    "GATEWAY_LISTEN_HOST": "127.0.0.1",
    "GATEWAY_LISTEN_PORT": "8080",
    "GATEWAY_DATA_FOLDER": "/nowhere/data",
    "GATEWAY_KEYS_FOLDER": "/nowhere/keys",
}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    _ = [monkeypatch.delenv(f"GATEWAY_{name.upper()}", raising=False) for name in Settings.model_fields]
    _ = [monkeypatch.setenv(name, value) for name, value in REQUIRED.items()]
    return monkeypatch


def _lines(*, commented: bool) -> dict[str, str]:
    found = re.findall(r"^(#?)(GATEWAY_[A-Z0-9_]+)=(.*)$", EXAMPLE.read_text(), re.MULTILINE)
    return {name: value for mark, name, value in found if bool(mark) is commented}


def test_what_has_no_default_is_enough_to_start() -> None:
    assert read_settings().authority == "E09000003"


@pytest.mark.parametrize("name", REQUIRED)
def test_a_process_that_was_not_told_does_not_start(name: str, environment: pytest.MonkeyPatch) -> None:
    environment.delenv(name)

    with pytest.raises(SettingsError, match=f"{name}: Field required"):
        read_settings()


def test_no_secret_address_or_key_has_a_default() -> None:
    telling = re.compile(
        r"secret|password|token$|_key$|(?<!virtual_)host|port$|keys_folder|data_folder|authority|origin|sender"
    )

    with_default = {
        name for name, field in Settings.model_fields.items() if not field.is_required() and field.default is not None
    }

    assert {name for name in with_default if telling.search(name)} == set()


def test_no_setting_turns_off_a_promise() -> None:
    telling = re.compile(r"disable|skip|unsafe|insecure|off$|consent|synchronous")

    assert [name for name in Settings.model_fields if telling.search(name)] == []


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_tells_its_unit(name: str) -> None:
    assert re.search(r"Unit: \S", Settings.model_fields[name].description or "")


def test_the_example_shows_every_setting() -> None:
    shown = _lines(commented=False) | _lines(commented=True)

    assert set(shown) == {f"GATEWAY_{name.upper()}" for name in Settings.model_fields}


def test_the_example_leaves_only_defaults_commented_out() -> None:
    required = {f"GATEWAY_{name.upper()}" for name, field in Settings.model_fields.items() if field.is_required()}

    assert set(_lines(commented=False)) == required


@pytest.mark.parametrize(
    "name",
    [name for name, field in Settings.model_fields.items() if isinstance(field.default, bool | int | float | str)],
)
def test_the_example_shows_the_default(name: str, environment: pytest.MonkeyPatch) -> None:
    variable = f"GATEWAY_{name.upper()}"
    environment.setenv(variable, _lines(commented=True)[variable])

    assert getattr(read_settings(), name) == Settings.model_fields[name].default


@pytest.mark.parametrize("name", Settings.model_fields)
def test_the_example_explains_a_setting_in_its_own_words(name: str) -> None:
    before = EXAMPLE.read_text().split(f"GATEWAY_{name.upper()}=")[0].rstrip("#").rstrip().split("\n\n")[-1]

    explained = " ".join(line.removeprefix("# ") for line in before.splitlines())

    assert explained == " ".join((Settings.model_fields[name].description or "").split())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GATEWAY_AUTHORITY", "Barnet"),
        ("GATEWAY_LISTEN_PORT", "70000"),
        ("GATEWAY_BODY_LIMIT_BYTES", "-17"),
        ("GATEWAY_RETRY_FACTOR", "0.5"),
        ("GATEWAY_DELIVER_THREADS", "many"),
    ],
)
def test_a_wrong_setting_is_named_and_its_value_is_not_repeated(
    name: str, value: str, environment: pytest.MonkeyPatch
) -> None:
    environment.setenv(name, value)

    with pytest.raises(SettingsError, match=name) as wrong:
        read_settings()

    assert value not in wrong.value.message.replace("GATEWAY_", "")


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("GATEWAY_PARTNER_TOTAL_SECONDS", "60", "lease_seconds"),
        ("GATEWAY_INTAKE_RESERVED", "256", "intake_waiting_limit"),
    ],
)
def test_settings_that_contradict_each_other_are_refused(
    name: str, value: str, why: str, environment: pytest.MonkeyPatch
) -> None:
    environment.setenv(name, value)

    with pytest.raises(SettingsError, match=why):
        read_settings()


def test_settings_cannot_be_changed() -> None:
    settings = read_settings()

    with pytest.raises(ValueError, match="frozen"):
        settings.body_limit_bytes = 1


def test_a_scan_may_not_outlast_the_lease_of_a_delivery(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("GATEWAY_SCANNER", "unix:/run/clamav/clamd.ctl")
    environment.setenv("GATEWAY_SCANNER_SECONDS", "20")

    with pytest.raises(SettingsError, match="scanner_seconds"):
        read_settings()


def test_a_scanner_on_another_machine_is_refused(environment: pytest.MonkeyPatch) -> None:
    """A document would go there in clear."""
    environment.setenv("GATEWAY_SCANNER", "tcp:10.0.0.7:3310")

    with pytest.raises(SettingsError, match="GATEWAY_SCANNER: documents are shown to a scanner on this very machine"):
        scanner_of(read_settings())


def test_no_scanner_is_used_where_none_is_named() -> None:
    assert scanner_of(read_settings()) is None
