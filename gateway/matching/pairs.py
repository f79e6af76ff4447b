"""What does a spreadsheet of pairs say, pair by pair?"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from gateway.errors import Place, SchemaViolationError
from gateway.matching.compare import compare
from gateway.matching.identity import from_columns

FIELDS = ("given", "family", "dob", "postcode", "address", "sex", "upn", "nhs")
COLUMNS_IN = ("id", *(f"{side}_{field}" for side in ("left", "right") for field in FIELDS))
COLUMNS_OUT = ("id", "band", "score", "evidence")


def check_columns(columns: Sequence[str] | None) -> None:
    """Return if *columns* holds every column a file of pairs needs; others do no harm.

    Raises:
        SchemaViolationError: one is missing; its place's path names it.
    """
    missing = [name for name in COLUMNS_IN if name not in (columns or ())]
    if missing:
        message = f"a file of pairs needs the column {missing[0]!r}; it needs {', '.join(COLUMNS_IN)}"
        raise SchemaViolationError(message, place=Place(path=missing[0]))


def match_pairs(rows: Iterable[Mapping[str, str | None]]) -> Iterator[dict[str, str]]:
    """Yield the verdict on each row, in order, with the columns of COLUMNS_OUT."""
    for row in rows:
        verdict = compare(from_columns(row, "left_"), from_columns(row, "right_"))
        yield {
            "id": row.get("id") or "",
            "band": verdict.band.value,
            "score": f"{verdict.score:.3f}",
            "evidence": " ".join(verdict.evidence),
        }
