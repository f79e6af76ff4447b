"""Documents of invented people with something attached, as several tests send them."""

import json
from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gateway.simulators.school import PUPIL, csv_report

_REFERRALS = Path(__file__).parents[1] / "vectors" / "canonical" / "mash"
LETTER = b"%PDF an invented letter about nobody"
OTHER = b"%PDF another invented letter about nobody"
AGREED = {
    "CAF Consent Given": "Yes",
    "CAF Consent Date": "02/10/2026",
    "CAF Consent Mode": "In writing, signed",
    "CAF Consent Signatory Capacity": "Parent with parental responsibility",
    "CAF Consent Agencies": "School; Early help",
}


def pupil_with(*contents: bytes) -> bytes:
    """Return a school's report about one pupil, whose family agrees, with a form attached for each of *contents*."""
    rows = [
        {
            **PUPIL,
            **AGREED,
            "CAF Form Type": "CAF assessment",
            "CAF Form File Name": f"form-{number}.pdf",
            "CAF Form Content": b64encode(content).decode(),
        }
        for number, content in enumerate(contents)
    ]
    return csv_report(rows)


def referral_with(reference: str, contents: Sequence[bytes], *, form: str = "s47-unknown-child", **more: Any) -> bytes:
    """Return a referral in our own envelope, with a letter attached for each of *contents*; *more* replaces fields."""
    (told,) = json.loads((_REFERRALS / f"govuk-forms-{form}.json.json").read_text())
    letters = [
        {"kind": "letter", "file_name": f"letter-{number}.pdf", "content": b64encode(content).decode()}
        for number, content in enumerate(contents)
    ]
    document = {**told["tree"], "reference": reference, "forms": letters, **more}
    envelope = {
        "format": "mash/referral-1",
        "message": "mash.referral.submitted",
        "message_id": f"ref-{reference}",
        "correlation_id": f"cor-{reference}",
        "sender": "somebody-else",
        "sent_at": "2026-11-20T14:30:00Z",
        "document": document,
    }
    return json.dumps(envelope).encode()
