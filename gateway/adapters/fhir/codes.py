"""Which systems and codes does a Consent of ours use?"""

from typing import Final

from gateway.errors import Place, SchemaViolationError
from gateway.model.tree import Group, Tree

CHILD: Final = "urn:ecaf-gateway:child"
KIND: Final = "urn:ecaf-gateway:consent-kind"
PURPOSE: Final = "urn:ecaf-gateway:purpose"
AGENCY: Final = "urn:ecaf-gateway:agency"
PERSON: Final = "urn:ecaf-gateway:person"
INFORMATION: Final = "urn:ecaf-gateway:information"
CAPACITY: Final = "urn:ecaf-gateway:giver-capacity"
STATEMENT: Final = "urn:ecaf-gateway:statement:"
EXTENSION: Final = "urn:ecaf-gateway:consent:"

SCOPE: Final[Group] = {
    "coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"}]
}
PRIVACY: Final[Group] = {"coding": [{"system": "http://loinc.org", "code": "59284-0"}]}
OPT_IN: Final[Group] = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "OPTIN"}]}
RECEIVER: Final[Group] = {
    "coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "code": "IRCP"}]
}
"""Source: HL7 FHIR R4 (4.0.1), Consent; HL7 Terminology, v3 ActCode and ParticipationType; LOINC."""


def wrong(path: str, message: str) -> SchemaViolationError:
    """Return the error that says what of a Consent cannot be taken, and where."""
    return SchemaViolationError(message, place=Place(path=path))


def group(tree: Tree, path: str) -> Group:
    """Return *tree*, which must be an object.

    Raises:
        SchemaViolationError: it is none.
    """
    if not isinstance(tree, dict):
        raise wrong(path, "expected a group")
    return tree


def items(tree: Group, name: str, path: str) -> list[tuple[str, Tree]]:
    """Return the items of a list of *tree* with where each is; none, where it is absent."""
    found = tree.get(name)
    listed = found if isinstance(found, list) else []
    return [(f"{path}{name}[{number}]", one) for number, one in enumerate(listed)]


def coded(tree: Tree, system: str, path: str) -> str:
    """Return the code of *system* that a Coding is.

    Raises:
        SchemaViolationError: it is another system's.
    """
    coding = part(tree, frozenset({"system", "code", "display"}), path)
    code = coding.get("code")
    if coding.get("system") != system or not isinstance(code, str):
        raise wrong(path, f"only codes of {system} are known here")
    return code


def only(tree: Group, allowed: frozenset[str], path: str) -> None:
    """Refuse whatever *tree* holds that is not *allowed*: it might make less of the consent, and nobody could say.

    Raises:
        SchemaViolationError: it holds something else.
    """
    for name in tree:
        if name not in allowed:
            raise wrong(f"{path}{name}", "this part is not read here, and might narrow the consent")


def part(tree: Tree, allowed: frozenset[str], path: str) -> Group:
    """Return *tree*, an object that holds nothing but what is *allowed*.

    Raises:
        SchemaViolationError: it is none, or holds something else.
    """
    found = group(tree, path)
    only(found, allowed, f"{path}.")
    return found


def concept(tree: Tree, system: str, path: str) -> str:
    """Return the one code of *system* that a CodeableConcept has: two might mean the one and the other.

    Raises:
        SchemaViolationError: it has another system's, several, or only a text.
    """
    codings = items(part(tree, frozenset({"coding"}), path), "coding", f"{path}.")
    if len(codings) != 1:
        raise wrong(path, "expected one code")
    return coded(codings[0][1], system, codings[0][0])
