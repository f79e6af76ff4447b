"""What does an early-help system send? Records of ours, as JSON, XML and history."""

import json
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

from tests.corpus import noise
from tests.corpus.people import Child, Family

_SENT = "2026-11-02T08:00:00+00:00"
Cases = Sequence[tuple[Family, Child]]


def episode_json(case: tuple[Family, Child], reference: str) -> bytes:
    """Return one record as JSON."""
    return json.dumps(_envelope("ecaf/episode-1", reference, _episode(case, reference)), indent=1).encode()


def episode_xml(case: tuple[Family, Child], reference: str) -> bytes:
    """Return one record as XML."""
    envelope = _envelope("ecaf/xml-1", reference, None)
    attributes = " ".join(f'{name}="{value}"' for name, value in envelope.items() if value is not None)
    return f"<ecaf {attributes}>{_element('document', _episode(case, reference))}</ecaf>".encode()


def history(cases: Cases, reference: str) -> bytes:
    """Return a whole history, a line for each record."""
    head = {**_envelope("ecaf/history-1", reference, None), "message": "caf.history.imported", "episodes": len(cases)}
    head.pop("document")
    lines = [head]
    for number, case in enumerate(cases, start=1):
        lines.append({"document": _episode(case, f"{reference}-{number}")})
    return "".join(json.dumps(line) + "\n" for line in lines).encode()


def _envelope(form: str, reference: str, document: Any) -> dict[str, Any]:
    return {
        "format": form,
        "message": "caf.episode.opened",
        "message_id": reference,
        "correlation_id": reference,
        "sent_at": _SENT,
        "sender": "nowhere-ecaf",
        "document": document,
    }


def _episode(case: tuple[Family, Child], reference: str) -> dict[str, Any]:
    family, child = case
    typed = noise.once(child, "ecaf")
    given, surname = noise.names(typed, child)
    told: dict[str, Any] = {
        "given_names": given,
        "family_name": surname,
        "born": child.born.isoformat() if child.born else None,
        "expected": child.expected.isoformat() if child.expected else None,
        "sex": child.sex,
        "ethnicity": child.ethnicity,
        "upn": noise.upn(typed, child) if child.born else None,
        "address": {"lines": [f"{family.house} {family.street}"], "postcode": noise.postcode(typed, family) or None},
    }
    return {
        "reference": reference,
        "state": "assessing",
        "opened_on": "2026-09-01",
        "kind": "individual",
        "child": _there(told),
        "family": [{"name": family.mother, "relationship": "mother", "parental_responsibility": "Y"}],
    }


def _there(tree: Any) -> Any:
    """Return *tree* without what is not known."""
    if isinstance(tree, dict):
        return {name: _there(part) for name, part in tree.items() if part not in (None, "")}
    return tree


def _element(name: str, tree: Any) -> str:
    if isinstance(tree, dict):
        return f"<{name}>{''.join(_element(part, value) for part, value in tree.items())}</{name}>"
    if isinstance(tree, list):
        return "".join(_element(name, value) for value in tree)
    return f"<{name}>{escape(str(tree))}</{name}>"
