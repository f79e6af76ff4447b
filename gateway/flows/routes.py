"""Who should hear of this? The Content-Based Router's table, read from mappings/routes.toml."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gateway.consent.question import Mode, Purpose
from gateway.errors import MappingError, Place
from gateway.flows.store.rows import Lane
from gateway.model.referral import Level
from gateway.model.tree import Group, Tree
from gateway.translation.aliases import fold_name

_ROUTE_KEYS = {"message", "to", "format", "document", "mode", "direction", "purpose", "lane"}
_PURPOSE_BY_LEVEL = "BY_LEVEL"
_LEVEL_OF_RATING = {"RED": "L4", "AMBER": "L3"}
"""Source: how Merton's and the police's red and amber stand on the London continuum of need."""
_FOR_THE_DECISION_ALONE = frozenset({"mash.answer"})
"""What goes to the MASH that asked and to nobody else: it may be behind a decision, and never beside one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One line of the table: a kind of message, and the system it goes to.

    Shape: `to` is a system key, or `referrer` for whoever sent what the message answers. `purpose` is None where the
    level of need decides it. `direction` is `in` for what comes into the authority's own systems, else `out`.
    """

    message: str
    to: str
    format: str
    document: str
    mode: Mode
    direction: str
    purpose: Purpose | None
    lane: Lane | None

    def purpose_of(self, tree: Group) -> Purpose:
        """Return what *tree*, a document of this route, is for, given the need it tells of.

        A safeguarding referral that states no level is treated as the gravest: a wrong guess upwards costs minutes.
        """
        if self.purpose is not None:
            return self.purpose
        told = {tree.get("level"), _LEVEL_OF_RATING.get(str(tree.get("rag")))} - {None}
        is_worried = tree.get("request_type") == "SAFEGUARDING"
        if tree.get("immediate_danger") == "Y" or "IMMEDIATE" in told:
            return Purpose.EMERGENCY
        if "L4" in told or (is_worried and not told):
            return Purpose.SAFEGUARD_S47
        return Purpose.SAFEGUARD_S17 if "L3" in told or is_worried else Purpose.REQUEST_EH


@dataclass(frozen=True, slots=True, kw_only=True)
class Routes:
    """The whole table.

    Shape: `urgent` lists, for each format, the answers that put a form in the urgent lane before it is read further.
    """

    routes: tuple[Route, ...]
    urgent: Mapping[str, Mapping[str, frozenset[str]]]
    lanes: Mapping[str, Lane]

    def of(self, message: str) -> tuple[Route, ...]:
        """Return the routes of one kind of message, in the order of the file."""
        return tuple(route for route in self.routes if route.message == message)

    def may_be_urgent(self, format_name: str) -> bool:
        """Tell whether a document in this format can turn out to be urgent, which nothing but reading it will show."""
        return format_name in self.urgent

    def lane_of(self, format_name: str, tree: Tree, alike: Mapping[str, frozenset[str]] | None = None) -> Lane:
        """Return who waits for a document that has just arrived; *alike* has the letters of a name's other names."""
        wanted = self.urgent.get(format_name)
        told = _respelled(tree, wanted, alike) if wanted and alike and isinstance(tree, dict) else tree
        if wanted and any(_answers(told, key) & values for key, values in wanted.items()):
            return Lane.URGENT
        return self.lanes.get(format_name, Lane.NORMAL)


def load_routes(text: bytes) -> Routes:
    """Return the table a file holds.

    Raises:
        MappingError: unreadable TOML, an unknown key or word, or no route at all; the place names the row.
    """
    try:
        table = tomllib.loads(text.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise MappingError(f"routes.toml is not TOML: {type(error).__name__}") from error
    rows = table.get("route", [])
    if not rows:
        raise MappingError("routes.toml has no [[route]]: nothing could ever be delivered; add one")
    urgent = {
        name: {key: frozenset(values) for key, values in answers.items()}
        for name, answers in table.get("urgent", {}).items()
    }
    lanes = {name: Lane[word.upper()] for name, word in table.get("lanes", {}).items()}
    return Routes(routes=tuple(_route(row, n) for n, row in enumerate(rows, start=1)), urgent=urgent, lanes=lanes)


def _route(row: Mapping[str, str], number: int) -> Route:
    odd = sorted(set(row) - _ROUTE_KEYS)
    if odd:
        raise MappingError(f"routes.toml: unknown key {odd[0]!r}", place=Place(row=number))
    if row.get("document") in _FOR_THE_DECISION_ALONE and row.get("to") != "referrer":
        raise MappingError(
            f"routes.toml: {row['document']} goes to whoever asked and to nobody else; write to = 'referrer'",
            place=Place(row=number),
        )
    try:
        return Route(
            message=row["message"],
            to=row["to"],
            format=row["format"],
            document=row["document"],
            mode=Mode(row["mode"]),
            direction=row.get("direction", "out"),
            purpose=None if row["purpose"] == _PURPOSE_BY_LEVEL else Purpose(row["purpose"]),
            lane=Lane[row["lane"].upper()] if "lane" in row else None,
        )
    except (KeyError, ValueError) as error:
        raise MappingError(f"routes.toml: {type(error).__name__} {error}", place=Place(row=number)) from error


def rated(tree: Group) -> Level | None:
    """Return how grave the need is that *tree* tells of, by its level or its rating, whichever is graver."""
    told = {str(tree.get("level")), _LEVEL_OF_RATING.get(str(tree.get("rag")), "L2" if tree.get("rag") else "")}
    return max((level for level in Level if level.value in told), key=tuple(Level).index, default=None)


def _respelled(tree: Group, wanted: Iterable[str], alike: Mapping[str, frozenset[str]]) -> Tree:
    """Return what *tree* holds under each of the *wanted* names, or under any that its mapping takes for the same."""
    letters = {name: fold_name(name) for name in tree}
    return {
        key: [tree[name] for name in tree if letters[name] in alike.get(key, frozenset({fold_name(key)}))]
        for key in wanted
    }


def _answers(tree: Tree, key: str) -> set[str]:
    """Return what a form answers to *key*, folded, whether it is a flat post or a list of answers."""
    if not isinstance(tree, dict):
        return set()
    found = _texts(tree.get(key))
    answers = tree.get("answers")
    for answer in answers if isinstance(answers, list) else ():
        if isinstance(answer, dict) and answer.get("question_id") == key:
            found |= _texts(answer.get("answer_text")) | _texts(answer.get("selections"))
    return found


def _texts(value: Tree) -> set[str]:
    match value:
        case str():
            return {" ".join(value.split()).casefold()}
        case list():
            return set().union(*(_texts(item) for item in value))
        case _:
            return set()
