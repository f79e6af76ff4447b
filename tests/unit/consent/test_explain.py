"""Is every answer in words that a professional understands, with what to do next?"""

from dataclasses import replace

import pytest

from gateway.consent.explain import Explanation, explain
from gateway.consent.policy import SPOKEN_ELSEWHERE
from gateway.consent.policy_file import Words
from gateway.consent.together import decide_together
from gateway.model.category import Category
from tests.unit.consent import rows_early, rows_late, rows_mixed
from tests.unit.consent.questions import POLICY, a_consent, a_flag, a_question, answer
from tests.unit.consent.row_parts import Told, named
from tests.unit.consent.sharing_page import PAGE, page_as_it_should_be

REASONS = [*dict.fromkeys(row.reason for row in POLICY.rows), *sorted(SPOKEN_ELSEWHERE)]


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_has_a_heading_a_paragraph_and_the_next_thing_to_do(reason: str) -> None:
    words = POLICY.reasons[reason]

    assert not words.heading.endswith(".")
    assert words.text.endswith(".")
    assert words.advice.endswith(".")


@pytest.mark.parametrize("reason", REASONS)
def test_no_words_need_a_lawyer(reason: str) -> None:
    words = POLICY.reasons[reason]
    said = set(f"{words.heading} {words.text} {words.advice}".lower().split())

    assert said & {"pursuant", "herein", "gdpr", "controller", "null", "payload", "terminal"} == set()


@pytest.mark.parametrize("told", [*rows_early.FIRES, *rows_late.FIRES, *rows_mixed.FIRES], ids=named)
def test_every_answer_can_be_explained(told: Told) -> None:
    decision = answer(told.question)

    lines = explain(decision, policy=POLICY).as_lines()

    assert lines[0] == POLICY.reasons[decision.grounds.reason].heading
    assert all(f"Rule {number}: " in "\n".join(lines) for number in decision.grounds.rules)


def test_an_answer_tells_what_was_withheld_and_what_must_be_done() -> None:
    lines = explain(answer(a_question(flags=(a_flag("ADDRESS_WITHHELD"),))), policy=POLICY).as_lines()

    assert lines[0] == "Allowed: with the family's consent"
    assert "Withheld: whereabouts" in lines
    assert "- The date of the next consent review is kept." in lines


def test_a_step_is_told_by_the_part_of_the_rule_that_spoke() -> None:
    explanation = explain(answer(a_question(recipient={"agreement": None})), policy=POLICY)

    assert explanation.steps == ("Rule 20: If the agreement is missing, or ran out only just now, a person decides.",)


def test_a_cut_is_told_by_the_part_of_the_rule_that_made_it() -> None:
    told = a_question(categories=(Category.ID, Category.OPINION), flags=(a_flag("INFORMANT"),))

    explanation = explain(answer(told), policy=POLICY)

    assert explanation.steps[0].startswith("Rule 9: From anybody else, everything that shows who said what")


def test_of_the_parts_of_a_rule_about_confidences_the_one_that_cut_is_told() -> None:
    told = a_question(
        categories=(Category.ID, Category.SEXOR),
        flags=(a_flag("COMPETENT_CONFIDENTIAL"),),
        recipient={"type": "school"},
    )
    (row,) = (row for row in POLICY.rows if (row.number, row.part) == (49, "b"))

    assert f"Rule 49: {row.plain}" in explain(answer(told), policy=POLICY).steps


WORDS = Words(heading="Withheld", text="Something is missing.", advice="Ask.")
WHOLE = Explanation(
    heading="Allowed",
    text="It goes.",
    advice="Send it.",
    steps=("Rule 1: It goes.",),
    withheld=(WORDS,),
    obligations=("Keep a log.",),
    children=("Child 1: Allowed (rule 1)",),
)


def test_an_explanation_reads_as_a_page() -> None:
    assert WHOLE.as_lines() == [
        "Allowed",
        "",
        "It goes.",
        "What to do: Send it.",
        "",
        "Withheld",
        "Something is missing.",
        "What to do: Ask.",
        "",
        "It is about several children. Each must let it go; the strictest answer counts:",
        "Child 1: Allowed (rule 1)",
        "",
        "How it was decided:",
        "Rule 1: It goes.",
        "",
        "What must be done:",
        "- Keep a log.",
    ]


def test_an_explanation_says_nothing_of_what_there_is_not() -> None:
    bare = replace(WHOLE, steps=(), withheld=(), obligations=(), children=())

    assert bare.as_lines() == ["Allowed", "", "It goes.", "What to do: Send it."]


def test_each_child_is_numbered_and_its_rules_are_named() -> None:
    cut = a_question(consents=(a_consent(categories_denied=("CAT-EDU",)),))

    found = explain(decide_together(cut, a_question(consents=()), policy=POLICY), policy=POLICY)

    assert found.children == (
        "Child 1: Allowed: with the family's consent (rules 43, 45)",
        "Child 2: Not sent: there is no consent for this (rule 25)",
    )


def test_the_page_for_the_information_governance_officer_says_what_the_policy_file_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == page_as_it_should_be(), "run tests/unit/consent/sharing_page.py"
