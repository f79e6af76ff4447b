"""How many questions must a person answer for 100 dirty documents, and why?"""

import statistics
from collections import Counter
from pathlib import Path

from tests.corpus.measure import Measured, measure

_DOCUMENTS = 1000
_SEEDS = (1, 2, 3)


def measure_reviews(folder: Path) -> dict[str, float]:
    """Return the median and the worst of three corpora, and for each reason how many of 100 documents ask for it."""
    found = [measure(folder / str(seed), _DOCUMENTS, seed=seed) for seed in _SEEDS]
    lost = [one for measured in found for one in measured.missing]
    if lost:
        raise AssertionError(f"of {len(lost)} documents not every record is stored or put before a person: {lost[0]}")
    told = [measured.per_hundred for measured in found]
    return {
        "reviews_per_100": statistics.median(told),
        "reviews_per_100_worst": max(told),
        **_by_reason(found),
        "refused_at_the_gate_per_100": _per_hundred(sum(sum(one.refused.values()) for one in found), found),
        "held_for_a_label_per_100": _per_hundred(sum(one.held for one in found), found),
    }


def _by_reason(found: list[Measured]) -> dict[str, float]:
    """Return how many questions of each kind and reason 100 documents ask, most first."""
    questions: Counter[tuple[str, str]] = sum((one.questions for one in found), Counter())
    return {
        f"reviews_per_100 {kind} {reason}": _per_hundred(number, found)
        for (kind, reason), number in questions.most_common()
    }


def _per_hundred(number: int, found: list[Measured]) -> float:
    return 100 * number / sum(one.documents for one in found)
