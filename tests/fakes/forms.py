"""One referral as each kind of form would post it, so that a test can ask the same of all of them."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias
from urllib.parse import urlencode

from gateway.model.tree import Group, Tree
from gateway.simulators.forms import moj_payload, moj_webhook

Child: TypeAlias = Mapping[str, str]
"""What a form asks of a child, by our published question ids without `child_`; names as `first_name`, `last_name`."""
Answers: TypeAlias = Mapping[str, str | list[str]]
AT = "2026-11-18T09:15:30.000Z"

_FLAT = {
    "dob": "date_of_birth",
    "sex": "gender",
    "address": "address_1",
    "postcode": "post_code",
    "phone": "child_phone",
}
_REQUEST = {"worry": "needs"}


def _number(place: int) -> str:
    return f"_{place + 1}" if place else ""


def _asked(children: Sequence[Child], answers: Answers) -> dict[str, str | list[str]]:
    asked: dict[str, str | list[str]] = {
        f"child{_number(place)}_{name}": text for place, child in enumerate(children) for name, text in child.items()
    }
    return {**asked, **answers}


def _govuk_answer(name: str, text: str | list[str]) -> Group:
    whole = text if isinstance(text, str) else ", ".join(text)
    told: Group = {"question_id": name, "question_text": name, "answer_text": whole}
    return told if isinstance(text, str) else {**told, "selections": list(text)}


def govuk(reference: str, children: Sequence[Child], answers: Answers) -> bytes:
    """Return the referral as GOV.UK Forms delivers it."""
    listed: list[Tree] = []
    for place, child in enumerate(children):
        names = {part: child[part] for part in ("first_name", "last_name") if part in child}
        whole = " ".join(names.values())
        base = f"child{_number(place)}"
        name: Group = {"question_id": f"{base}_name", "question_text": "", "answer_text": whole}
        listed.append({**name, **names})
        if "address" in child or "postcode" in child:
            place_of: Group = {"question_id": f"{base}_address", "question_text": "", "answer_text": ""}
            parts = {"address1": child.get("address", ""), "postcode": child.get("postcode", "")}
            listed.append({**place_of, "answer_text": ", ".join(parts.values()), **parts})
        rest = {part: text for part, text in child.items() if part not in {*names, "address", "postcode"}}
        listed += [_govuk_answer(f"{base}_{part}", text) for part, text in rest.items()]
    listed += [_govuk_answer(part, text) for part, text in answers.items()]
    body = {"form_name": "Tell us", "submission_reference": reference, "submitted_at": AT, "answers": listed}
    return json.dumps(body, ensure_ascii=False).encode()


def moj_pages(reference: str, children: Sequence[Child], answers: Answers) -> bytes:
    """Return the referral as MoJ Forms' payload."""
    return moj_payload(reference, AT, _asked(children, answers))


def moj_hook(reference: str, children: Sequence[Child], answers: Answers) -> bytes:
    """Return the referral as MoJ Forms' webhook."""
    return moj_webhook(reference, _asked(children, answers))


def pairs(reference: str, children: Sequence[Child], answers: Answers) -> dict[str, list[str]]:
    """Return the referral as flat names with their texts: parallel lists, a box left empty included."""
    columns = list(dict.fromkeys(name for child in children for name in child))
    flat = {_FLAT.get(name, name): [child.get(name, "") for child in children] for name in columns}
    more = {name: [text] if isinstance(text, str) else list(text) for name, text in answers.items()}
    return {"reference": [reference], "submitted_at": [AT], **flat, **more}


def post(reference: str, children: Sequence[Child], answers: Answers) -> bytes:
    """Return the referral as a form post."""
    return urlencode(pairs(reference, children, answers), doseq=True).encode()


def flat_json(reference: str, children: Sequence[Child], answers: Answers) -> bytes:
    """Return the referral as one flat object."""
    return json.dumps(pairs(reference, children, answers), ensure_ascii=False).encode()


def request(reference: str, children: Sequence[Child], answers: Answers) -> bytes:
    """Return the same as a request to start early help."""
    asked = {_REQUEST.get(name, name): text for name, text in answers.items()}
    return urlencode(pairs(reference, children, asked), doseq=True).encode()


Make: TypeAlias = Callable[[str, Sequence[Child], Answers], bytes]
CHANNELS: Mapping[str, tuple[str, str, Make]] = {
    "govuk": ("mash/govuk-forms-1", "application/json", govuk),
    "moj payload": ("mash/moj-forms-1", "application/json", moj_pages),
    "moj webhook": ("mash/moj-forms-1", "application/json", moj_hook),
    "form post": ("mash/flat-1", "application/x-www-form-urlencoded", post),
    "flat json": ("mash/flat-1", "application/json", flat_json),
    "start request": ("mash/start-request-1", "application/x-www-form-urlencoded", request),
}
"""Each kind of form: its format, its content type, and what makes it."""
JSON_CHANNELS = [name for name, (_, media, _) in CHANNELS.items() if media == "application/json"]
POST_CHANNELS = [name for name in CHANNELS if name not in JSON_CHANNELS]
