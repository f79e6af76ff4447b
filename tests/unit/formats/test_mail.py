"""An e-mail is known by what it is said to be, what it is called and how it begins; a form is never taken for one."""

import pytest

from gateway.errors import ByMailError
from gateway.formats.mail import refuse_mail

LETTER = b"From: mo@nowhere.example\r\nTo: caf@barnet.example\r\nSubject: CAF\r\n\r\nTestina\r\n"


@pytest.mark.parametrize(
    ("body", "content_type", "file_name"),
    [
        pytest.param(b"", "message/rfc822", None, id="said to be one"),
        pytest.param(b"", " MESSAGE/Global ; charset=x", None, id="said to be one, otherwise spelled"),
        pytest.param(b"", None, "caf.eml", id="called one"),
        pytest.param(b"", None, "FW CAF.MSG", id="called one, in capitals"),
        pytest.param(LETTER, "application/json", "form.json", id="begins as one"),
        pytest.param(b"\xef\xbb\xbf" + LETTER, None, None, id="with a byte order mark"),
        pytest.param(b"\r\n\n" + LETTER, None, None, id="after empty lines"),
        pytest.param(LETTER.replace(b"\r\n", b"\n"), None, None, id="lines end in the Unix way"),
        pytest.param(b"From mo@nowhere.example Mon Nov 23\n" + LETTER, None, None, id="from a mailbox file"),
        pytest.param(b"DKIM-Signature: v=1;\r\n  b=abc\r\n" + LETTER, None, None, id="with a folded field"),
        pytest.param(b"X-A: 1\r\n" * 900 + LETTER[:20], "message/rfc822", None, id="a long head"),
    ],
)
def test_an_e_mail_is_refused(body: bytes, content_type: str | None, file_name: str | None) -> None:
    with pytest.raises(ByMailError) as refusal:
        refuse_mail(body, content_type=content_type, file_name=file_name)

    assert (refusal.value.code, "Testina" in refusal.value.message) == ("e-mail", False)


@pytest.mark.parametrize(
    ("body", "content_type", "file_name"),
    [
        pytest.param(b'{"worry": "From: a\\nTo: b\\nSubject: c"}', "application/json", "a.json", id="JSON"),
        pytest.param(b"<SuperStarReport><From>a</From></SuperStarReport>", "text/xml", "a.xml", id="XML"),
        pytest.param(b"from=a&to=b&subject=c&date=d", "application/x-www-form-urlencoded", None, id="form post"),
        pytest.param(
            b'--x\r\nContent-Disposition: form-data; name="from"\r\n\r\na', "multipart/form-data", None, id="multipart"
        ),
        pytest.param(b"From,To,Subject,Date\r\na,b,c,d\r\n", "text/csv", "a.csv", id="CSV"),
        pytest.param(b"From: a\r\nTo: b\r\n\r\nSubject: c", None, None, id="two fields, which may be an accident"),
        pytest.param(b"", None, "email.json", id="empty"),
    ],
)
def test_a_form_is_not_taken_for_an_e_mail(body: bytes, content_type: str | None, file_name: str | None) -> None:
    refuse_mail(body, content_type=content_type, file_name=file_name)
