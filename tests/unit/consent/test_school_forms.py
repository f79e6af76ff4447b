"""A school's own form that comes in keeps the assessment it was sent for."""

from datetime import UTC, datetime

import pytest

from gateway.consent.decision import Permit
from gateway.consent.question import Purpose
from gateway.model.category import Category
from tests.unit.consent.questions import a_consent, a_question, answer

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
ASKED = (Category.ID, Category.EDU, Category.OPINION)


@pytest.mark.parametrize(
    ("direction", "kept"),
    [
        pytest.param("in", {Category.ID, Category.EDU, Category.OPINION}, id="coming in: all of it"),
        pytest.param("out", {Category.ID, Category.EDU}, id="going out: the minimum of an export"),
    ],
)
def test_only_what_goes_out_to_a_school_is_cut_to_the_minimum(direction: str, kept: set[Category]) -> None:
    consent = a_consent(kinds=("SHARE", "SCHOOL_EXPORT"), purposes=("SCHOOL_EXPORT",), agencies_allowed=())
    question = a_question(purpose=Purpose.SCHOOL_EXPORT, direction=direction, categories=ASKED, consents=(consent,))

    decision = answer(question)

    assert isinstance(decision, Permit)
    assert set(decision.kept) >= kept
    assert (Category.OPINION in decision.kept) is (Category.OPINION in kept)
