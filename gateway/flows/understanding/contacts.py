"""Which contact does a school no longer have, and what if one comes back?

A contact that a school has taken off a pupil, a parent with a court order against them, say, can still come out of SIMS
through an old record of the pupil's application. So what each export lists is remembered with the child. Somebody who
was gone from one export and is in a later one is held back: kept out of the episode, so that nobody is told anything
because of it, until a person has asked the school.
"""

import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

from gateway.conversations.review import due_at, role_for
from gateway.flows.context import Desk
from gateway.flows.documents import child_key, read_group
from gateway.flows.people.ask import Asked, Asker
from gateway.flows.ports import UnitOfWork
from gateway.flows.store.rows import FactRow, Message, Record
from gateway.flows.understanding.normalizer import Normalized
from gateway.formats.json import write_json
from gateway.matching.names import words_of
from gateway.model.identifiers import ChildRef, OrganisationId
from gateway.model.tree import Group, Tree
from gateway.translation.losses import Loss

KIND = "contacts"
"""What the fact is called that remembers them: no consent and no flag, and no rule of sharing reads it."""
REASON = "H-CONTACT"
QUESTION = "contact"
ATTACH = "attach"
_EPISODE = "ecaf.episode"
_SCHOOLS = "sims/"
_HERE, _GONE, _HELD = "here", "gone", "held"
_GRAVITY = (_HERE, _GONE, _HELD)
_HELD_BACK = "a contact who was gone from an earlier export and is back: held until a person has asked the school"
_PLACE = "family[]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sifted:
    """A record without the contacts that are held back; `is_asked` tells whether a person must be asked now."""

    item: Normalized
    is_asked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactWatch:
    """Remembers whom schools list as contacts of a child, and holds back who returns."""

    desk: Desk
    asker: Asker

    def sift(
        self, uow: UnitOfWork, message: Message, item: Normalized, children: tuple[ChildRef, ...], *, at: datetime
    ) -> Sifted:
        """Return *item* without who came back, having remembered whom it lists."""
        if item.document != _EPISODE or not message.format.startswith(_SCHOOLS) or len(children) != 1:
            return Sifted(item=item)
        child, organisation = children[0], message.organisation
        before = self._known(uow, child, organisation)
        family = cast("list[Group]", item.tree.get("family", []))
        listed = {name_of(person) for person in family}
        after = {**before, **{name: _back(before.get(name)) for name in listed if name}}
        if item.tells_contacts:
            after = {name: _GONE if name not in listed and state == _HERE else state for name, state in after.items()}
        if after != before:
            self._remember(uow, child, organisation, after, at)
        kept: list[Tree] = [person for person in family if after.get(name_of(person)) != _HELD]
        if len(kept) == len(family):
            return Sifted(item=item)
        is_new = any(before.get(name) == _GONE for name in listed)
        return Sifted(item=_without(item, kept), is_asked=is_new)

    def sift_again(self, uow: UnitOfWork, message: Message, record: Record, item: Normalized) -> Normalized:
        """Return *item*, what *record* is now understood to say, without who is held back; nothing is remembered."""
        if item.document != _EPISODE or not message.format.startswith(_SCHOOLS):
            return item
        held = set(self.held_back(uow, record))
        family = cast("list[Group]", item.tree.get("family", []))
        kept: list[Tree] = [person for person in family if name_of(person) not in held]
        return item if len(kept) == len(family) else _without(item, kept)

    def ask(self, uow: UnitOfWork, message: Message, record: Record, *, at: datetime) -> None:
        """Ask a person whether who came back with *record* is still a contact of the child."""
        asked = Asked(
            kind=QUESTION,
            reason=REASON,
            role=role_for(REASON),
            subject_id=record.record_id,
            due_at=due_at(None, at, self.desk.calendar),
            message_id=message.message_id,
            children=record.subjects,
        )
        self.asker.ask(uow, asked)

    def attach(self, uow: UnitOfWork, record: Record, *, at: datetime) -> None:
        """Take who was held back for a contact again: the next export that lists them brings them."""
        organisation = uow.messages.get(record.message_id).organisation
        for child in dict.fromkeys(record.subjects):
            known = self._known(uow, child, organisation)
            freed = {name: _HERE if state == _HELD else state for name, state in known.items()}
            self._remember(uow, child, organisation, freed, at)

    def held_back(self, uow: UnitOfWork, record: Record) -> list[Tree]:
        """Return the names of those whom *record*'s sender lists again and who are held back."""
        organisation = uow.messages.get(record.message_id).organisation
        known = (self._known(uow, child, organisation) for child in dict.fromkeys(record.subjects))
        return [name for of_child in known for name, state in of_child.items() if state == _HELD]

    def _known(self, uow: UnitOfWork, child: ChildRef, organisation: OrganisationId) -> dict[str, str]:
        """Return what is remembered of each contact; where two memories were joined with two children, the graver."""
        known: dict[str, str] = {}
        for fact in uow.facts.of_child(child):
            if fact.kind != KIND:
                continue
            body = read_group(self.desk.vault.open(child_key(uow, child), f"fact/{fact.fact_id}", fact.sealed))
            if body.get("organisation") == organisation:
                for name, state in cast("dict[str, str]", body["contacts"]).items():
                    known[_folded(name)] = max(known.get(_folded(name), _HERE), state, key=_GRAVITY.index)
        return known

    def _remember(
        self, uow: UnitOfWork, child: ChildRef, organisation: OrganisationId, known: dict[str, str], at: datetime
    ) -> None:
        own = f"{KIND}/{organisation}/{child}"
        for fact in uow.facts.of_child(child):
            if fact.kind == KIND and fact.fact_id.startswith(f"{KIND}/{organisation}/") and fact.fact_id != own:
                uow.facts.delete(fact.fact_id)
        body: Group = {"organisation": organisation, "contacts": dict(known)}
        sealed = self.desk.vault.seal(child_key(uow, child), f"fact/{own}", write_json(body))
        uow.facts.put(FactRow(fact_id=own, child_ref=child, kind=KIND, sealed=sealed, recorded_at=at))


def name_of(person: Tree) -> str:
    """Return what tells a contact from the others: the name, however it is spelt; empty for nobody.

    Shape: an old record may have been typed without the accent, the hyphen or the right apostrophe.
    """
    if not isinstance(person, dict):
        return ""
    return _folded(" ".join(str(person.get(part) or "") for part in ("given_names", "family_name", "name")))


def _folded(name: str) -> str:
    return " ".join(words_of(name)) or " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def _back(state: str | None) -> str:
    """Return what a listed contact is now: held if they were ever gone and nobody has said otherwise."""
    return _HELD if state in {_GONE, _HELD} else _HERE


def _without(item: Normalized, kept: list[Tree]) -> Normalized:
    tree = {name: part for name, part in item.tree.items() if name != "family"}
    if kept:
        tree["family"] = kept
    return replace(item, tree=tree, losses=(*item.losses, Loss(path=_PLACE, why=_HELD_BACK)))
