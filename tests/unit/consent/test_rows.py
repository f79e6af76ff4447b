"""Does every row of the sharing policy say what it should, and only then?"""

import pytest

from gateway.consent.case import Case
from gateway.consent.decide import NEED_STAGE, decide
from gateway.consent.decision import Decision, Permit
from gateway.consent.policy import Row
from tests.unit.consent import rows_early, rows_late, rows_mixed
from tests.unit.consent.questions import POLICY, answer, fired
from tests.unit.consent.row_parts import Told, named

FIRES = (*rows_early.FIRES, *rows_late.FIRES, *rows_mixed.FIRES)
MISSES = (*rows_early.MISSES, *rows_late.MISSES, *rows_mixed.MISSES)
ROWS = {f"{row.number}{row.part}": row for row in POLICY.rows}


def says(decision: Decision, row: Row) -> bool:
    """Tell whether *decision* holds what *row* says."""
    if row.kind == "terminal":
        return decision.grounds.reason == row.reason and row.number in decision.grounds.rules
    return isinstance(decision, Permit) and any(redaction.reason == row.reason for redaction in decision.redactions)


@pytest.mark.parametrize("told", FIRES, ids=named)
def test_a_row_says_its_reason_where_its_conditions_hold(told: Told) -> None:
    decision = answer(told.question)

    assert says(decision, ROWS[told.row])
    assert told.row in fired(told.question)
    assert set(ROWS[told.row].obligations) <= set(decision.grounds.obligations)


@pytest.mark.parametrize("told", MISSES, ids=named)
def test_a_row_is_silent_where_one_of_its_conditions_is_missing(told: Told) -> None:
    row = ROWS[told.row]

    assert told.row not in fired(told.question)
    assert row.kind == "modifier" or not says(answer(told.question), row)


@pytest.mark.parametrize("name", ROWS)
def test_every_row_has_a_question_it_answers(name: str) -> None:
    assert any(told.row == name for told in FIRES)


CONDITIONS = [(name, position) for name, row in ROWS.items() for position in range(len(row.when))]


@pytest.mark.parametrize(("name", "position"), CONDITIONS, ids=str)
def test_every_condition_of_every_row_is_needed(name: str, position: int) -> None:
    row = ROWS[name]
    cases = [Case(told.question, POLICY.tables) for told in MISSES if told.row == name]
    for case in cases:
        names = fired(case.question)
        case.permit_rests_on_consent = "43" in names
        case.permit_rests_on_need = any(ROWS[one].stage == NEED_STAGE and ROWS[one].result == "permit" for one in names)

    held = [[test(case) for test in row.tests] for case in cases]

    alone = [not truths[position] and all(truths[:position] + truths[position + 1 :]) for truths in held]
    assert any(alone), f"no question lacks only {' or '.join(row.when[position])}"


def test_the_pruned_rows_answer_as_the_whole_file_would() -> None:
    disagreeing = [
        named(told)
        for told in (*FIRES, *MISSES)
        if {int(name.rstrip("bcd")) for name in fired(told.question)} != set(answer(told.question).grounds.rules)
    ]

    assert disagreeing == []


@pytest.mark.parametrize("told", FIRES, ids=named)
def test_the_same_question_has_the_same_answer(told: Told) -> None:
    assert decide(told.question, policy=POLICY) == decide(told.question, policy=POLICY)
