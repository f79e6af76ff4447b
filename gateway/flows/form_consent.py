"""What does a form's consent block mean for later sharing?"""

from datetime import datetime, timedelta

from gateway.model.tree import Group, Tree

_YEAR = timedelta(days=365)
PURPOSES = ("REQUEST_EH", "COORDINATE", "SCHOOL_EXPORT")
"""What a form's agreement to share covers: help, and those who give it. A transfer needs its own word."""


def consents_of_form(tree: Group, at: datetime) -> list[Group]:
    """Return the consent records that *tree*'s consent block amounts to: none, where the form asked nothing.

    Shape: each is the `consents[]` entry of a sharing question. A refusal is a record too: it is the family's word.
    What the form does not say, who gave the word or how, stays unknown, and a person is asked before anything rests on
    it.
    """
    block = tree.get("consent")
    if not isinstance(block, dict) or block.get("agrees_to_share") not in {"Y", "N"}:
        return []
    given = block.get("given_on")
    start = f"{given}T00:00:00+00:00" if isinstance(given, str) else at.isoformat()
    consent: Group = {
        "kinds": ["SHARE"],
        "purposes": list(PURPOSES),
        "status": "GIVEN" if block["agrees_to_share"] == "Y" else "REFUSED",
        "agencies_allowed": _list(block, "agencies_agreed"),
        "agencies_denied": _list(block, "agencies_excluded"),
        "categories_denied": _list(block, "categories_excluded"),
        "effective_from": start,
        "expires_on": (datetime.fromisoformat(start) + _YEAR).isoformat(),
        "conflict": False,
    }
    known = {"giver_capacity": block.get("signatory_capacity"), "mode": block.get("mode")}
    return [consent | {name: value for name, value in known.items() if isinstance(value, str)}]


def _list(block: Group, name: str) -> list[Tree]:
    value = block.get(name)
    return list(value) if isinstance(value, list) else []
