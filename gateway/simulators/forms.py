"""What do the builders of public forms post? Submissions of MoJ Forms in both shapes, and flat posts."""

import json
from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from gateway.model.tree import Group, Tree

FORM = "Tell the MASH"
_SLUG = "tell-the-mash"
_SERVICE = "00000000-0000-4000-8000-000000000001"
_KINDS = {"_dob": "date", "_date": "date", "_email": "email", "_address": "textarea"}
"""Which component asks a question whose id ends so; any other is a box for a text."""

Answers = Mapping[str, str | list[str]]
"""What is answered to our published question ids."""


def component_id(question_id: str) -> str:
    """Return what MoJ Forms calls the component on the page whose web address is *question_id*."""
    kind = next((kind for end, kind in _KINDS.items() if question_id.endswith(end)), "text")
    return f"{question_id.replace('_', '-')}_{kind}_1"


def moj_payload(reference: str, submitted_at: str, answers: Answers, *, files: Sequence[str] = ()) -> bytes:
    """Return what MoJ Forms works on: one page for each answer, and how it delivers, with an invented key."""
    pages: list[Tree] = [
        {"heading": "", "answers": [{"field_id": component_id(name), "field_name": name, "answer": _told(answer)}]}
        for name, answer in answers.items()
    ]
    payload: Group = {
        "service": {"id": _SERVICE, "slug": _SLUG, "name": FORM},
        "meta": {"pdf_heading": FORM, "submission_at": submitted_at, "reference_number": reference},
        "actions": [{"kind": "json", "url": "https://gateway.example/intake", "key": "INVENTEDKEY12345"}],
        "pages": pages,
        "attachments": [_file(name) for name in files],
    }
    return _written(payload)


def moj_webhook(reference: str, answers: Answers, *, files: Sequence[str] = ()) -> bytes:
    """Return what MoJ Forms posts to others, before it is encrypted: the answers by their ids."""
    hook: Group = {
        "serviceSlug": _SLUG,
        "submissionId": reference,
        "submissionAnswers": {component_id(name): _told(answer) for name, answer in answers.items()},
        "attachments": [{**_file(name), "key": "INVENTEDKEY67890"} for name in files],
    }
    return _written(hook)


def start_request(reference: str, answers: Answers) -> bytes:
    """Return a request to start early help as a form posts it, with the names and values of *answers*."""
    return urlencode({"reference": reference, **answers}, doseq=True).encode()


def _told(answer: str | list[str]) -> Tree:
    return answer if isinstance(answer, str) else list(answer)


def _file(name: str) -> Group:
    return {"filename": name, "mimetype": "application/pdf", "url": f"https://files.example/invented/{name}"}


def _written(submission: Group) -> bytes:
    return json.dumps(submission, ensure_ascii=False, indent=1).encode()
