"""Which form for early help lacks the family's agreement, and what must its sender add?

Some areas ask for the family's agreement before anybody looks at a form for early help, and send back a form without
it. A worry about harm is never sent back; and where a form leaves it open whether it holds one, or whether the family
agreed, it counts as one that does.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from gateway.model.referral import Level, RequestType
from gateway.model.tree import Group, Tree

_EARLY_HELP = frozenset({Level.L1, Level.L2})
"""Not NONE: that is what somebody who is not sure says, too."""
_REQUEST = "ecaf.request"
_SPEAKS_OF_AGREEMENT = re.compile(r"consent|agree|permission|aware", re.IGNORECASE)
_TELLING = frozenset({"answer", "request_type", "level"})
"""Code lists in which the answers are looked up that this goes by."""
_GROUNDS = ("safeguarding_grounds", "shared_without_consent_because")
"""Answers that give a reason to share without the family's agreement: a person reads them."""

REFUSED = "The family's agreement: the form says that they do not agree to share."
NOT_SAID = "The family's agreement: the form does not say whether they agree to share, nor who said so and when."
NOT_TOLD = "Talk to the parents first: the form says that they do not know of it."


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a form stands in an area that asks for the family's agreement first.

    Shape: `is_early_help_alone` says that it is known to ask for early help and to tell of no harm; `missing` has one
    entry for each thing its sender must add, in the words they read; `can_go_back` says that the sender can be told,
    and that nobody is at work on an earlier form under the same reference.
    """

    is_early_help_alone: bool
    missing: tuple[str, ...]
    can_go_back: bool


def is_early_help_alone(document: str, tree: Group) -> bool:
    """Tell whether *tree*, a canonical *document*, is known to ask for early help and to tell of no harm."""
    is_asked = document == _REQUEST or tree.get("request_type") == RequestType.EARLY_HELP.value
    block = _block(tree)
    told = (tree.get("harm"), _why_not_asked(block), *(block.get(name) for name in _GROUNDS))
    is_worried = tree.get("immediate_danger") == "Y" or any(one not in {None, "", "N"} for one in told)
    return is_asked and tree.get("level") in _EARLY_HELP and not is_worried


def missing_agreement(tree: Group, *, unread: Collection[str]) -> tuple[str, ...]:
    """Return what the form must say of the family's agreement and does not; nothing, where it may have said so.

    Shape: `unread` names the code lists in which an answer of the form was not found.
    """
    if not _TELLING.isdisjoint(unread) or any(_may_tell_of_agreement(one) for one in _items(tree.get("local"))):
        return ()
    return tuple(_missing(_block(tree)))


def _why_not_asked(block: Group) -> Tree:
    """Return why the family was not asked, which may be that asking is not safe; of one that said no it is why not."""
    has_said_no = block.get("agrees_to_share") == "N" and block.get("parent_aware") == "Y"
    return None if has_said_no else block.get("reason_not_sought")


def _missing(block: Group) -> Iterator[str]:
    match block.get("agrees_to_share"):
        case "Y":
            return
        case "N":
            yield REFUSED
        case _ if block.get("agrees_to_help") == "Y":
            return
        case _:
            yield NOT_SAID
    if block.get("parent_aware") == "N":
        yield NOT_TOLD


def _block(tree: Group) -> Group:
    block = tree.get("consent")
    return block if isinstance(block, dict) else {}


def _items(value: Tree) -> list[Tree]:
    return value if isinstance(value, list) else []


def _may_tell_of_agreement(answer: Tree) -> bool:
    """Tell whether a local answer may be about the family's agreement, under a name we do not know."""
    if not isinstance(answer, dict):
        return False
    return any(_SPEAKS_OF_AGREEMENT.search(str(answer.get(part) or "")) for part in ("key", "question"))
