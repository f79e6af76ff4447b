"""How is a FHIR R4 Consent read, so that what comes of it is never wider than what it says?

Only what is known here is read: a modifier, a code of another system, a criterion or a nesting that nobody here could
weigh refuses the whole resource. An ordinary extension cannot change its meaning, and is only told as a loss.
"""

from datetime import UTC, datetime
from typing import Final

from fhir.resources.R4B.consent import Consent as R4Consent
from pydantic import ValidationError

from gateway.adapters.fhir import codes
from gateway.adapters.fhir.consent_out import Loss
from gateway.model.tree import Group, Tree

_TOP: Final = frozenset(
    (
        *("resourceType", "id", "meta", "text", "identifier", "status", "scope", "category", "patient", "dateTime"),
        *("performer", "organization", "policy", "policyRule", "provision", "verification", "extension"),
    )
)
_UNUSED: Final = ("id", "meta", "text", "organization")
_ROOT: Final = frozenset({"type", "period", "purpose", "actor", "code", "provision"})
_NESTED: Final = frozenset({"type", "period", "purpose", "actor", "code", "class"})
_PERIOD: Final = frozenset({"start", "end"})
_STATUS: Final = {"active": "GIVEN", "rejected": "REFUSED", "inactive": "WITHDRAWN"}
_SIMPLE: Final = {
    "mode": ("mode", "valueCode"),
    "review-on": ("review_on", "valueDateTime"),
    "evidence-sha256": ("evidence_sha256", "valueString"),
    "conflict": ("conflict", "valueBoolean"),
}


def read_consent(tree: Group, *, at: datetime) -> tuple[Group, str | None, tuple[Loss, ...]]:
    """Return what a Consent says as a permission's JSON, our reference of its patient, and what was not taken.

    Args:
        tree: the resource, as our own strict reader has read it.
        at: when it came (UTC): a denial that does not say since when was said by then.

    Raises:
        SchemaViolationError: it is no Consent of R4, or holds what nobody here could weigh; the place's path says
            where.
    """
    _check_shape(tree)
    codes.only(tree, _TOP, "")
    status = _STATUS.get(str(tree.get("status")))
    if status is None:
        raise codes.wrong("status", "expected active, rejected or inactive: nothing else is anybody's word")
    if tree.get("scope") != codes.SCOPE or tree.get("policyRule") != codes.OPT_IN:
        path = "scope" if tree.get("scope") != codes.SCOPE else "policyRule"
        raise codes.wrong(path, "expected a privacy consent that permits only what it names (OPTIN)")
    losses: list[Loss] = [Loss(path=name, why="not used here") for name in _UNUSED if name in tree]
    body: Group = {"status": status, "kinds": _kinds(tree), **_origin(tree)}
    body |= _extensions(tree, losses)
    _read_root(body, codes.group(tree.get("provision"), "provision"), at)
    if status == "GIVEN" and any(body.get(name) for name in _LIMITS):
        body["status"] = "GIVEN_LIMITED"
    return body, _child(tree), tuple(losses)


_LIMITS: Final = ("agencies_denied", "persons_excluded", "categories_denied", "withdrawals")


def _check_shape(tree: Group) -> None:
    try:
        R4Consent.model_validate(tree)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        path = ".".join(str(part) for part in first["loc"])
        raise codes.wrong(path, "this is no Consent of FHIR R4") from None


def _kinds(tree: Group) -> list[Tree]:
    """Return the kinds its categories name; a privacy consent of somebody else's is about sharing."""
    found: list[Tree] = []
    for path, category in codes.items(tree, "category", ""):
        if category == codes.PRIVACY:
            continue
        found.append(codes.concept(category, codes.KIND, path))
    return found or ["SHARE"]


def _origin(tree: Group) -> Group:
    found: Group = {"source": "fhir", **_giver(tree)}
    if "dateTime" in tree:
        found["given_at"] = tree["dateTime"]
    for path, policy in codes.items(tree, "policy", ""):
        uri = codes.part(policy, frozenset({"uri"}), path).get("uri")
        if not isinstance(uri, str) or not uri.startswith(codes.STATEMENT):
            raise codes.wrong(path, "a policy nobody here knows might narrow the consent")
        found["statement_version"] = uri.removeprefix(codes.STATEMENT)
    for path, verification in codes.items(tree, "verification", ""):
        seen = codes.part(verification, frozenset({"verified", "verifiedWith", "verificationDate"}), path)
        if seen.get("verified") is not True:
            raise codes.wrong(path, "a consent that could not be verified is none")
        witness = seen.get("verifiedWith")
        if isinstance(witness, dict) and "display" in witness:
            found["witness"] = witness["display"]
    return found


def _giver(tree: Group) -> Group:
    found: Group = {}
    performers = codes.items(tree, "performer", "")
    if len(performers) > 1:
        raise codes.wrong("performer", "one giver a record: send one Consent for each")
    for path, performer in performers:
        person = codes.part(performer, frozenset({"identifier", "display", "reference", "type"}), path)
        named = person.get("identifier")
        if isinstance(named, dict) and named.get("system") == codes.CAPACITY:
            found["giver_capacity"] = named.get("value")
        if "display" in person:
            found["giver"] = person["display"]
    return found


def _extensions(tree: Group, losses: list[Loss]) -> Group:
    found: Group = {}
    for path, one in codes.items(tree, "extension", ""):
        extension = codes.group(one, path)
        name = str(extension.get("url")).removeprefix(codes.EXTENSION)
        if name in _SIMPLE:
            field, value = _SIMPLE[name]
            found[field] = extension.get(value)
        elif name == "competence":
            found["competence"] = _competence(extension, path)
        else:
            losses.append(Loss(path=path, why="an extension nobody here knows"))
    return found


def _competence(extension: Group, path: str) -> Group:
    values = {"by": "valueString", "on": "valueDateTime", "outcome": "valueCode"}
    found: Group = {}
    for where, one in codes.items(extension, "extension", f"{path}."):
        part = codes.group(one, where)
        name = str(part.get("url"))
        if name in values:
            found[name] = part.get(values[name])
    return found


def _read_root(body: Group, root: Group, at: datetime) -> None:
    codes.only(root, _ROOT, "provision.")
    is_yes = body["status"] == "GIVEN"
    if root.get("type") != ("permit" if is_yes else "deny"):
        raise codes.wrong("provision.type", "the root permits where the consent is active, and else denies")
    period = codes.part(root.get("period", {}), _PERIOD, "provision.period")
    body |= {to: period[name] for name, to in (("start", "effective_from"), ("end", "expires_on")) if name in period}
    for name in ("effective_from", "expires_on"):
        if name in body:
            body[name] = _instant(body[name], f"provision.period ({name})")
    body["purposes"] = _codings(root, "purpose", codes.PURPOSE, "provision.")
    body["agencies_allowed"] = [value for _, value in _actors(root, "provision.", frozenset({codes.AGENCY}))]
    body["categories_allowed"] = _concepts(root, "provision.")
    denied: dict[str, list[Tree]] = {"agencies_denied": [], "persons_excluded": [], "categories_denied": []}
    withdrawals: list[Tree] = []
    for path, one in codes.items(root, "provision", "provision."):
        _read_denial(codes.group(one, path), f"{path}.", denied, withdrawals, at)
    body |= {name: value for name, value in denied.items() if value}
    if withdrawals:
        body["withdrawals"] = withdrawals


def _read_denial(
    nested: Group, path: str, denied: dict[str, list[Tree]], withdrawals: list[Tree], at: datetime
) -> None:
    codes.only(nested, _NESTED, path)
    if nested.get("type") != "deny":
        raise codes.wrong(f"{path}type", "what stands in the root must deny")
    criteria = [name for name in ("purpose", "actor", "code", "class") if name in nested]
    if len(criteria) > 1:
        raise codes.wrong(path.rstrip("."), "a denial of several criteria at once is narrower than can be kept here")
    actors = _actors(nested, path, frozenset({codes.AGENCY, codes.PERSON}))
    kinds, purposes = (_codings(nested, *one, path) for one in (("class", codes.KIND), ("purpose", codes.PURPOSE)))
    period = codes.part(nested.get("period", {}), _PERIOD, f"{path}period")
    if "end" in period:
        raise codes.wrong(f"{path}period.end", "a denial that ends cannot be kept here")
    agencies: list[Tree] = [value for system, value in actors if system == codes.AGENCY]
    if not period and not kinds and not purposes and criteria:
        denied["agencies_denied"] += agencies
        denied["persons_excluded"] += [value for system, value in actors if system == codes.PERSON]
        denied["categories_denied"] += _concepts(nested, path)
        return
    if len(agencies) < len(actors):
        raise codes.wrong(f"{path}actor", "a person is excluded for as long as the consent lasts")
    start = _instant(period["start"], f"{path}period.start") if "start" in period else at.isoformat()
    parts: Group = {"kinds": kinds, "purposes": purposes, "agencies": agencies, "categories": _concepts(nested, path)}
    withdrawals.append({"at": start, **{name: value for name, value in parts.items() if value}})


def _codings(tree: Group, name: str, system: str, path: str) -> list[Tree]:
    return [codes.coded(coding, system, where) for where, coding in codes.items(tree, name, path)]


def _concepts(tree: Group, path: str) -> list[Tree]:
    return [codes.concept(one, codes.INFORMATION, where) for where, one in codes.items(tree, "code", path)]


def _actors(tree: Group, path: str, systems: frozenset[str]) -> list[tuple[str, Tree]]:
    found: list[tuple[str, Tree]] = []
    for where, one in codes.items(tree, "actor", path):
        actor = codes.part(one, frozenset({"role", "reference"}), where)
        reference = codes.part(actor.get("reference"), frozenset({"identifier"}), f"{where}.reference")
        named = codes.part(reference.get("identifier"), frozenset({"system", "value"}), f"{where}.reference")
        system = named.get("system")
        if actor.get("role") != codes.RECEIVER or not isinstance(system, str) or system not in systems:
            raise codes.wrong(where, "an actor nobody here can tell")
        found.append((system, named.get("value")))
    return found


def _child(tree: Group) -> str | None:
    patient = tree.get("patient")
    named = patient.get("identifier") if isinstance(patient, dict) else None
    if isinstance(named, dict) and named.get("system") == codes.CHILD and isinstance(named.get("value"), str):
        return str(named["value"])
    return None


def _instant(value: Tree, path: str) -> str:
    """Return a moment with its offset; a day or a month alone can mean two, and is refused."""
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        raise codes.wrong(path, "expected a moment with its offset") from None
    if at.tzinfo is None:
        raise codes.wrong(path, "expected a moment with its offset")
    try:
        return at.astimezone(UTC).isoformat()
    except OverflowError:
        raise codes.wrong(path, "expected a moment that there is in UTC too") from None
