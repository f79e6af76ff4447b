"""What may a document be compared with, of a child who is protected?

Whoever sends a document sees by what follows whether it was taken for one about a child we know. So nothing that is
secret of that child may decide it: neither where they live now, nor who they were before they were adopted.
"""

from collections.abc import Collection
from dataclasses import replace

from gateway.matching.compare import compare
from gateway.matching.identity import Identity
from gateway.matching.keys import index_keys, search_keys

_AGREES = frozenset({"family=same", "family=called", "family=short", "family=part", "family=similar"})


def as_protected(identity: Identity, known: Identity, *, flags: Collection[str]) -> Identity | None:
    """Return *known* as *identity*, of a document, may be compared with it; None where it must not be looked at.

    Whose address is withheld is found by name, birthday and numbers, and where they live counts neither for nor
    against: whatever place the document tells stands for theirs. Who is adopted is found only under the family name
    they have in that record, so that nothing leads from one of their two records to the other.
    """
    if "ADOPTED" in flags and not _is_of_that_name(identity, known):
        return None
    if "ADDRESS_WITHHELD" not in flags:
        return known
    if not set(index_keys(replace(known, postcode=None))) & set(search_keys(replace(identity, postcode=None))):
        return None
    return replace(known, postcode=identity.postcode, address=identity.address)


def _is_of_that_name(identity: Identity, known: Identity) -> bool:
    evidence = frozenset(compare(identity, known).evidence)
    return not evidence.isdisjoint(_AGREES) or ("nhs=same" in evidence and "family=different" not in evidence)
