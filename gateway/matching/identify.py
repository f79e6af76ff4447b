"""Which of the children we know is this one?"""

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.matching.compare import Band, Verdict, compare
from gateway.matching.identity import Identity


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The answer about one child among those we know.

    Shape: `status` is MATCH, POTENTIAL, LOW, MANY or NEW. `ref` is the best candidate of the first three, else None;
    `evidence` has `field=likeness` and never a value.
    """

    status: str
    score: float
    ref: str | None
    evidence: tuple[str, ...]


_NEW = Found(status="NEW", score=0.0, ref=None, evidence=())


def identify(identity: Identity, candidates: Sequence[tuple[str, Identity]]) -> Found:
    """Return which of *candidates* (reference, identity) is the child that *identity* tells of.

    NEW means that nobody like this is known: candidates in whom two things contradict are other children. MANY means
    two or more who would each be a match, or, without a match, two or more for a person to choose from.

    The caller leaves out children whose identity must never be joined to another, such as an adopted child's.
    """
    verdicts = [(ref, compare(identity, known)) for ref, known in candidates]
    likely = [
        (ref, verdict) for ref, verdict in verdicts if not verdict.is_other_child and verdict.band is not Band.NONE
    ]
    for band in (Band.MATCH, Band.POTENTIAL):
        found = [(ref, verdict) for ref, verdict in likely if verdict.band is band]
        if found:
            return _found(found, band, is_ambiguous=len(found) > 1)
    return _found(likely, Band.LOW, is_ambiguous=False) if likely else _NEW


def _found(verdicts: Sequence[tuple[str, Verdict]], band: Band, *, is_ambiguous: bool) -> Found:
    # Of two equally good, the first by reference: the answer never depends on the order of candidates.
    ref, best = min(verdicts, key=lambda pair: (-pair[1].score, pair[0]))
    if is_ambiguous:
        return Found(status="MANY", score=best.score, ref=None, evidence=best.evidence)
    return Found(status=band.value, score=best.score, ref=ref, evidence=best.evidence)
