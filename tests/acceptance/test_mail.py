"""Somebody sends a CAF as an e-mail: they are told the secure ways, and nothing of it is kept anywhere."""

import json
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import httpx
import pytest

from gateway.demo.stage import Stage
from gateway.flows.tally import Counted
from tests.acceptance.told import messages

CHILD, TEXT = "Testina Exampleton", "She has come to school hungry since half-term."
FORM = "mash/govuk-forms-1"
CALLS_GO_BY = {
    "smtp_host",
    "smtp_port",
    "smtp_security",
    "smtp_sender",
    "smtp_user",
    "smtp_password_file",
    "smtp_authority_file",
}
"""Settings of the calls that named persons get by e-mail."""


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A gateway that nothing may ever be left in."""
    with Stage(tmp_path_factory.mktemp("mail") / "gateway") as running:
        yield running


def _letter() -> bytes:
    """Return an e-mail with a CAF in it, as a mail program saves it."""
    mail = EmailMessage()
    mail["From"] = "mo.mockteacher@nowhere-primary.example"
    mail["To"] = "caf@barnet.example"
    mail["Subject"] = f"CAF for {CHILD}"
    mail["Date"] = "Mon, 23 Nov 2026 08:50:00 +0000"
    mail["Message-ID"] = "<caf-1@nowhere-primary.example>"
    mail.set_content(TEXT)
    mail.add_attachment(b"{}", maintype="application", subtype="json", filename="caf.json")
    return bytes(mail)


LETTER = _letter()


def post(stage: Stage, body: bytes, media: str, *, form: str = FORM) -> httpx.Response:
    """Post *body* as a form."""
    headers = {"Authorization": f"Bearer {stage.tokens['referral-portal']}", "Content-Type": media}
    return httpx.post(f"{stage.url}/v1/intake/{form}", content=body, headers=headers)


def is_anywhere(stage: Stage) -> bool:
    """Tell whether anything of the letter stands in any folder of the gateway's own, or any message was kept."""
    senders = stage.folder / "drop" / "school-example"
    files = [one.read_bytes() for one in stage.folder.rglob("*") if one.is_file() and senders not in one.parents]
    return any(text.encode() in held for held in files for text in (CHILD, TEXT)) or bool(messages(stage))


@pytest.mark.parametrize(
    ("media", "body"),
    [
        pytest.param("message/rfc822", LETTER, id="said to be one"),
        pytest.param("Message/RFC822; charset=utf-8", LETTER, id="said to be one, otherwise spelled"),
        pytest.param("application/json", LETTER, id="said to be a form"),
        pytest.param("message/rfc822", b"\r\n", id="said to be one, and empty"),
    ],
)
def test_an_e_mail_over_http_is_refused_with_the_secure_ways_and_nothing_of_it_is_kept(
    stage: Stage, media: str, body: bytes
) -> None:
    answer = post(stage, body, media)

    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (415, "e-mail")
    assert all(way in problem["detail"] for way in ("over HTTPS", "drop folder", "secure form", "/docs"))
    assert CHILD not in answer.text
    assert not is_anywhere(stage)


def test_whoever_watches_sees_that_somebody_sends_e_mail(stage: Stage) -> None:
    tally = stage.application.desk.tally
    before = tally.counts(Counted.REFUSED).get((FORM, "e-mail"), 0)

    post(stage, LETTER, "message/rfc822")

    assert tally.counts(Counted.REFUSED) == {(FORM, "e-mail"): before + 1}
    assert tally.counts(Counted.QUARANTINED) == {}


@pytest.mark.parametrize("name", ["caf.eml", "Fwd CAF.MSG", "form.xml", "form.txt"])
def test_an_e_mail_in_the_drop_folder_stays_its_senders_and_a_report_beside_it_says_what_to_do(
    stage: Stage, name: str
) -> None:
    """It is not taken away as if it had been kept, and no copy of it is made."""
    file = stage.folder / "drop" / "school-example" / "sims" / "superstar-1" / name
    stage.until("the folder", file.parent.is_dir)
    file.write_bytes(LETTER)

    told = file.with_name(f"{name}.refused.json")
    stage.until("the report", told.exists)
    problem = json.loads(told.read_text())["problem"]
    assert problem["code"] == "e-mail"
    assert "secure form" in problem["message"]
    assert file.read_bytes() == LETTER
    assert not is_anywhere(stage)
    assert taken(stage.folder) == []


def taken(folder: Path) -> list[Path]:
    """Return the files that are being taken from the drop folder."""
    return [one for one in (folder / "drop" / ".taking").rglob("*") if one.is_file()]


def test_there_is_no_door_for_mail(stage: Stage) -> None:
    """No route of the gateway is called like one, and no setting opens a port: those there are say where calls go."""
    paths = httpx.get(f"{stage.url}/openapi.json").json()["paths"]
    settings = type(stage.application.settings).model_fields

    assert not [path for path in paths if "smtp" in path.lower() or "mail" in path.lower()]
    assert {name for name in settings if "smtp" in name or "mail" in name} == CALLS_GO_BY
