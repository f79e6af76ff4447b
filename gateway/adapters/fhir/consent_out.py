"""How does a permission become a FHIR R4 Consent, and what of it gets lost?

The root provision permits, within its period, for its purposes, to the actors and of the kinds of information it names;
the provisions in it deny. Whatever no provision permits is denied (OPTIN). A word that is no yes has a root that
denies.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, cast

from fhir.resources.R4B.consent import Consent as R4Consent

from gateway.adapters.fhir import codes
from gateway.consent.permission import GIVEN, Permission
from gateway.model.tree import Group, Tree

_LOST: Final = (
    *("supersedes", "episode", "interpreter", "language", "source", "source_reference", "source_at", "source_sha256"),
    "version",
)
_STATUS: Final = {"GIVEN": "active", "GIVEN_LIMITED": "active", "REFUSED": "rejected", "WITHDRAWN": "inactive"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """A field that a Consent does not carry, and why."""

    path: str
    why: str


def write_consent(permission: Permission, child: str) -> tuple[Group, tuple[Loss, ...]]:
    """Return *permission* of *child* as a Consent, and what it could not carry; what comes back is never wider.

    Raises:
        ValueError: it is an adult's word about themselves, which is no consent of the child's.
    """
    if permission.subject is not None:
        raise ValueError("an adult's word about themselves is not the child's consent")
    told: Group = {
        "resourceType": "Consent",
        "status": _STATUS.get(str(permission.status), "inactive"),
        "scope": codes.SCOPE,
        "category": [codes.PRIVACY, *(_concept(codes.KIND, kind) for kind in permission.kinds)],
        "patient": _named(codes.CHILD, child),
        "policyRule": codes.OPT_IN,
        "provision": _root(permission),
        "identifier": [{"system": "urn:ecaf-gateway:consent", "value": permission.consent_id}],
    }
    told |= _origin(permission)
    extensions = _extensions(permission)
    if extensions:
        told["extension"] = extensions
    checked = R4Consent.model_validate(told)
    return cast("Group", checked.model_dump(mode="json", by_alias=True, exclude_none=True)), tuple(_losses(permission))


def _origin(permission: Permission) -> Group:
    found: Group = {}
    if permission.given_at is not None:
        found["dateTime"] = _time(permission.given_at)
    performer: Group = {}
    if permission.giver_capacity is not None:
        performer["identifier"] = {"system": codes.CAPACITY, "value": permission.giver_capacity}
    if permission.giver:
        performer["display"] = permission.giver
    if performer:
        found["performer"] = [performer]
    if permission.statement_version:
        found["policy"] = [{"uri": f"{codes.STATEMENT}{permission.statement_version}"}]
    if permission.witness:
        found["verification"] = [{"verified": True, "verifiedWith": {"display": permission.witness}}]
    return found


def _root(permission: Permission) -> Group:
    root: Group = {"type": "permit" if permission.status in GIVEN else "deny"}
    period: Group = {}
    if permission.effective_from is not None:
        period["start"] = _time(permission.effective_from)
    if permission.expires_on is not None:
        period["end"] = _time(permission.expires_on)
    if period:
        root["period"] = period
    if permission.purposes:
        root["purpose"] = [{"system": codes.PURPOSE, "code": one} for one in permission.purposes]
    if permission.agencies_allowed:
        root["actor"] = [_actor(codes.AGENCY, one) for one in permission.agencies_allowed]
    if permission.categories_allowed:
        root["code"] = [_concept(codes.INFORMATION, one) for one in permission.categories_allowed]
    nested = _denials(permission)
    if nested:
        root["provision"] = nested
    return root


def _denials(permission: Permission) -> list[Tree]:
    found: list[Tree] = [
        *_denial(
            actor=[
                *(_actor(codes.AGENCY, one) for one in permission.agencies_denied),
                *(_actor(codes.PERSON, one) for one in permission.persons_excluded),
            ]
        ),
        *_denial(code=[_concept(codes.INFORMATION, one) for one in permission.categories_denied]),
    ]
    for one in permission.withdrawals:
        period: Group = {"period": {"start": _time(one.at)}}
        parts = [
            *_denial(**{"class": [{"system": codes.KIND, "code": kind} for kind in one.kinds]}),
            *_denial(purpose=[{"system": codes.PURPOSE, "code": purpose} for purpose in one.purposes]),
            *_denial(actor=[_actor(codes.AGENCY, agency) for agency in one.agencies]),
            *_denial(code=[_concept(codes.INFORMATION, category) for category in one.categories]),
        ]
        whole: list[Group] = [{"type": "deny"}] if one.is_whole else []
        found += [{**part, **period} for part in (*parts, *whole)]
    return found


def _denial(**criteria: list[Any]) -> list[Group]:
    return [{"type": "deny", name: value} for name, value in criteria.items() if value]


def _extensions(permission: Permission) -> list[Tree]:
    found: list[Tree] = []
    if permission.mode is not None:
        found.append({"url": f"{codes.EXTENSION}mode", "valueCode": permission.mode})
    if permission.review_on is not None:
        found.append({"url": f"{codes.EXTENSION}review-on", "valueDateTime": _time(permission.review_on)})
    if permission.evidence_sha256 is not None:
        found.append({"url": f"{codes.EXTENSION}evidence-sha256", "valueString": permission.evidence_sha256})
    conflict = True if permission.objections else permission.conflict
    if conflict is not None:
        found.append({"url": f"{codes.EXTENSION}conflict", "valueBoolean": conflict})
    if permission.competence is not None:
        parts: list[Tree] = [
            {"url": "by", "valueString": permission.competence.by},
            {"url": "on", "valueDateTime": _time(permission.competence.on)},
            {"url": "outcome", "valueCode": permission.competence.outcome},
        ]
        found.append({"url": f"{codes.EXTENSION}competence", "extension": parts})
    return found


def _losses(permission: Permission) -> list[Loss]:
    bare = Permission(consent_id=permission.consent_id)
    found = [
        Loss(path=name, why="a Consent has no place for it")
        for name in _LOST
        if getattr(permission, name) != getattr(bare, name)
    ]
    if permission.status not in _STATUS:
        found.append(Loss(path="status", why="it comes back as withdrawn"))
    elif permission.status in GIVEN and (permission.status == "GIVEN_LIMITED") is not bool(_denials(permission)):
        found.append(Loss(path="status", why="a Consent does not tell a limited yes from a yes; its limits are there"))
    if permission.objections:
        found.append(Loss(path="objections", why="that somebody objects goes along, not who and when"))
        found.append(Loss(path="conflict", why="an objection comes back as a conflict"))
    if permission.competence is not None and permission.competence.note is not None:
        found.append(Loss(path="competence", why="the reasons of the assessment stay here"))
    if permission.withdrawals:
        found.append(
            Loss(path="withdrawals", why="who took it back, and why, stay here; what was taken back goes along")
        )
    return found


def _concept(system: str, code: str) -> Group:
    return {"coding": [{"system": system, "code": code}]}


def _named(system: str, value: str) -> Group:
    return {"identifier": {"system": system, "value": value}}


def _actor(system: str, value: str) -> Group:
    return {"role": codes.RECEIVER, "reference": _named(system, value)}


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
