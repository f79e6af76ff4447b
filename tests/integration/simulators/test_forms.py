"""What a simulated form posts is what the gate reads and the mappings understand."""

from pathlib import Path

import pytest

from gateway.app.commands.shipped import library, schemas
from gateway.formats.gate import gate, split
from gateway.formats.limits import Limits
from gateway.formats.register import FORMATS
from gateway.model.tree import Group
from gateway.simulators.forms import Answers, component_id, moj_payload, moj_webhook, start_request
from gateway.translation.message_translator import nothing_known, translate_in

ROOT = Path(__file__).parents[3]
ANSWERS: Answers = {
    "child_first_name": "Testina",
    "child_last_name": "Exampleton",
    "child_dob": "14 June 2016",
    "consent_agencies": ["School", "GP"],
    "worry": "Invented",
}


def read(name: str, body: bytes) -> Group:
    gate(FORMATS[name], body, content_type=None, schemas=schemas(), limits=Limits())
    (record,) = split(FORMATS[name], body, limits=Limits())
    return translate_in(library().inbound(name), record.tree, meaning=nothing_known).tree


@pytest.mark.parametrize(
    "body",
    [moj_payload("R-1", "2026-11-18T09:15:30Z", ANSWERS, files=["letter.pdf"]), moj_webhook("R-1", ANSWERS)],
    ids=["payload", "webhook"],
)
def test_a_simulated_submission_of_moj_forms_is_read(body: bytes) -> None:
    made = read("mash/moj-forms-1", body)

    assert (made["reference"], made["worry"]) == ("R-1", "Invented")
    assert made["children"] == [{"given_names": "Testina", "family_name": "Exampleton", "born": "2016-06-14"}]
    assert made["consent"] == {"agencies_agreed": ["school", "gp"]}


def test_a_simulated_request_to_start_is_read() -> None:
    body = start_request("R-2", {"child_forename": ["Testina", "Tobias"], "needs": "Invented", "parent_aware": "Yes"})

    assert read("mash/start-request-1", body) == {
        "reference": "R-2",
        "needs": "Invented",
        "consent": {"parent_aware": "Y"},
        "children": [{"given_names": "Testina"}, {"given_names": "Tobias"}],
    }


@pytest.mark.parametrize(
    ("name", "component"),
    [("child_dob", "child-dob_date_1"), ("referrer_email", "referrer-email_email_1"), ("worry", "worry_text_1")],
)
def test_components_are_named_as_moj_forms_names_them(name: str, component: str) -> None:
    assert component_id(name) == component
