"""Is every document of a realistic corpus either understood or put before a person, with a reason?"""

from pathlib import Path

import pytest

from tests.corpus import rates
from tests.corpus.generate import documents
from tests.corpus.measure import Measured, measure

COUNT = 60


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Measured:
    return measure(tmp_path_factory.mktemp("corpus"), COUNT, seed=7)


def test_nothing_of_a_dirty_document_is_lost(found: Measured) -> None:
    assert found.missing == []


def test_every_document_is_taken_or_refused_with_a_code(found: Measured) -> None:
    assert found.documents == COUNT
    assert found.records > 0
    assert sum(found.refused.values()) + found.repeats < COUNT


def test_every_question_names_its_kind_and_its_reason(found: Measured) -> None:
    assert [question for question in found.questions if not all(question)] == []


def test_the_same_seed_makes_the_same_documents() -> None:
    assert list(documents(30, seed=3)) == list(documents(30, seed=3))


def test_another_seed_makes_others() -> None:
    assert list(documents(30, seed=3)) != list(documents(30, seed=4))


@pytest.mark.parametrize("name", list(rates.FORMATS))
def test_every_format_is_in_the_corpus(name: str) -> None:
    assert name in {document.format for document in documents(400, seed=1)}


def test_a_corpus_measured_twice_comes_to_the_same(found: Measured, tmp_path: Path) -> None:
    again = measure(tmp_path, COUNT, seed=7)

    assert again.questions == found.questions
