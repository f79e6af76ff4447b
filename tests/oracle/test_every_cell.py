"""Does every question have one answer, given by the row that says so, and does the second engine agree?

`make test` looks at some thousands of cells, `make test-slow` at all of them.
"""

from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import cache

import pytest

from gateway.consent.policy import Policy, load_policy
from tests.oracle import cells
from tests.oracle.checker import Found, check
from tests.oracle.second_opinion import second_opinion
from tests.unit.consent.questions import POLICY, POLICY_TEXT
from tests.unit.consent.test_rows import FIRES, MISSES

SEED = 20261123
SAMPLE = 3000
SHARE = 0.4
"""Of what differs in two facts from the question of a row that refuses, asks or withholds; of permits it is all."""


@pytest.mark.timeout(300)
def test_a_sample_of_cells_is_answered_as_it_should_be_and_reaches_every_row_that_decides() -> None:
    found = check(cells.a_sample(SAMPLE, seed=SEED), policy=POLICY, opinion=second_opinion())

    assert found.faults == {}
    assert {row.reason for row in POLICY.rows if row.kind == "terminal"} - set(found.answers) == set()


def test_every_question_of_a_row_and_every_denial_of_it_is_answered_as_it_should_be() -> None:
    asked = [told.question for told in (*FIRES, *MISSES)]

    found = check(asked, policy=POLICY, opinion=second_opinion(), denials=len(cells.DENIALS))

    assert found.faults == {}


def _replaced(old: str, new: str) -> Callable[[str], str]:
    return lambda text: text.replace(old, new)


PLANTED = {
    "training counts in an emergency": _replaced(
        '"disclosing", "not_emergency", "no_significant', '"disclosing", "no_significant'
    ),
    "significant harm is refused for want of training": _replaced('"not_emergency", "no_significant_harm", "tr', '"tr'),
    "a low match is enough": _replaced(
        '"child_not_identified", "match_not_stated or more', '"match_not_stated", "more'
    ),
    "whoever could find the address gets it": _replaced('"recipient_could_reidentify"', '"emergency"'),
    "significant harm waits for the Caldicott Guardian": _replaced(
        'reidentify", "recipient_not_listed"]', 'reidentify"]'
    ),
    "an unverified order counts": _replaced('when = ["court_requires", "order_verified"]', 'when = ["court_requires"]'),
    "level 4 goes to anybody": _replaced('level_is_4", "recipient_listed"]', 'level_is_4"]'),
    "the duty holds where it harms": _replaced(
        '"both_listed", "deemed_relevant", "detriment_ruled_out"', '"both_listed"'
    ),
    "an override needs no manager": _replaced(
        '"consent_does_not_cover", "override_complete"', '"consent_does_not_cover"'
    ),
    "an expired agreement is good enough": _replaced(
        'when = ["agreement_not_in_force"]', 'when = ["agreement_long_expired"]'
    ),
    "consent is not asked for": _replaced('"content_purpose", "', '"content_purpose", "emergency", "'),
    "anybody may transfer": _replaced('["purpose_is_transfer", "consent_names_receiver"]', '["purpose_is_transfer"]'),
    "any caller may check": _replaced(
        '"consent_to_check_satisfied", "caller_verified"]', '"consent_to_check_satisfied"]'
    ),
    "a pull-through without a case": _replaced(
        '"asked_by_social_worker", "statutory_episode_open", ', '"asked_by_social_worker", '
    ),
    "a step-down nobody agreed to": _replaced('["purpose_is_step_down", "family_agrees"]', '["purpose_is_step_down"]'),
    "a notice to strangers": _replaced('["purpose_is_admin", "recipient_has_held_content"]', '["purpose_is_admin"]'),
    "anybody reads the audit": _replaced('["purpose_is_audit", "asked_by_auditor"]', '["purpose_is_audit"]'),
    "an address goes out": _replaced('when = ["address_hidden"]', 'when = ["address_hidden", "emergency"]'),
    "what the family kept back goes": _replaced(
        '"permit_rests_on_consent", "consent_denies', '"emergency", "consent_denies'
    ),
    "a mother's signature outranks a father's no": _replaced(
        'when = ["content_purpose", "consent_refused"]', 'when = ["content_purpose", "emergency"]'
    ),
}
"""Conditions dropped or turned, as somebody who edits the policy might."""


@cache
def _rows_questions() -> list[cells.Question]:
    asked = [told.question for told in (*FIRES, *MISSES)]
    return [*asked, *(replace(question, categories=cells.EVERYTHING) for question in asked)]


def _planted(name: str) -> Policy:
    text = POLICY_TEXT.decode()
    changed = PLANTED[name](text)
    assert changed != text
    return load_policy(changed.encode())


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_in_the_policy_is_found(name: str) -> None:
    found = check(_rows_questions(), policy=_planted(name), opinion=second_opinion())

    assert found.faults


def test_two_rows_in_the_wrong_order_are_found() -> None:
    head, *rows = POLICY_TEXT.decode().split("[[row]]\n")
    order, forbids = (next(row for row in rows if f'reason = "{reason}"' in row) for reason in ("P-ORDER", "H-RECIP"))
    swapped = [order if row is forbids else forbids if row is order else row for row in rows]
    policy = load_policy("[[row]]\n".join((head, *swapped)).encode())

    found = check(_rows_questions(), policy=policy, opinion=second_opinion())

    assert found.faults


def _part(number: int) -> Found:
    return check(cells.of_part(number, share=SHARE), policy=POLICY, opinion=second_opinion(), first=number)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_every_cell_is_answered_as_it_should_be() -> None:
    whole = Found()
    with ProcessPoolExecutor(max_workers=2) as pool:
        for found in pool.map(_part, range(cells.parts()), chunksize=1):
            whole.add(found)

    print(f"{whole.cells} cells, answered {dict(whole.answers.most_common())}")
    print(f"only the second engine permits: {dict(whole.only_cedar_permits.most_common())}")
    assert whole.faults == {}
    assert whole.cells > 500_000
    assert {row.reason for row in POLICY.rows if row.kind == "terminal"} - set(whole.answers) == set()
