"""docs/partners/http-delivery.md says what the simulators can do and what our side makes of an answer."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.adapters.http.answers import refusal
from gateway.errors import PartnerRefusedError, PartnerUnavailableError
from gateway.simulators.behaviour import Behaviour, Mood
from gateway.simulators.ecaf import ecaf_app
from gateway.simulators.mash import Automatic, Check, Step, mash_app

PAGE = (Path(__file__).parents[3] / "docs/partners/http-delivery.md").read_text(encoding="utf-8")
AT = datetime(2026, 11, 23, 10, tzinfo=UTC)


@pytest.mark.parametrize("mood", Mood)
def test_every_mood_is_on_the_page(mood: Mood) -> None:
    assert f"| `{mood.value}` |" in PAGE


@pytest.mark.parametrize(
    "name", sorted({*Behaviour.model_fields, *Step.model_fields, *Automatic.model_fields, *Check.model_fields})
)
def test_every_word_of_the_controls_is_on_the_page(name: str) -> None:
    assert name in PAGE


@pytest.mark.parametrize("path", sorted({*ecaf_app().openapi()["paths"], *mash_app().openapi()["paths"]} - {"/{path}"}))
def test_every_control_is_on_the_page(path: str) -> None:
    assert path in PAGE


@pytest.mark.parametrize("status", [400, 403, 404, 409, 410, 413, 415, 422])
def test_what_the_page_calls_a_refusal_is_one(status: int) -> None:
    assert isinstance(refusal(status, retry_after=None, at=AT), PartnerRefusedError)


@pytest.mark.parametrize("status", [200, 204, 301, 401, 407, 408, 421, 423, 425, 429, 500, 502, 503, 504])
def test_what_the_page_calls_trying_again_is_that(status: int) -> None:
    assert isinstance(refusal(status, retry_after=None, at=AT), PartnerUnavailableError)
