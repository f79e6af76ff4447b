from pathlib import Path

import pytest

from gateway.app.resources import read_resources
from gateway.app.settings import Settings, SettingsError


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    files = {
        "mappings/routes.toml": "routes",
        "mappings/LOCK.toml": "lock",
        "mappings/mash/referral-1.outbound.toml": "out",
        "mappings/sims/superstar-1.inbound.toml": "in",
        "mappings/codes/ethnicity.csv": "code",
        "mappings/bank-holidays-england.csv": "days",
        "deploy/opening-hours.toml": "hours",
        "mappings/policy/sharing-2026.9.toml": "old",
        "mappings/policy/sharing-2026.10.toml": "new",
        "mappings/policy/local/southwark-2026.1.toml": "local",
        "schemas/catalog.xml": "<catalog/>",
        "schemas/README.md": "read me",
        "schemas/partners/mash/referral/1/referral.schema.json": "{}",
        "schemas/partners/sims/superstar/1/superstar.xsd": "<xs/>",
    }
    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return tmp_path


def settings_of(checkout: Path) -> Settings:
    return Settings(
        authority="E09000003",
        sender="barnet-gateway",
        origin="gateway.barnet.example/audit",
        listen_host="127.0.0.1",
        listen_port=0,
        data_folder=checkout,
        keys_folder=checkout,
        mappings_folder=checkout / "mappings",
        codes_folder=checkout / "mappings" / "codes",
        policy_folder=checkout / "mappings" / "policy",
        schemas_folder=checkout / "schemas",
        opening_hours_file=checkout / "deploy" / "opening-hours.toml",
    )


def test_mappings_are_known_by_their_path(checkout: Path) -> None:
    found = read_resources(settings_of(checkout)).mappings

    assert found == {"mash/referral-1.outbound.toml": b"out", "sims/superstar-1.inbound.toml": b"in"}


def test_schemas_are_known_by_their_path(checkout: Path) -> None:
    found = read_resources(settings_of(checkout)).schemas

    assert set(found) == {
        "partners/mash/referral/1/referral.schema.json",
        "partners/sims/superstar/1/superstar.xsd",
    }


def test_codes_are_known_by_their_list(checkout: Path) -> None:
    assert read_resources(settings_of(checkout)).codes["ethnicity"] == b"code"


def test_policies_are_known_by_their_path_and_none_is_left_out(checkout: Path) -> None:
    found = read_resources(settings_of(checkout)).policies

    assert found == {
        "sharing-2026.9.toml": b"old",
        "sharing-2026.10.toml": b"new",
        "local/southwark-2026.1.toml": b"local",
    }


def test_working_time_is_read(checkout: Path) -> None:
    found = read_resources(settings_of(checkout))

    assert (found.opening_hours, found.bank_holidays) == (b"hours", b"days")


def test_routes_are_read(checkout: Path) -> None:
    assert read_resources(settings_of(checkout)).routes == b"routes"


@pytest.mark.parametrize(
    ("gone", "setting"),
    [
        ("mappings/routes.toml", "GATEWAY_MAPPINGS_FOLDER"),
        ("mappings/bank-holidays-england.csv", "GATEWAY_MAPPINGS_FOLDER"),
        ("mappings/codes/ethnicity.csv", "GATEWAY_CODES_FOLDER"),
        ("deploy/opening-hours.toml", "GATEWAY_OPENING_HOURS_FILE"),
        ("schemas/partners/sims/superstar/1/superstar.xsd", "GATEWAY_SCHEMAS_FOLDER"),
    ],
)
def test_a_folder_without_its_files_is_named(checkout: Path, gone: str, setting: str) -> None:
    (checkout / gone).unlink()
    _ = [path.unlink() for path in checkout.glob("schemas/partners/mash/referral/1/*") if "schemas" in gone]

    with pytest.raises(SettingsError, match=setting):
        read_resources(settings_of(checkout))


def test_folders_without_mappings_or_policy_are_named(checkout: Path) -> None:
    _ = [path.unlink() for path in checkout.glob("mappings/*/*bound.toml")]

    with pytest.raises(SettingsError, match="GATEWAY_MAPPINGS_FOLDER"):
        read_resources(settings_of(checkout))
