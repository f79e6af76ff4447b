"""What do changed files make of the tables we go by, laid over them without being installed?"""

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import replace

from gateway.app.resources import Resources
from gateway.consent.law import SWITCHES
from gateway.consent.rule_book import LAW, LOCAL
from gateway.errors import MappingError, SchemaViolationError
from gateway.translation.aliases import COLUMNS as ALIAS_COLUMNS
from gateway.translation.code_lists import COLUMNS as CODE_COLUMNS

_SKIPPED = frozenset({"LOCK.toml", "bank-holidays-england.csv"})
"""What lies among the tables of a whole copy of mappings/, and is none."""


def laid_over(resources: Resources, files: Mapping[str, bytes]) -> Resources:
    """Return *resources* with *files*, by their paths below mappings/ or by any name, in place of those they replace.

    A mapping is known by the format and direction its head names, a code list or alias table by its columns and its
    name, a policy by its rows, an area's profile by what it narrows, the law switches by their names.

    Raises:
        MappingError: a file is none of these; the message says what to do.
        SchemaViolationError: there is no file.
    """
    chosen = {name: text for name, text in files.items() if _base(name) not in _SKIPPED}
    if not chosen:
        raise SchemaViolationError("nothing to lay over: give a mapping, a code list, an alias table or a policy")
    for name, text in sorted(chosen.items()):
        resources = _with_table(resources, name, text) if name.endswith(".csv") else _with_toml(resources, name, text)
    return resources


def _with_table(resources: Resources, name: str, text: bytes) -> Resources:
    columns = _columns(name, text)
    stem = _base(name).removesuffix(".csv")
    if columns == CODE_COLUMNS:
        return replace(resources, codes={**resources.codes, stem: text})
    if columns == ALIAS_COLUMNS:
        return replace(resources, aliases={**resources.aliases, stem: text})
    raise MappingError(
        f"{name}, row 0: a code list has the columns {', '.join(CODE_COLUMNS)}, an alias table"
        f" {', '.join(ALIAS_COLUMNS)}; name them so, in this order"
    )


def _with_toml(resources: Resources, name: str, text: bytes) -> Resources:
    if not name.endswith(".toml"):
        raise MappingError(f"{name}: not a table; give files that end in .toml or .csv")
    try:
        head = tomllib.loads(text.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        where = str(error).rpartition("(")[2].removesuffix(")") if isinstance(error, tomllib.TOMLDecodeError) else ""
        raise MappingError(f"{name}: not TOML in UTF-8 {where}; mend it there".replace("  ", " ")) from None
    if "route" in head:
        raise MappingError(f"{name}: routes cannot be tried over recorded traffic; leave the file out")
    if "row" in head:
        version = str(head.get("version"))
        policies = {**resources.policies, f"{version}.toml": text}
        return replace(resources, policies=policies, tried_policy=version)
    if "narrow" in head:
        return replace(resources, policies={**resources.policies, f"{LOCAL}{head.get('version')}.toml": text})
    if SWITCHES[0] in head:
        return replace(resources, policies={**resources.policies, LAW: text})
    return replace(resources, mappings={**resources.mappings, _mapping_name(name, head): text})


def _mapping_name(name: str, head: Mapping[str, object]) -> str:
    """Return the path below mappings/ of the mapping that *head* begins, whatever the file is called."""
    direction, form = head.get("direction"), head.get("format")
    if direction == "project":
        return f"canonical/{head.get('from_document')}-{head.get('document')}.project.toml"
    return f"{form}.{direction}.toml" if form and direction else name


def _columns(name: str, text: bytes) -> tuple[str, ...]:
    try:
        first = text.decode("utf-8-sig").splitlines()[:1]
        return tuple(next(csv.reader(first, strict=True), ()))
    except (UnicodeDecodeError, csv.Error):
        raise MappingError(f"{name}: not a CSV file in UTF-8; save it as such") from None


def _base(name: str) -> str:
    return name.rpartition("/")[2]
