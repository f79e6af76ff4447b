"""What does a form's consent block mean for later sharing?"""

from datetime import datetime, timedelta

from gateway.model.tree import Group, Tree

_CAPACITIES = frozenset({"PARENT_PR", "PARENT_NO_PR", "CARER", "CHILD_COMPETENT", "YP_16_17", "LA_PR"})
_YEAR = timedelta(days=365)
_MODES = frozenset({"WRITTEN_SIGNED", "ELECTRONIC", "VERBAL_WITNESSED"})
_UNKNOWN = "UNKNOWN"
"""What mappings put where a form's label is one nobody has mapped yet."""
PURPOSES = ("REQUEST_EH", "COORDINATE", "SCHOOL_EXPORT")


def consents_of_form(tree: Group, at: datetime) -> list[Group]:
    """Return the consent records that *tree*'s consent block amounts to: none, where the form asked nothing.

    Shape: each is the `consents[]` entry of a sharing question. A refusal is a record too: it is the family's word.
    A capacity the form does not name in our words stays unknown, and a person is asked before anything rests on it.
    So it is where the family left somebody or something out in words nobody has mapped yet.
    """
    block = tree.get("consent")
    if not isinstance(block, dict):
        return []
    agrees = block.get("agrees_to_share")
    if agrees not in {"Y", "N"}:
        return []
    given = block.get("given_on")
    start = f"{given}T00:00:00+00:00" if isinstance(given, str) else at.isoformat()
    expires = datetime.fromisoformat(start) + _YEAR
    mode, capacity = block.get("mode"), block.get("signatory_capacity")
    denied, withheld = _list(block, "agencies_excluded"), _list(block, "categories_excluded")
    return [
        {
            "consent_id": "form",
            "giver_capacity": capacity if capacity in _CAPACITIES else _UNKNOWN,
            "kinds": ["SHARE"],
            "purposes": list(PURPOSES),
            "status": "GIVEN" if agrees == "Y" else "REFUSED",
            "mode": mode if mode in _MODES else "WRITTEN_SIGNED",
            "agencies_allowed": _list(block, "agencies_agreed"),
            "agencies_denied": denied,
            "categories_denied": [code for code in withheld if code != _UNKNOWN],
            "effective_from": start,
            "expires_on": expires.isoformat(),
            "conflict": _UNKNOWN in (*denied, *withheld),
        }
    ]


def _list(block: Group, name: str) -> list[Tree]:
    value = block.get(name)
    return list(value) if isinstance(value, list) else []
