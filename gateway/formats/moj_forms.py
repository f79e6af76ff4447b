"""What does a submission of MoJ Forms hold?

It comes in two shapes: the payload that MoJ Forms works on, page by page, and the webhook it posts to others, with the
answers by their ids. Both become one tree, with answers as a form of questions has them, so that one mapping reads
both. A component's id is made by MoJ Forms of the page's web address, the kind of component and a number
(`child-first-name_text_1`); where that leaves no doubt, the page's address is the question's id (`child_first_name`).

Source: the public schema and source of MoJ Forms' submitter.
"""

import re
from collections import Counter
from collections.abc import Iterator

from gateway.formats.warning import GateWarning
from gateway.model.tree import Group, Tree

_DELIVERS = "actions"
"""Where a submission says how it is delivered: addresses, and the keys for them, which are its sender's secrets."""
_COMPONENT = re.compile(
    r"(?P<page>.+)_(?:text|textarea|number|date|radios|checkboxes|email|phone|address|autocomplete|upload|multiupload)_1"
)
_ANSWER = frozenset({"field_id", "field_name", "answer"})
_PAYLOAD = frozenset({"service", "meta", "pages", _DELIVERS})
_WEBHOOK = frozenset({"serviceSlug", "submissionId", "submissionAnswers", _DELIVERS})


def submission_of(tree: Group) -> Group:
    """Return *tree*, a submission of either shape, as one: `reference`, `form_name`, `submitted_at`, `answers`.

    What else it holds stays under its own name, but for its sender's secrets.
    """
    is_webhook = "submissionAnswers" in tree
    known = _WEBHOOK if is_webhook else _PAYLOAD
    made = _of_webhook(tree) if is_webhook else _of_payload(tree)
    rest = {name: part for name, part in tree.items() if name not in known}
    return _beside({name: part for name, part in made.items() if part not in (None, "", [], {})}, rest)


def noticed_in(tree: Tree) -> Iterator[GateWarning]:
    """Yield what a person may want to know about a submission: secrets left out, files that are not in it."""
    if not isinstance(tree, dict):
        return
    if tree.get(_DELIVERS):
        message = "how the form delivers, with addresses and keys, is its sender's own: dropped, not stored"
        yield GateWarning(path=_DELIVERS, code="secret-dropped", message=message)
    files = tree.get("attachments")
    for place, _ in enumerate(files if isinstance(files, list) else ()):
        message = "a file belongs to the form; its name is kept, and it is not fetched: ask the sender for it"
        yield GateWarning(path=f"attachments[{place}]", code="file-not-carried", message=message)


def _of_payload(tree: Group) -> Group:
    """Return the parts of the payload; what is not where it should be stays where it is."""
    service, meta = _taken(tree, "service"), _taken(tree, "meta")
    pages = tree.get("pages")
    listed = pages if isinstance(pages, list) else []
    made: Group = {
        "reference": meta.pop("reference_number", None) or meta.pop("submission_id", None),
        "form_name": service.pop("name", None) or service.pop("slug", None),
        "submitted_at": meta.pop("submission_at", None),
        "answers": _named([answer for page in listed for answer in _answers_on(page)]),
    }
    if pages is not None and not isinstance(pages, list):
        made["pages"] = pages
    return {**made, "service": service, "meta": meta}


def _taken(tree: Group, name: str) -> Group:
    """Return a copy of the group *name*; what is no group is kept in one, so that it is not lost."""
    part = tree.get(name)
    return dict(part) if isinstance(part, dict) else {} if part is None else {name: part}


def _of_webhook(tree: Group) -> Group:
    given = tree["submissionAnswers"]
    answers: list[Tree] = [given] if not isinstance(given, dict) else []
    if isinstance(given, dict):
        answers = [{"question_id": name, "answer_text": answer} for name, answer in given.items()]
    return {
        "reference": tree.get("submissionId"),
        "form_name": tree.get("serviceSlug"),
        "answers": _named(answers),
    }


def _answers_on(page: Tree) -> Iterator[Tree]:
    """Yield the answers on *page*, its heading with the first, and whatever else it holds after them."""
    if not isinstance(page, dict):
        yield page
        return
    more: Group = {name: part for name, part in page.items() if name != "answers" and part not in (None, "", [], {})}
    answers = page.get("answers")
    for answer in answers if isinstance(answers, list) else [answers]:
        if isinstance(answer, dict):
            yield _beside(_answer(answer), more)
        elif answer is not None:
            yield answer
        if isinstance(answer, dict):
            more = {}
    if more:
        yield more


def _answer(answer: Group) -> Group:
    told: Group = {
        "question_id": answer.get("field_id"),
        "question_text": answer.get("field_name"),
        "answer_text": answer.get("answer"),
    }
    rest = {name: part for name, part in answer.items() if name not in _ANSWER}
    return _beside({name: part for name, part in told.items() if part is not None}, rest)


def _beside(made: Group, rest: Group) -> Group:
    """Return *made* and *rest* as one; a name that both have is told apart, so that neither covers the other."""
    return {**made, **{f"other {name}" if name in made else name: part for name, part in rest.items()}}


def _named(answers: list[Tree]) -> list[Tree]:
    """Return *answers* with the page's address as id wherever only one answer has it."""
    short = [_page_of(answer) for answer in answers]
    times = Counter(short)
    return [
        {**answer, "question_id": name} if isinstance(answer, dict) and name and times[name] == 1 else answer
        for answer, name in zip(answers, short, strict=True)
    ]


def _page_of(answer: Tree) -> str | None:
    """Return the address of the page that *answer* is from, as ids are spelled here; None where its id tells none."""
    name = answer.get("question_id") if isinstance(answer, dict) else None
    if not isinstance(name, str):
        return None
    found = _COMPONENT.fullmatch(name.strip())
    return found["page"].replace("-", "_") if found else name.strip()
