"""Do our outlet and a simulated partner understand one another when we ask, or send a test?"""

from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest
from fastapi import FastAPI

from gateway.adapters.http.outlet import HttpOutlet, PartnerLimits
from gateway.errors import PartnerUnavailableError
from gateway.flows.store.rows import Handover, Organisation
from gateway.model.identifiers import OrganisationId
from gateway.simulators.journal import Journal
from gateway.simulators.partner import Partner, partner_app
from gateway.simulators.running import run

KIND = "mash.referral.submitted"


class _Noon:
    def now(self) -> datetime:
        return datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def journal() -> Journal:
    return Journal()


@pytest.fixture
def url(journal: Journal) -> Iterator[str]:
    with run(partner_app(Partner(prefix="IN", journal=journal))) as running:
        yield running.url


@pytest.fixture
def outlet() -> Iterator[HttpOutlet]:
    with HttpOutlet(_Noon(), limits=PartnerLimits(connect_seconds=0.5, total_seconds=0.6)) as outlet:
        yield outlet


def a_handover(url: str, number: int = 1, **endpoint: str) -> Handover:
    told = {"kind": KIND, "format": "mash/referral-1", "url": f"{url}/referrals", **endpoint}
    organisation = Organisation(
        organisation=OrganisationId("example-mash"), system="mash", type="mash", profile={"endpoints": [told]}
    )
    return Handover(
        organisation=organisation, kind=KIND, message_id=f"dlv_01jd000000000000000000000{number}", correlation_id="REF"
    )


def behave(url: str, behaviour: str) -> None:
    httpx.post(f"{url}/_simulator/behaviour", json={"behaviour": behaviour}).raise_for_status()


def deliver(url: str, handover: Handover) -> None:
    headers = {"Idempotency-Key": handover.message_id}
    httpx.post(f"{url}/referrals", json={"format": "mash/referral-1"}, headers=headers).raise_for_status()


@pytest.mark.parametrize("where", ["referrals", "asked"], ids=["its address", "another address"])
def test_a_partner_says_what_it_has(url: str, outlet: HttpOutlet, where: str) -> None:
    handover = a_handover(url, query_url=f"{url}/{where}")
    deliver(url, handover)

    assert outlet.ask(handover) == "IN-000001"
    assert outlet.ask(a_handover(url, 2)) is None


def test_a_test_has_no_effect_and_one_acknowledgement(url: str, outlet: HttpOutlet, journal: Journal) -> None:
    handover = a_handover(url)

    first, again = outlet.send_test(handover), outlet.send_test(handover)

    assert first == again == outlet.ask(handover)
    assert journal.effects == {}
    assert outlet.ask(a_handover(url, 2)) is None


def test_a_forgetful_partner_is_seen_by_a_test(url: str, outlet: HttpOutlet) -> None:
    handover = a_handover(url)
    behave(url, "forget")

    assert outlet.send_test(handover) != outlet.send_test(handover)


@pytest.mark.parametrize("behaviour", ["unavailable", "refuse", "nonsense", "hang", "half-close"])
def test_a_partner_that_does_not_say_is_never_taken_to_have_it_not(
    url: str, outlet: HttpOutlet, behaviour: str
) -> None:
    handover = a_handover(url)
    deliver(url, handover)
    behave(url, behaviour)

    with pytest.raises(PartnerUnavailableError):
        outlet.ask(handover)


def test_a_bare_404_is_no_answer(outlet: HttpOutlet) -> None:
    """An address that does not know the question must not make us send twice."""
    with run(an_app_without_addresses()) as running, pytest.raises(PartnerUnavailableError) as refused:
        outlet.ask(a_handover(running.url))

    assert refused.value.code == "query-failed"


def an_app_without_addresses() -> FastAPI:
    return FastAPI(openapi_url=None)
