"""What does a form's consent block mean for later sharing?"""

from datetime import datetime, timedelta

from gateway.model.tree import Group, Tree

_YEAR = timedelta(days=365)
_CHECK_FOR = timedelta(days=28)
"""How long a family's word that something is looked up counts."""
CHECK_EXISTS = "CHECK_EXISTS"
_UNKNOWN = "UNKNOWN"
"""What mappings put where a form's label is one nobody has mapped yet."""
PURPOSES = ("REQUEST_EH", "COORDINATE", "SCHOOL_EXPORT")


def consents_of_form(tree: Group, at: datetime) -> list[Group]:
    """Return the consent records that *tree*'s consent block amounts to: none, where the form asked nothing.

    Shape: each is the `consents[]` entry of a sharing question. A refusal is a record too: it is the family's word.
    What the form does not say, who gave the word or how, stays unknown, and a person is asked before anything rests on
    it. So it is where the family left somebody or something out in words nobody has mapped yet, or in their own.
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
        "status": _status(block),
        "agencies_allowed": _list(block, "agencies_agreed"),
        "agencies_denied": denied,
        "categories_denied": [code for code in withheld if code != _UNKNOWN],
        "effective_from": start,
        **_ending(datetime.fromisoformat(start), block.get("expires_on")),
        "source": "form",
        "conflict": _UNKNOWN in (*denied, *withheld) or bool(_list(block, "information_excluded")),
    }
    return [consent | _named(block, "giver_capacity", "signatory_capacity") | _named(block, "mode", "mode")]


def consents_of_enquiry(tree: Group, at: datetime, enquirer: str) -> list[Group]:
    """Return what an enquiry's consent block amounts to: that *enquirer* may know whether there is an open record.

    It is nobody else's, counts for nothing else, and runs out soon: the next enquiry brings its own. Spoken is enough,
    unless the area asks for a parent's own word.
    """
    block = tree.get("consent")
    if not isinstance(block, dict):
        return []
    named: Group = {"kinds": [CHECK_EXISTS], "purposes": [CHECK_EXISTS], "agencies_allowed": [enquirer]}
    return [consent | named | _soon(consent) for consent in consents_of_form(tree, at)]


def _soon(consent: Group) -> Group:
    """Return when *consent* to being looked up runs out: with itself, but after some weeks; never given, never."""
    try:
        end = (datetime.fromisoformat(str(consent["effective_from"])) + _CHECK_FOR).isoformat()
    except OverflowError:
        return {}
    stated = consent.get("expires_on")
    return {"expires_on": min(end, stated) if isinstance(stated, str) else end}


def _status(block: Group) -> str:
    if isinstance(block.get("withdrawn_on"), str):
        return "WITHDRAWN"
    return "GIVEN" if block["agrees_to_share"] == "Y" else "REFUSED"


def _ending(start: datetime, stated: Tree) -> Group:
    """Return when a word given at *start* runs out: on the day it says itself, but within a year.

    A day no calendar reaches leaves it open, and so no yes.
    """
    try:
        end = (start + _YEAR).isoformat()
    except OverflowError:
        return {}
    return {"expires_on": min(end, f"{stated}T00:00:00+00:00") if isinstance(stated, str) else end}


def _named(block: Group, name: str, field: str) -> Group:
    """Return what the form says under *field*, as *name*; a label nobody has mapped yet says nothing."""
    value = block.get(field)
    return {name: value} if isinstance(value, str) and value != _UNKNOWN else {}


def _list(block: Group, name: str) -> list[Tree]:
    value = block.get(name)
    return list(value) if isinstance(value, list) else []


def help_of_form(tree: Group, at: datetime) -> Group | None:
    """Return what *tree*'s consent block says about being helped, which is not about sharing; None, if nothing."""
    block = tree.get("consent")
    said = block.get("agrees_to_help") if isinstance(block, dict) else None
    if not isinstance(block, dict) or said not in {"Y", "N"}:
        return None
    given = block.get("given_on")
    start = f"{given}T00:00:00+00:00" if isinstance(given, str) else at.isoformat()
    agreement: Group = {"status": "AGREED" if said == "Y" else "REFUSED", "effective_from": start, "source": "form"}
    return agreement | _named(block, "giver_capacity", "signatory_capacity") | _named(block, "mode", "mode")
