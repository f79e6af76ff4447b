"""The kind of an error decides its fate, once."""

import pytest

from gateway import errors
from gateway.errors import Fate, GatewayError, Place, code_of, fate_of


@pytest.mark.parametrize(
    ("error", "attempt", "fate"),
    [
        pytest.param(errors.PartnerUnavailableError("away"), 1, Fate.RETRY, id="transient"),
        pytest.param(errors.PartnerUnavailableError("away"), 12, Fate.DEAD_LETTER, id="transient for too long"),
        pytest.param(errors.PartnerRefusedError("no"), 1, Fate.DEAD_LETTER, id="permanent"),
        pytest.param(errors.IntegrityError("impossible"), 1, Fate.HALT, id="integrity"),
        pytest.param(KeyError("bug"), 1, Fate.DEAD_LETTER, id="a bug of ours"),
    ],
)
def test_the_kind_of_an_error_decides_its_fate(error: Exception, attempt: int, fate: Fate) -> None:
    assert fate_of(error, attempt=attempt, limit=12) is fate


def test_every_error_has_a_code_of_its_own() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, GatewayError)]

    assert len({kind.code for kind in kinds}) == len(kinds)


def test_an_error_says_its_code_its_words_and_its_place() -> None:
    error = errors.SchemaViolationError("expected a date", place=Place(path="child.born", line=3))

    assert error.as_json() == {"code": "schema", "message": "expected a date", "path": "child.born", "line": 3}


def test_a_foreign_error_is_called_by_its_class() -> None:
    assert code_of(ZeroDivisionError()) == "ZeroDivisionError"
