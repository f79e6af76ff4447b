"""A submission that its form has encrypted comes in as if it had not been, and is known again when it is sent again."""

from collections.abc import Iterator
from typing import Any

import pytest

from gateway.adapters.keys.form_seal import seal_form
from gateway.flows.store.rows import State
from gateway.simulators.forms import moj_webhook
from tests.integration.http.house import SCHOOL, a_credential, an_organisation
from tests.integration.http.whole_gateway import Gateway, opened_gateway

INTAKE = "/v1/intake/mash/moj-forms-1"
KEY = b"INVENTEDKEY12345"
BODY = moj_webhook("R-1", {"child_first_name": "Testina", "worry": "Invented"})


@pytest.fixture(scope="module")
def sealed_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("sealed")
    tokens = folder / "tokens"
    tokens.mkdir()
    (tokens / "forms.key").write_bytes(KEY + b"\n")

    def write(uow: Any) -> None:
        intake = {"scopes": ["mash/moj-forms", "mash/flat"], "form_key_file": "forms.key"}
        uow.directory.put_organisation(an_organisation("school-example", intake=intake))
        uow.directory.put_credential(a_credential(SCHOOL, "school-example", "mash/moj-forms", "mash/flat"))

    with opened_gateway(folder, partner_tokens_folder=tokens) as gateway:
        gateway.application.store.write(write)
        yield gateway


def posted(gateway: Gateway, body: bytes, content_type: str = "application/x-www-form-urlencoded") -> Any:
    return gateway.client.post(INTAKE, content=body, headers=gateway.headers(**{"Content-Type": content_type}))


def test_an_encrypted_submission_is_accepted_and_its_retry_is_the_same(sealed_house: Gateway) -> None:
    first = posted(sealed_house, seal_form(BODY, KEY))
    again = posted(sealed_house, seal_form(BODY, KEY))
    in_clear = posted(sealed_house, BODY, "application/json")

    assert first.status_code == again.status_code == 202
    assert first.json() == again.json() == in_clear.json()


def test_one_under_another_key_is_refused_and_kept(sealed_house: Gateway) -> None:
    answer = posted(sealed_house, seal_form(BODY, b"ANOTHERKEY123456"), "application/json")

    assert answer.status_code == 400
    found = sealed_house.application.store.read(lambda uow: uow.messages.find(limit=100))
    assert State.QUARANTINED in {one.state for one in found}
