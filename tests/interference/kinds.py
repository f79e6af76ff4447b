"""What is secret in a document, and what may be known of it whatever the secret is?

Written from the rules of the field and not from the marks of the model, so that a mark that is missing is found: of a
refuge everything may tell except what is listed here as harmless; of a birth identity and of an informant what is
listed tells.
"""

from collections.abc import Callable
from dataclasses import dataclass

Secret = Callable[[str, str, type], bool]
"""Tells whether a field (its part's class, its own name, what it holds) is of the secret."""

HARMLESS = frozenset(
    {
        # who the child and the family are, and what they speak
        *("given_names", "family_name", "preferred_name", "former_names", "title", "relationship", "nhs_number"),
        *("first_language", "parents_language", "gender", "religion", "religion_code", "sex", "about"),
        *("ethnicity", "ethnicity_as_written"),
        # what handling needs: references, codes, names of scales
        *("reference", "form_name", "source_reference", "key", "kind", "media_type", "family_reference", "for_person"),
        *("episode", "service_request", "meeting", "action_reference", "scale", "survivor", "of", "mode", "capacity"),
        *("agencies_agreed", "agencies_excluded", "categories_excluded", "signatory", "signatory_capacity"),
        # since when and for how long: the year at school
        "year_group",
    }
)
PLACES = frozenset({"Address", "Practitioner", "Service", "Attended", "School", "Identifier", "LocalAnswer", "Invited"})
"""Parts of which every field is of the place where somebody is, and how many of them there are as well."""
ELSEWHERE = frozenset({("Schooling", "started_on"), ("Person", "lives_with_child"), ("Person", "name")})
FREE = frozenset(
    {
        *("worry", "harm", "parenting", "going_well", "support_tried", "support_wanted", "referrer_involvement"),
        *("discussed_by_phone", "reason", "content", "question", "answer", "needs", "strengths", "evidence", "text"),
        *("heading", "difference", "conclusions", "change_wanted", "goals", "child_comment", "parent_comment"),
        *("situation", "desired_outcome", "action", "progress", "dropped_because", "declined_because", "discussion"),
        *("decisions", "unmet_needs", "new_needs", "consent_changes", "child_view", "parent_view", "summary"),
        *("onward_support", "comment", "missing_because", "special_requirements", "note", "disability_details"),
        *("reason_not_sought", "shared_without_consent_because", "child_absent_because", "current_location", "need"),
        *("born_as_written", "file_name", "immigration_status"),
    }
)
"""What people write sentences into, or whatever they like."""
REFERENCES = frozenset({("ActionProgress", "action")})
"""What has the name of something people write and is a reference."""
BIRTH = frozenset({"former_names", "former_upn", "former_given_names", "former_family_name", "previous_episode"})


def of_a_refuge(part: str, name: str, kind: type) -> bool:
    """Tell whether a field may tell where somebody has fled to: its place, school, surgery, workers, authority."""
    if (part, name) in REFERENCES:
        return False
    if part in PLACES or (part, name) in ELSEWHERE:
        return (part, name) != ("Person", "name") and name != "key"
    return kind is str and name not in HARMLESS


def of_a_birth(part: str, name: str, kind: type) -> bool:
    """Tell whether a field may tell who an adopted child was before."""
    is_written = kind is str and name in FREE and (part, name) not in REFERENCES
    return part == "Identifier" or name in BIRTH or is_written


def of_an_informant(part: str, name: str, _kind: type) -> bool:
    """Tell whether a field says who told us; the block of the referrer does as a whole, see `BLOCKS`."""
    return (part, name) in {("Provenance", "by"), ("Provenance", "organisation"), ("Provenance", "system")}


def of_an_informant_in_text(part: str, name: str, kind: type) -> bool:
    """Tell whether a field may say who told us, sentences included."""
    is_written = kind is str and name in FREE and (part, name) not in REFERENCES
    return of_an_informant(part, name, kind) or is_written


def of_nobody(_part: str, _name: str, _kind: type) -> bool:
    """Tell that no field of a document is secret by itself: of a hidden adult it is their whole entry."""
    return False


PEOPLE = frozenset({"family", "parents", "household", "contacts"})
"""Lists of people, in which a hidden adult stands as a whole."""
BLOCKS = frozenset({"referrer", "requested_by"})
"""Where a form names whoever tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of secret.

    Shape: `flag` protects it; `block` tells whether the whole block of whoever told is of it; `is_shared` whether
    listed safeguarding recipients may know it as they are; `is_person` whether it is one adult of the family.
    """

    name: str
    flag: str
    tells: Secret
    block: bool = False
    is_shared: bool = False
    is_person: bool = False

    def of_a_note(self, field: str) -> bool:
        """Tell whether a note beside the field at that path may tell the secret: as the field does, or in sentences."""
        *parts, name = field.replace("[]", "").split(".")
        is_block = self.block and not BLOCKS.isdisjoint(parts)
        if self.is_person:
            return not PEOPLE.isdisjoint(parts)
        is_source = "provenance" in parts and self.tells("Provenance", name, str)
        return is_block or is_source or self.tells("Annotation", "note", str)


KINDS = (
    Kind(name="refuge", flag="ADDRESS_WITHHELD", tells=of_a_refuge),
    Kind(name="birth", flag="ADOPTED", tells=of_a_birth),
    Kind(name="informant", flag="INFORMANT", tells=of_an_informant, block=True),
    Kind(name="informant in text", flag="INFORMANT", tells=of_an_informant_in_text, block=True, is_shared=True),
    Kind(name="hidden adult", flag="THIRD_PARTY", tells=of_nobody, is_person=True),
)
