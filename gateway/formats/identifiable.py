"""Does a referral that is not in the agreed shape still tell of a child?

If it does, no machine may stop it: a person puts it right. So the question is asked generously, over every referral
format at once, and a wrong yes costs a look.
"""

import re
from collections.abc import Iterable

from gateway.model.tree import Group, Tree

_CHILD = re.compile(r"child|pupil|baby|unborn|young.?person", re.IGNORECASE)
_WHO = re.compile(r"name|known|birth|dob|due|expected|address|location|where|school|upn|nhs", re.IGNORECASE)
_SOMEBODY_ELSE = re.compile(r"referrer|parent|carer|professional|worker|household|consent|\byour?\b", re.IGNORECASE)
_NAME_PARTS = ("first_name", "last_name", "full_name")
_NAMES_OF_A_CHILD = frozenset(
    {"firstname", "lastname", "forename", "surname", "givenname", "givennames", "familyname", "dateofbirth"}
)
_IDENTITY = (
    "given_names",
    "family_name",
    "preferred_name",
    "born",
    "expected",
    "upn",
    "nhs_number",
    "current_location",
)


def tells_of_a_child(tree: Group) -> bool:
    """Tell whether any answer of *tree*, a referral in any of our formats, says who or where a child is."""
    return any(_child_answers(tree)) or any(_child_names(tree)) or any(_children(tree))


def _child_answers(tree: Group) -> Iterable[bool]:
    """Look at the answers of a form of questions."""
    answers = tree.get("answers")
    for answer in answers if isinstance(answers, list) else ():
        if isinstance(answer, dict):
            asked = f"{answer.get('question_id', '')} {answer.get('question_text', '')}"
            given = [part for name, part in answer.items() if not name.startswith("question_")]
            yield bool(_CHILD.search(asked) and _WHO.search(asked)) and any(map(_says_something, given))
            named = any(_says_something(answer.get(part)) for part in _NAME_PARTS)
            yield named and not _SOMEBODY_ELSE.search(asked)


def _child_names(tree: Group) -> Iterable[bool]:
    """Look at the names of a flat form."""
    for name, value in tree.items():
        folded = re.sub(r"[^a-z]", "", name.casefold())
        about_a_child = folded in _NAMES_OF_A_CHILD or bool(_CHILD.search(name) and _WHO.search(name))
        yield about_a_child and _says_something(value)


def _children(tree: Group) -> Iterable[bool]:
    """Look at the canonical referral inside an envelope of ours."""
    document = tree.get("document")
    children = document.get("children") if isinstance(document, dict) else None
    for child in children if isinstance(children, list) else ():
        yield isinstance(child, dict) and any(_says_something(child.get(name)) for name in _IDENTITY)


def _says_something(value: Tree) -> bool:
    match value:
        case str():
            return bool(value.strip())
        case list():
            return any(map(_says_something, value))
        case dict():
            return any(map(_says_something, value.values()))
        case None | bool():
            return False
        case _:
            return True
