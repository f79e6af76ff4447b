"""What does a partner read beside a document of a format that has no place for what is withheld?"""

from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes

import pytest

from gateway.adapters.http.outlet import WITHHELD, HttpOutlet, PartnerLimits
from gateway.consent.content_filter import Withheld
from gateway.flows.store.rows import Handover, Organisation
from gateway.model.identifiers import OrganisationId
from tests.fakes.partner_documents import ADDRESS, POLICE, STAFF, a_document
from tests.integration.http.scripted_partner import ScriptedPartner, says

TAKEN = b'{"acknowledgement": "MASH-77", "message_id": "dlv_1"}'


class _Noon:
    def now(self) -> datetime:
        return datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def partner() -> Iterator[ScriptedPartner]:
    opened = ScriptedPartner([says(202, TAKEN)])
    yield opened
    opened.close()


def lines_of(partner: ScriptedPartner, *withheld: Withheld) -> list[str]:
    """Return every line of the header that *partner* reads when a document goes without *withheld*."""
    document = a_document("sims/ctf-25", "example-mash", *withheld)
    endpoint = {"kind": "any", "format": "sims/ctf-25", "url": partner.url}
    organisation = Organisation(
        organisation=OrganisationId("example-mash"), system="mash", type="mash", profile={"endpoints": [endpoint]}
    )
    handover = Handover(organisation=organisation, kind="any", message_id="dlv_1", correlation_id="msg_1")
    with HttpOutlet(_Noon(), limits=PartnerLimits(connect_seconds=5, total_seconds=5)) as outlet:
        outlet.send(document, b"<CTfile/>", handover)
    _, _, head = partner.requests[0].partition(b"\r\n\r\n")[0].partition(b"\r\n")
    return list(message_from_bytes(head).get_all(WITHHELD, []))


def test_one_redaction_is_named_with_its_kinds_of_information(partner: ScriptedPartner) -> None:
    assert lines_of(partner, ADDRESS) == ["R-ADDR: CAT-ADDR CAT-CONTACT"]


def test_several_redactions_stand_in_one_line_in_their_order(partner: ScriptedPartner) -> None:
    assert lines_of(partner, POLICE, ADDRESS) == ["R-POLICE: CAT-POLICE; R-ADDR: CAT-ADDR CAT-CONTACT"]


def test_a_redaction_of_no_category_is_named_by_its_reason_alone(partner: ScriptedPartner) -> None:
    assert lines_of(partner, STAFF) == ["R-STAFF"]


def test_a_redaction_of_no_category_leaves_no_blank_before_the_next(partner: ScriptedPartner) -> None:
    assert lines_of(partner, STAFF, POLICE) == ["R-STAFF; R-POLICE: CAT-POLICE"]


def test_a_document_that_goes_without_nothing_has_no_such_header(partner: ScriptedPartner) -> None:
    assert lines_of(partner) == []
