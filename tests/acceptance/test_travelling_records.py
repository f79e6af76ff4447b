"""What a family and a borough wrote goes from form to record, and from borough to borough and back, unchanged."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.demo.stage import Added, Stage, _profile
from gateway.flows.store.rows import State
from gateway.model.identifiers import MessageId
from tests.acceptance.forms import accept, form, wait_for, wait_for_ecaf
from tests.acceptance.told import decisions, policy_version

BARNET, CAMDEN = "E09000003", "E09000007"
COMMENT = "Mae'n anodd.\r\n  We want help \u2013 but \u201cnot\u201d the old worker. <b>&amp;</b>\t\u00a0Diolch!"
WARD = "  East \u201cFinchley\u201d\r\n\tward "
SLEEP = "Six hours; \u00e9veill\u00e9e \U0001f319 <x-barnet/>"
TO_NEIGHBOUR = """
[[route]]
message = "caf.episode.opened"
to = "borough"
format = "{}"
document = "ecaf.episode"
mode = "DISCLOSE"
direction = "out"
purpose = "COORDINATE"

"""
"""A route no shipped table has: which boroughs share records is each installation's own to say."""
RECORD: Mapping[str, Any] = {
    "reference": "NW-2026-0077",
    "state": "active",
    "child": {
        "given_names": "Testina",
        "family_name": "Exampleton",
        "born": "2016-06-14",
        "first_language": "Welsh",
        "parents_language": "Sylheti",
        "interpreter_needed": "Y",
        "interpreter_arranged": "N",
    },
    "consent": {
        "agrees_to_share": "Y",
        "given_on": "2026-11-02",
        "signatory_capacity": "PARENT_PR",
        "mode": "WRITTEN_SIGNED",
    },
    "assessment": {
        "parent_comment": COMMENT,
        "child_comment": COMMENT[::-1],
        "elements": {
            "emotional_and_social": {
                "needs": "Worries at night",
                "headings": [{"key": "x-barnet-sleep", "heading": "Sleep (Barnet only)", "text": SLEEP}],
            }
        },
    },
    "x-barnet-ward": WARD,
}


def envelope(document: Mapping[str, Any]) -> bytes:
    """Return a record as an early-help system sends it."""
    head = {"format": "ecaf/episode-1", "message": "caf.episode.opened", "message_id": "nowhere-0077"}
    head |= {"correlation_id": "nowhere-0077", "sent_at": "2026-11-23T08:00:00+00:00", "sender": "nowhere-ecaf"}
    return json.dumps({**head, "document": document}, ensure_ascii=False).encode()


def befriend(stage: Stage, form: str) -> None:
    """Let another borough be known that takes records in one format; the early-help simulator plays it."""
    profile = {**_profile("barnet-ecaf", stage.simulators["barnet-ecaf"].url), "organisation": "next-borough"}
    profile |= {"name": "Example borough next door", "system": "borough", "type": "council", "is_default": True}
    profile["endpoint"] = [
        {"kind": "caf.episode.opened", "format": form, "url": f"{stage.simulators['barnet-ecaf'].url}/next-borough"}
    ]
    stage.order("partners.add", {"profile": profile})


def pass_on(folder: Path, authority: str, body: bytes, *, way_in: str, way_out: str) -> Any:
    """Return what a borough's gateway passes on to its neighbour of what came in, with the family's consent."""
    added = Added(routes=TO_NEIGHBOUR.format(way_out).encode())
    with Stage(folder, authority=authority, added=added) as stage:
        befriend(stage, way_out)
        media = {"ecaf/xml-1": "application/xml", "ecaf/episode-1": "application/json"}[way_in]
        headers = {"Authorization": f"Bearer {stage.tokens['barnet-ecaf']}", "Content-Type": media}
        answer = httpx.post(f"{stage.url}/v1/intake/{way_in}", content=body, headers=headers)
        assert answer.status_code == 202, answer.text
        message = MessageId(answer.json()["message_id"])
        wait_for(stage, message, State.ACKNOWLEDGED)
        assert decisions(stage, message) == [("next-borough", "P-CONSENT", policy_version(stage))]
        return stage.effects("barnet-ecaf")[0]["document"]


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return the record that went from Barnet as XML, from Camden as JSON, and through Barnet once more."""
    folder = tmp_path_factory.mktemp("boroughs")
    first = pass_on(folder / "1", BARNET, envelope(RECORD), way_in="ecaf/episode-1", way_out="ecaf/xml-1")
    xml = first["xml"].encode()
    back = pass_on(folder / "2", CAMDEN, xml, way_in="ecaf/xml-1", way_out="ecaf/episode-1")
    body = json.dumps(back, ensure_ascii=False).encode()
    home = pass_on(folder / "3", BARNET, body, way_in="ecaf/episode-1", way_out="ecaf/episode-1")
    whole: dict[str, Any] = home["document"]
    return whole


def test_language_interpreter_and_the_parents_comment_come_back_as_they_were(document: dict[str, Any]) -> None:
    told = ("first_language", "parents_language", "interpreter_needed", "interpreter_arranged")
    assert {name: document["child"][name] for name in told} == {name: RECORD["child"][name] for name in told}
    assert document["assessment"]["parent_comment"].encode() == COMMENT.encode()
    assert document["assessment"]["child_comment"].encode() == COMMENT[::-1].encode()


def test_a_borough_s_own_headings_come_back_byte_by_byte_where_they_were(document: dict[str, Any]) -> None:
    assert document["x-barnet-ward"].encode() == WARD.encode()
    element = document["assessment"]["elements"]["emotional_and_social"]
    assert element["headings"] == RECORD["assessment"]["elements"]["emotional_and_social"]["headings"]
    assert element["headings"][0]["text"].encode() == SLEEP.encode()


def test_what_a_form_says_of_language_and_interpreter_and_a_parents_own_words_are_in_the_episode(stage: Stage) -> None:
    """The form has no box of ours for a parent's comment: the borough's own question is carried with its answer."""
    told = json.loads(form("early-help-consent", "WORDS", consent_agencies="School, Early help",
                           child_language="Welsh", child_interpreter="Yes"))  # fmt: skip
    asked = {"question_id": "x_parent_comment", "question_text": "What does the parent say?", "answer_text": COMMENT}
    told["answers"].append(asked)
    message = accept(stage, json.dumps(told, ensure_ascii=False).encode())
    wait_for(stage, message, State.ACKNOWLEDGED)

    stage.mash("decide", {"reference": "WORDS", "outcome": "MO3", "advice": "A CAF coordinator will call."})

    delivery = wait_for_ecaf(stage, State.ACKNOWLEDGED)
    episode = stage.effects("barnet-ecaf")[0]["document"]["document"]
    assert (episode["child"]["first_language"], episode["child"]["interpreter_needed"]) == ("Welsh", "Y")
    assert [one["answer"] for one in episode["local"] if one["question"] == "What does the parent say?"] == [COMMENT]
    assert decisions(stage, delivery.message_id) == [("barnet-ecaf", "P-CONSENT", policy_version(stage))]
