"""Which tables, schemas and policies does this process go by? Read once, at start, and handed down as bytes."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gateway.app.settings import Settings, SettingsError

_ROUTES = "routes.toml"
_POLICY = "policy"
_ALIASES = "aliases"
_BANK_HOLIDAYS = "bank-holidays-england.csv"
_SCHEMA_SUFFIXES = {".xsd", ".json"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Resources:
    """The files a gateway goes by.

    Shape: `mappings` by path (`mash/referral-1.outbound.toml`), `codes` by list name (`ethnicity`), `aliases`
    by table (`form-people`), `schemas` by path in their folder (`partners/mash/referral-1.schema.json`); `policies` are
    the files of the sharing policy by path in their folder, `routes` the table of who hears of what. `tried_policy` is
    the version that somebody tries, whenever it comes into force.
    """

    mappings: Mapping[str, bytes]
    codes: Mapping[str, bytes]
    aliases: Mapping[str, bytes]
    schemas: Mapping[str, bytes]
    policies: Mapping[str, bytes]
    routes: bytes
    opening_hours: bytes
    bank_holidays: bytes
    tried_policy: str | None = None


def read_resources(settings: Settings) -> Resources:
    """Return all of it.

    Raises:
        SettingsError: a folder is missing or holds nothing of its kind; the message names the setting to change.
    """
    return Resources(
        mappings=_mappings(settings.mappings_folder),
        codes={
            path.stem: path.read_bytes()
            for path in _files(settings.codes_folder, "codes_folder", {".csv"})
            if path.name != _BANK_HOLIDAYS
        },
        aliases={path.stem: path.read_bytes() for path in sorted((settings.mappings_folder / _ALIASES).glob("*.csv"))},
        schemas={
            path.relative_to(settings.schemas_folder).as_posix(): path.read_bytes()
            for path in _files(settings.schemas_folder, "schemas_folder", _SCHEMA_SUFFIXES)
        },
        policies={
            path.relative_to(settings.policy_folder).as_posix(): path.read_bytes()
            for path in _files(settings.policy_folder, "policy_folder", {".toml"})
        },
        routes=_one(settings.mappings_folder / _ROUTES, "mappings_folder"),
        opening_hours=_one(settings.opening_hours_file, "opening_hours_file"),
        bank_holidays=_one(settings.mappings_folder / _BANK_HOLIDAYS, "mappings_folder"),
    )


def _mappings(folder: Path) -> dict[str, bytes]:
    """Return every mapping: the tables one folder down, but for policies."""
    found = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in _files(folder, "mappings_folder", {".toml"})
        if len(path.relative_to(folder).parts) > 1 and path.relative_to(folder).parts[0] != _POLICY
    }
    if not found:
        raise SettingsError("GATEWAY_MAPPINGS_FOLDER: the folder holds no mapping")
    return found


def _files(folder: Path, setting: str, suffixes: set[str]) -> list[Path]:
    found = sorted(path for path in folder.rglob("*") if path.suffix in suffixes and path.is_file())
    if not found:
        raise SettingsError(f"GATEWAY_{setting.upper()}: the folder holds no {' or '.join(sorted(suffixes))} file")
    return found


def _one(path: Path, setting: str) -> bytes:
    if not path.is_file():
        raise SettingsError(f"GATEWAY_{setting.upper()}: the folder holds no {path.name}")
    return path.read_bytes()
