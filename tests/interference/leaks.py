"""Would a leak of each kind be found? Each is one function, changed as a careless hand might have."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest

from gateway.adapters.http.outlet import WITHHELD, HttpOutlet
from gateway.adapters.sql.delivery_store import SqlDeliveries
from gateway.app.http import intake
from gateway.app.http.problems import Problem
from gateway.app.named_persons import Herald
from gateway.consent import content_filter
from gateway.consent.decision import Permit
from gateway.errors import ConflictError, MalformedMessageError
from gateway.flows.by_hand import aftercare
from gateway.flows.conversing import notices
from gateway.flows.deciding import gather
from gateway.flows.delivering import deliver
from gateway.flows.receiving import receive
from gateway.flows.receiving.receive import Receive
from gateway.flows.store.rows import Delivery
from gateway.flows.understanding import identify
from gateway.model.category import Category, Tells
from gateway.model.document import Leaf
from gateway.model.tree import Tree
from tests.interference.house import House
from tests.interference.traffic import Told, compare, pair_of

_POSTCODE = re.compile(rb"ZZ\d\d \dAB")


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """A leak to plant, and in which kind of secret it shows."""

    name: str
    kind: str
    plant: Callable[[pytest.MonkeyPatch, House], None]
    shows: str
    """A part of what must be said of it."""
    within: int = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A planted leak that was found: after so many pairs, and how."""

    pairs: int
    told: Told


def hunt(house: House, leak: Leak) -> Found | None:
    """Return how soon *leak* is found, or None."""
    with pytest.MonkeyPatch.context() as patch:
        leak.plant(patch, house)
        for number in range(leak.within):
            told = compare(house, pair_of(number, leak.kind))
            if told.difference is not None:
                return Found(pairs=number + 1, told=told)
    return None


def _length(patch: pytest.MonkeyPatch, _house: House) -> None:
    """What is withheld leaves its length behind: the bytes are filled up to a round size of the whole document."""
    translate = deliver.Deliver._translate

    def padded(self: Any, due: Any, cleared: Any) -> Any:
        document, body = translate(self, due, cleared)
        return document, body + b" " * (len(json.dumps(due.tree)) // 64)

    patch.setattr(deliver.Deliver, "_translate", padded)


def _stars(patch: pytest.MonkeyPatch, _house: House) -> None:
    """What may not go is blacked out instead of taken out."""
    group = content_filter._group

    def blacked(cutting: Any, tree: Any, path: str) -> Any:
        kept = group(cutting, tree, path)
        gone = {name for name in tree if cutting.get(name) is False and name not in kept}
        return {**kept, **{name: _stars_of(tree[name]) for name in gone if isinstance(tree[name], str)}}

    patch.setattr(content_filter, "_group", blacked)


def _stars_of(part: Tree) -> str:
    return "*" * len(str(part))


def _status(patch: pytest.MonkeyPatch, house: House) -> None:
    """A form about an address that is known is refused as one that came before."""
    submit = Receive.submit

    def careful(self: Receive, incoming: Any, admit: Any = None) -> Any:
        found = _POSTCODE.search(incoming.body)
        if incoming.organisation != "refuge-support" and found and found[0] in _stored(house):
            raise ConflictError("this family is with us already", code="idempotency-conflict")
        return submit(self, incoming, admit)

    patch.setattr(Receive, "submit", careful)


def _error(patch: pytest.MonkeyPatch, house: House) -> None:
    """An error repeats the address it stumbled over: that of the record it was compared with."""
    gate = receive.gate

    def talkative(*args: Any, **more: Any) -> Any:
        try:
            return gate(*args, **more)
        except MalformedMessageError as error:
            known = sorted(set(_POSTCODE.findall(_stored(house))))
            raise MalformedMessageError(f"{error.message}, near {known}", code=error.code) from error

    patch.setattr(receive, "gate", talkative)


def _stored(house: House) -> bytes:
    rows = house.app.store.database.connection.execute("SELECT sealed_identity FROM child").fetchall()  # type: ignore[attr-defined]
    return b"\n".join(row[0] for row in rows)


def _problem(patch: pytest.MonkeyPatch, house: House) -> None:
    """A refusal says how much there is to compare with."""
    problem_of = intake.problem_of

    def counted(error: Exception, *, busy_seconds: float) -> Problem:
        return replace(problem_of(error, busy_seconds=busy_seconds), detail=f"{len(_stored(house)) // 7} bytes known")

    patch.setattr(intake, "problem_of", counted)


def _redactions(patch: pytest.MonkeyPatch, _house: House) -> None:
    """What is asked for is what the document happens to hold, so that the list of what is withheld tells it."""
    patch.setattr(gather, "_asked", lambda document, tree, _flags: gather.categories_in(document, tree))


def _order(patch: pytest.MonkeyPatch, _house: House) -> None:
    """The shortest document goes first."""
    ready = SqlDeliveries.ready

    def shortest(self: SqlDeliveries, **asked: Any) -> Sequence[Delivery]:
        found = ready(self, **asked)
        sizes = dict(self._at.rows("SELECT record_id, length(sealed) FROM record", ()))
        return sorted(found, key=lambda one: sizes[one.record_id])

    patch.setattr(SqlDeliveries, "ready", shortest)


def _match(patch: pytest.MonkeyPatch, _house: House) -> None:
    """A protected child is looked for like any other: an address that is guessed right finds them."""
    patch.setattr(identify, "as_protected", lambda _identity, known, **_: known)


def forget(patch: pytest.MonkeyPatch, *marks: Tells, locates: bool = False) -> None:
    """Make the content filter forget *marks* of the model, or what locates."""

    def allows(keep: Any, leaf: Leaf) -> bool:
        if leaf.internal or leaf.category is Category.ROUTING:
            return not leaf.internal
        may_locate = keep.may_locate or locates or not leaf.locates
        return leaf.category in keep.categories and may_locate and not (leaf.tells - set(marks)) & keep.untold

    patch.setattr(content_filter._Keep, "allows", allows)
    patch.setattr(content_filter, "_cutting_of", content_filter._cutting_of.__wrapped__)


def _tells(patch: pytest.MonkeyPatch, _house: House) -> None:
    """Nobody asks of whom a field tells."""
    forget(patch, *Tells)


def _locates(patch: pytest.MonkeyPatch, _house: House) -> None:
    """Nobody asks what tells a place."""
    forget(patch, locates=True)


def _permit(patch: pytest.MonkeyPatch, _house: House) -> None:
    """A retry goes under whatever was permitted before there was a flag."""
    patch.setattr(deliver, "clear", _lenient(deliver.clear))


def _lenient(clear: Any) -> Any:
    def anyway(permit: Permit, facts: Any, at: Any, **more: Any) -> Any:
        return clear(replace(permit, epochs=facts.epochs, redactions=()), facts, at, **more)

    return anyway


def _header(patch: pytest.MonkeyPatch, house: House) -> None:
    """The header of what is withheld says how much this document held of it; nothing in the body does."""
    deliver_it = HttpOutlet._deliver

    def counted(self: HttpOutlet, url: str, body: bytes, headers: dict[str, str], handover: Any) -> str:
        if WITHHELD in headers:
            headers[WITHHELD] += f"; {_record_of(house, handover.message_id).count(b'hid')}"
        return deliver_it(self, url, body, headers, handover)

    patch.setattr(HttpOutlet, "_deliver", counted)


def _record_of(house: House, delivery: str) -> bytes:
    rows = house.app.store.database.connection.execute(  # type: ignore[attr-defined]  # the real store, of which the port tells nothing
        "SELECT sealed FROM record JOIN delivery USING (record_id) WHERE delivery_id = ?", (delivery,)
    )
    return b"".join(row[0] for row in rows)


def _notice(patch: pytest.MonkeyPatch, house: House) -> None:
    """Nobody is told to stop sharing a document that held little of what is withheld."""
    content = notices.Notifier._content

    def careful(self: notices.Notifier, uow: Any, child: Any) -> list[Delivery]:
        return [one for one in content(self, uow, child) if _record_of(house, one.delivery_id).count(b"hid") % 3]

    patch.setattr(notices.Notifier, "_content", careful)


def _correction(patch: pytest.MonkeyPatch, _house: House) -> None:
    """A note that corrects a field is guarded as its kind of information alone, whomever the field tells of."""
    patch.setattr(aftercare, "annotation", lambda field, note, _leaves: {"field": field, "note": note})


def _mail(patch: pytest.MonkeyPatch, house: House) -> None:
    """An e-mail to a named person says how much is known."""
    words = Herald.words

    def talkative(self: Herald, call: Any) -> tuple[str, str]:
        subject, text = words(self, call)
        return subject, f"{text} {len(_stored(house))} bytes known"

    patch.setattr(Herald, "words", talkative)


LEAKS = (
    Leak(name="length", kind="refuge", plant=_length, shows="sent"),
    Leak(name="stars", kind="refuge", plant=_stars, shows="sent"),
    Leak(name="status code", kind="refuge", plant=_status, shows="", within=200),
    Leak(name="error text", kind="refuge", plant=_error, shows="answer", within=200),
    Leak(name="problem", kind="birth", plant=_problem, shows="answer", within=200),
    Leak(name="list of what is withheld", kind="refuge", plant=_redactions, shows="sent"),
    Leak(name="order", kind="refuge", plant=_order, shows="", within=300),
    Leak(name="match by address", kind="refuge", plant=_match, shows="", within=200),
    Leak(name="match by birth identity", kind="birth", plant=_match, shows="", within=200),
    Leak(name="a place that is not marked", kind="refuge", plant=_locates, shows="sent"),
    Leak(name="an informant who is not marked", kind="informant", plant=_tells, shows="sent"),
    Leak(name="an informant in sentences", kind="informant in text", plant=_tells, shows="sent"),
    Leak(name="an earlier identity that is not marked", kind="birth", plant=_tells, shows="sent"),
    Leak(name="a permit that nobody looks at again", kind="refuge", plant=_permit, shows=""),
    Leak(name="the header of what is withheld", kind="refuge", plant=_header, shows="X-Gateway-Withheld"),
    Leak(name="whom a notice is sent to", kind="refuge", plant=_notice, shows="", within=200),
    Leak(name="a note beside who told", kind="informant", plant=_correction, shows="caf.correction.sent", within=200),
    Leak(name="an e-mail to a named person", kind="birth", plant=_mail, shows="mail", within=200),
)
