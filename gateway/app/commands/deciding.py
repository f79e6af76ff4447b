"""How does somebody put one sharing question to the policy, or two children side by side?"""

import csv
import io
import sys
from pathlib import Path
from typing import Annotated

import typer

from gateway.app.clock import SystemClock
from gateway.app.commands.files import STANDARD, read_bytes, read_group, read_tree, write_new
from gateway.app.commands.output import Json, print_fields, print_json
from gateway.app.commands.shipped import rules
from gateway.consent.decide import decide as decide_question
from gateway.consent.explain import explain as explain_decision
from gateway.consent.question_json import answer_to_json, question_from_json
from gateway.errors import MalformedMessageError, SchemaViolationError
from gateway.matching.compare import compare
from gateway.matching.identity import from_columns
from gateway.matching.pairs import COLUMNS_OUT, check_columns, match_pairs

_MOST_CELL = 1_000_000


def add_decision_commands(program: typer.Typer) -> None:
    """Add `decide` and `match`."""
    program.command("decide", help="One question to the sharing policy: may this go there? A DENY is an answer.")(
        decide
    )
    program.command("match", help="Are these the same child? Two files, or a CSV of pairs.")(match)


def decide(
    file: Annotated[Path, typer.Argument(help="The question as JSON; - for standard input.")],
    *,
    explain: Annotated[bool, typer.Option("--explain", help="Say in words why.")] = False,
    as_json: Json = True,
) -> None:
    """Answer one sharing question; always in JSON."""
    del as_json  # taken like everywhere else, and true without being asked for
    question = question_from_json(read_tree(file), at=SystemClock().now())
    in_force = rules().at(question.area, question.at)
    policy = in_force.policy
    decision = in_force.capped(decide_question(question, policy=policy))
    answer = answer_to_json(decision)
    if explain:
        told = explain_decision(decision, policy=policy)
        answer["explanation"] = {
            "heading": told.heading,
            "text": told.text,
            "advice": told.advice,
            "steps": list(told.steps),
            "withheld": [{"heading": one.heading, "text": one.text, "advice": one.advice} for one in told.withheld],
            "obligations": list(told.obligations),
        }
    print_json(answer)


def match(
    files: Annotated[list[Path] | None, typer.Argument(help="Two files, each one child as JSON.")] = None,
    *,
    pairs: Annotated[Path | None, typer.Option("--pairs", help="A CSV file of pairs.")] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="Where the CSV answer goes.")] = None,
    as_json: Json = False,
) -> None:
    """Compare two children, or every pair of a CSV file."""
    if pairs is not None and not files:
        _match_pairs(pairs, output)
        return
    if pairs is not None or files is None or len(files) != 2:  # noqa: PLR2004 - a pair
        raise SchemaViolationError("give two files, or --pairs with one CSV file", code="usage")
    verdict = compare(*(from_columns(_columns(file), "") for file in files))
    answer = {"band": verdict.band.value, "score": verdict.score, "evidence": list(verdict.evidence)}
    if as_json:
        print_json(answer)
    else:
        print_fields(answer)


def _columns(file: Path) -> dict[str, str | None]:
    return {name: None if value is None else str(value) for name, value in read_group(file).items()}


def _match_pairs(pairs: Path, output: Path | None) -> None:
    rows = csv.DictReader(io.StringIO(_text(pairs), newline=""), strict=True)
    try:
        check_columns(rows.fieldnames)
        written = io.StringIO(newline="")
        answers = csv.DictWriter(written, COLUMNS_OUT, lineterminator="\n")
        answers.writeheader()
        answers.writerows(match_pairs(rows))
    except csv.Error as error:
        raise MalformedMessageError(f"{pairs.name}, line {rows.line_num}: not CSV: {error}") from None
    if output is None or output == STANDARD:
        sys.stdout.write(written.getvalue())
    else:
        write_new(output, written.getvalue().encode())


def _text(file: Path) -> str:
    try:
        return read_bytes(file).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise MalformedMessageError(f"{file.name} is not UTF-8") from None
