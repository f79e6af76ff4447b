"""What does a form's consent block mean for later sharing?"""

from datetime import datetime, timedelta

from gateway.model.tree import Group, Tree

_YEAR = timedelta(days=365)
_UNKNOWN = "UNKNOWN"
"""What mappings put where a form's label is one nobody has mapped yet."""
PURPOSES = ("REQUEST_EH", "COORDINATE", "SCHOOL_EXPORT")


def consents_of_form(tree: Group, at: datetime) -> list[Group]:
    """Return the consent records that *tree*'s consent block amounts to: none, where the form asked nothing.

    Shape: each is the `consents[]` entry of a sharing question. A refusal is a record too: it is the family's word.
    What the form does not say, who gave the word or how, stays unknown, and a person is asked before anything rests on
    it. So it is where the family left somebody or something out in words nobody has mapped yet.
    """
    block = tree.get("consent")
    if not isinstance(block, dict) or block.get("agrees_to_share") not in {"Y", "N"}:
        return []
    given = block.get("given_on")
    start = f"{given}T00:00:00+00:00" if isinstance(given, str) else at.isoformat()
    denied, withheld = _list(block, "agencies_excluded"), _list(block, "categories_excluded")
    consent: Group = {
        "consent_id": "form",
        "kinds": ["SHARE"],
        "purposes": list(PURPOSES),
        "status": "GIVEN" if block["agrees_to_share"] == "Y" else "REFUSED",
        "agencies_allowed": _list(block, "agencies_agreed"),
        "agencies_denied": denied,
        "categories_denied": [code for code in withheld if code != _UNKNOWN],
        "effective_from": start,
        "expires_on": (datetime.fromisoformat(start) + _YEAR).isoformat(),
        "conflict": _UNKNOWN in (*denied, *withheld),
    }
    return [consent | _named(block, "giver_capacity", "signatory_capacity") | _named(block, "mode", "mode")]


def _named(block: Group, name: str, field: str) -> Group:
    """Return what the form says under *field*, as *name*; a label nobody has mapped yet says nothing."""
    value = block.get(field)
    return {name: value} if isinstance(value, str) and value != _UNKNOWN else {}


def _list(block: Group, name: str) -> list[Tree]:
    value = block.get(name)
    return list(value) if isinstance(value, list) else []
