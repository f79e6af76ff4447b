"""What does a form's consent block mean for later sharing?"""

from datetime import datetime, timedelta

from gateway.model.tree import Group, Tree

_CAPACITIES = {
    "parent with parental responsibility": "PARENT_PR",
    "parent": "PARENT_PR",
    "mother": "PARENT_PR",
    "parent without parental responsibility": "PARENT_NO_PR",
    "step-parent": "PARENT_NO_PR",
    "carer": "CARER",
    "young person": "YP_16_17",
    "child judged competent": "CHILD_COMPETENT",
    "local authority": "LA_PR",
}
_YEAR = timedelta(days=365)
_VERBAL = frozenset({"verbal", "by telephone", "told me", "spoken"})
PURPOSES = ("REQUEST_EH", "COORDINATE", "SCHOOL_EXPORT")


def consents_of_form(tree: Group, at: datetime) -> list[Group]:
    """Return the consent records that *tree*'s consent block amounts to: none, where the form asked nothing.

    Shape: each is the `consents[]` entry of a sharing question. A refusal is a record too: it is the family's word.
    A capacity the form does not name in our words stays unknown, and a person is asked before anything rests on it.
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
    mode = str(block.get("mode", "")).casefold()
    return [
        {
            "consent_id": "form",
            "giver_capacity": _CAPACITIES.get(str(block.get("signatory_capacity", "")).strip().casefold(), "UNKNOWN"),
            "kinds": ["SHARE"],
            "purposes": list(PURPOSES),
            "status": "GIVEN" if agrees == "Y" else "REFUSED",
            "mode": "VERBAL_WITNESSED" if mode in _VERBAL else "WRITTEN_SIGNED",
            "agencies_allowed": _list(block, "agencies_agreed"),
            "agencies_denied": _list(block, "agencies_excluded"),
            "categories_denied": _list(block, "categories_excluded"),
            "effective_from": start,
            "expires_on": expires.isoformat(),
            "conflict": False,
        }
    ]


def _list(block: Group, name: str) -> list[Tree]:
    value = block.get(name)
    return list(value) if isinstance(value, list) else []
