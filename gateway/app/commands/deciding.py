"""How does somebody put one sharing question to the policy, or two children side by side?"""

import csv
import io
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.app.clock import SystemClock
from gateway.app.commands.control import signed
from gateway.app.commands.explaining import asked_of_gateway, require_as_stored
from gateway.app.commands.files import STANDARD, read_bytes, read_group, read_tree, write_new
from gateway.app.commands.output import Json, print_fields, print_json
from gateway.app.commands.shipped import rules
from gateway.app.operations.explanations import flip_told
from gateway.consent.decide import decide as decide_question
from gateway.consent.decision import Decision
from gateway.consent.explain import explain as explain_decision
from gateway.consent.facts_told import facts_told
from gateway.consent.family_words import for_family
from gateway.consent.flip import flips
from gateway.consent.policy import Policy
from gateway.consent.question import Question
from gateway.consent.question_json import answer_to_json, question_from_json
from gateway.errors import MalformedMessageError, SchemaViolationError
from gateway.matching.compare import compare
from gateway.matching.identity import from_columns
from gateway.matching.pairs import COLUMNS_OUT, check_columns, match_pairs
from gateway.model.tree import Group

_MOST_CELL = 1_000_000


def add_decision_commands(program: typer.Typer) -> None:
    """Add `decide` and `match`."""
    signed(
        program,
        "decide",
        _decide,
        help_="One question to the sharing policy: may this go there? A DENY is an answer.",
    )
    program.command("match", help="Are these the same child? Two files, or a CSV of pairs.")(match)


def _decide(
    file: Annotated[Path | None, typer.Argument(help="The question as JSON; - for standard input.")] = None,
    *,
    explain: Annotated[bool, typer.Option("--explain", help="Say in words why, and what would turn it.")] = False,
    replay: Annotated[
        str | None, typer.Option("--replay", help="Instead: ask the question of this stored decision again.")
    ] = None,
    **given: Any,  # noqa: ANN401 - the options every order has
) -> None:
    """Answer one sharing question; always in JSON."""
    if (file is None) == (replay is None):
        raise SchemaViolationError("give a question, or --replay with the id of a stored decision", code="usage")
    if replay is not None:
        answer = asked_of_gateway(replay, replay=True, under=None, given=given)
        print_json({"permit": answer["permit"], "replay": answer["replay"]})
        require_as_stored(answer)
        return
    if file is not None:
        _answer(file, explain=explain)


def _answer(file: Path, *, explain: bool) -> None:
    question = question_from_json(read_tree(file), at=SystemClock().now())
    in_force = rules().at(question.area, question.at)
    decision = in_force.capped(decide_question(question, policy=in_force.policy))
    answer = answer_to_json(decision)
    if explain:
        answer["explanation"] = _explained(question, decision, in_force.policy)
    print_json(answer)


def _explained(question: Question, decision: Decision, policy: Policy) -> Group:
    told = explain_decision(decision, policy=policy)
    family = for_family(decision, question, policy=policy, words=rules().family)
    return {
        "heading": told.heading,
        "text": told.text,
        "advice": told.advice,
        "steps": list(told.steps),
        "withheld": [{"heading": one.heading, "text": one.text, "advice": one.advice} for one in told.withheld],
        "obligations": list(told.obligations),
        "facts": facts_told(question),
        "would_turn_it": [flip_told(one) for one in flips(question, policy=policy)],
        "family": {
            "may_be_told": family.may_be_told.value,
            "heading": family.words.heading,
            "text": family.words.text,
            "next": family.words.next,
        },
    }


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
