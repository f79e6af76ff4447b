"""How does somebody get a list of what was decided, as JSON or as a spreadsheet reads it?"""

import csv
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.app.commands.connection import Connection
from gateway.app.commands.control import access_of, signed
from gateway.app.commands.files import write_new
from gateway.app.commands.output import print_json, say
from gateway.errors import SchemaViolationError
from gateway.model.tree import Group, Tree

COLUMNS = (
    *(
        "at",
        "event",
        "permit",
        "purpose",
        "mode",
        "level",
        "area",
        "requester",
        "recipient",
        "categories",
        "message_id",
    ),
    *("policy_version", "policy_sha256", "switches", "decision", "result", "reason", "basis", "rules", "consent_ids"),
    *("agreement_id", "agreement_version", "agreement_status", "override_basis", "override_authoriser_role"),
    *("person_role", "person_review", "rationale", "redactions", "obligations", "delivery", "state", "handed_over_at"),
    *("document_sha256", "erased"),
)
"""The columns of the CSV, in this order."""


def add_decision_log_command(group: typer.Typer) -> None:
    """Add `audit decisions` to *group*."""
    signed(
        group,
        "decisions",
        _decisions,
        help_="What was decided in a time, by which rules, on what basis: codes and references, no content, no names.",
    )


def _decisions(
    since: Annotated[str, typer.Option("--since", help="Decided at this time or later.")],
    *,
    until: Annotated[str | None, typer.Option("--until", help="Decided before this time; now, unless said.")] = None,
    child: Annotated[str | None, typer.Option("--child", help="Only about this child, by our reference.")] = None,
    decision: Annotated[str | None, typer.Option("--decision", help="Only PERMIT, DENY or REVIEW.")] = None,
    recipient: Annotated[str | None, typer.Option("--recipient", help="Only to this organisation.")] = None,
    without_consent: Annotated[
        bool, typer.Option("--without-consent", help="Only what went by need, law or a person's word.")
    ] = False,
    overrides: Annotated[bool, typer.Option("--overrides", help="Only where a person decided or insisted.")] = False,
    role: Annotated[str | None, typer.Option("--role", help="Only by a person in this role.")] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help="As CSV instead of JSON.")] = False,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Where to write it.")] = None,
    **given: Any,  # noqa: ANN401 - the options every order has
) -> None:
    if as_csv and given["as_json"]:
        raise SchemaViolationError("--csv or --json, not both", code="usage")
    told = {"since": since, "until": until, "child": child, "decision": decision, "recipient": recipient, "role": role}
    asked: Group = {name: value for name, value in told.items() if value is not None}
    asked |= {"without_consent": without_consent, "overrides": overrides}
    with access_of(given).connect() as connection:
        lines = list(_all(connection, asked))
    _deliver(as_text(lines) if as_csv else None, lines, output)


def _all(connection: Connection, asked: Group) -> Iterator[Group]:
    """Yield every decision, going on where one answer ends."""
    while True:
        answer = connection.run("audit.decisions", asked)
        found = answer["decisions"]
        yield from (one for one in found if isinstance(one, dict)) if isinstance(found, list) else ()
        if answer["more_since"] is None:
            return
        asked = {**asked, "since": answer["more_since"], "until": asked.get("until") or answer["until"]}


def _deliver(text: str | None, lines: list[Group], output: Path | None) -> None:
    if output is not None:
        answer: Group = {"decisions": list(lines)}
        write_new(output, (text if text is not None else json.dumps(answer, indent=1)).encode())
        say(f"{len(lines)} decisions written to {output}")
    elif text is not None:
        sys.stdout.write(text)
    else:
        print_json({"decisions": list(lines)})


def as_text(lines: list[Group]) -> str:
    """Return *lines* as CSV: several codes in one cell with blanks between."""
    written = io.StringIO(newline="")
    table = csv.DictWriter(written, COLUMNS, lineterminator="\n")
    table.writeheader()
    table.writerows(_row(line) for line in lines)
    return written.getvalue()


def _row(line: Group) -> dict[str, str]:
    flat: dict[str, Tree] = {name: line.get(name) for name in COLUMNS}
    flat |= _group(line["request"]) | _group(line["response"])
    flat |= {f"policy_{name}": value for name, value in _group(line["policy"]).items()}
    flat |= {f"agreement_{name}": value for name, value in _group(line["agreement"]).items()}
    override, person = _group(line["override"]), _group(line["person"])
    flat |= {"override_basis": override.get("basis"), "override_authoriser_role": override.get("authoriser_role")}
    flat |= {"person_role": person.get("role"), "person_review": person.get("review_id")}
    return {name: _cell(flat.get(name)) for name in COLUMNS}


def _cell(value: Tree) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case list():
            return " ".join(map(str, value))
        case dict():
            return " ".join(f"{name}:{_cell(part)}" for name, part in value.items())
        case _:
            return str(value)


def _group(value: Tree) -> Group:
    return value if isinstance(value, dict) else {}
