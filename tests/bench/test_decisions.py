"""Does the bench of decisions measure what it says: a decision that reads every word and permits?"""

from gateway.consent.decide import decide
from gateway.consent.question_json import question_from_json
from tests.bench.decisions import said
from tests.bench.documents import QUESTION
from tests.unit.consent.questions import POLICY


def test_a_family_that_has_said_much_still_has_its_word_counted() -> None:
    question = question_from_json(QUESTION)

    words = said(question.consents[0], 12)

    assert len({one.consent_id for one in words}) == 12
    assert {one.status for one in words} == {"GIVEN", "SUPERSEDED"}
    assert decide(question, policy=POLICY).grounds.reason == "P-CONSENT"
