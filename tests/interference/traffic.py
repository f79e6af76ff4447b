"""What happens in both worlds of a pair? Drawn from its seed: who sends what, when a flag is set, who asks what.

The secret comes in with what somebody who knows it sends. Then those who may not know it do what they can: send forms
about the same child with the address they guess, send them again, send rubbish, ask what became of it, and get what
comes to them.
"""

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from random import Random

from gateway.model.identifiers import ChildRef, MessageId
from gateway.model.tree import Group, Tree
from tests.acceptance.forms import form
from tests.interference.aftermath import ACTS, Aftermath
from tests.interference.documents import Author
from tests.interference.house import KNOWS, House
from tests.interference.kinds import KINDS, Kind
from tests.interference.seen import Seen, first_difference, view

_NAMES = ("Testina Exampleton", "Rubi Makebelieve", "Otto Unreal", "Zoya Sampleton", "Mo Placeholder")
_MALE, _FEMALE = "1", "2"
_OUTCOMES: dict[str, Group] = {
    "MO1": {"reason": "no need found"},
    "MO2": {"advice": "A children's centre is open to all."},
    "MO3": {"advice": "A coordinator will call."},
    "MO6": {"reason": "needs a look"},
    "MO9": {"reason": "elsewhere"},
    "MO10": {"missing": ["the family's agreement"]},
}
_PROBES = (
    *("form", "professional's form", "professional's form", "flat", "flat", "school file", "dropped file"),
    *("again", "other body", "rubbish", "no such format", "nobody's", "scope"),
)
_NO: Group = {
    "status": "REFUSED",
    "kinds": ["SHARE"],
    "giver_capacity": "ADULT_SELF",
    "effective_from": "2026-11-16T00:00:00Z",
}
"""What an adult says of what is told of themselves."""
_TELLINGS = ("referral", "request", "episode")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two worlds that differ in a secret, and what happens in both.

    Shape: `told` are the documents by which the secret comes in; `probes` is what those who may not know do; `outcomes`
    what the MASH decides on each form in turn; `is_known` whether the child was known before; `guess` which world's
    address is guessed, or neither; `acts` what happens once others have documents of ours; `is_own_word` whether an
    adult who is hidden has said no themselves as well. Whoever looks into harm at level 4 is told who there is, so that
    no pair with such an adult is of that level.
    """

    seed: int
    kind: Kind
    told: tuple[str, ...]
    probes: tuple[str, ...]
    outcomes: tuple[str, ...]
    level: str
    is_known: bool
    guess: int
    name: str
    born: str
    acts: tuple[str, ...]
    is_own_word: bool = False

    def world(self, side: int) -> "World":
        """Return one of the two."""
        return World(pair=self, side=side)


def pair_of(seed: int, kind: str | None = None) -> Pair:
    """Return the pair *seed* stands for; of a *kind* of secret, if one is wanted."""
    chance = Random(seed)  # noqa: S311 - a pair is to come again, not to be unguessable
    drawn = chance.choice(KINDS)
    told = chance.sample(_TELLINGS, chance.choice((1, 1, 1, 2)))
    chosen = next((one for one in KINDS if one.name == kind), drawn)
    return Pair(
        seed=seed,
        kind=chosen,
        told=tuple(told),
        probes=tuple(chance.choice(_PROBES) for _ in range(chance.choice((1, 1, 2)))),
        outcomes=tuple(chance.choice(list(_OUTCOMES)) for _ in range(2)),
        level=chance.choice(("L2", "L2", "L3", "L3" if chosen.is_person else "L4")),
        is_known=chance.random() < 0.4,
        guess=chance.choice((0, 1, 2)),
        name=chance.choice(_NAMES),
        born=f"{chance.randint(2010, 2022)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}",
        acts=tuple(chance.choice(ACTS) for _ in range(chance.choice((0, 1, 1, 2, 3)))),
        is_own_word=chosen.is_person and chance.random() < 0.5,
    )


@dataclass(frozen=True)
class World:
    """One world of a pair: the documents that come in, as they are in it."""

    pair: Pair
    side: int
    child: Group = field(init=False)

    @cached_property
    def author(self) -> Author:
        """Return who writes what is told by somebody who knows."""
        given, _, family = self.pair.name.partition(" ")
        child: Group = {"given_names": given, "family_name": family, "born": self.pair.born, "sex": _FEMALE}
        whole = {**child, "address": self.place(self.side if self.pair.kind.name == "refuge" else 2)}
        return Author(seed=str(self.pair.seed), side=self.side, kind=self.pair.kind, child=whole)

    def place(self, side: int) -> Group:
        """Return the address of a world; 2 is an address of neither."""
        number = Random(f"{self.pair.seed}/{side}").randint(10, 98)  # noqa: S311
        return {"lines": [f"{number} Refuge Street"[: 9 + side * 4]], "postcode": f"ZZ{number} {side + 1}AB"}

    def told(self, document: str, reference: str) -> tuple[str, bytes]:
        """Return the format and bytes of what somebody who knows sends."""
        level: Group = {"level": self.pair.level}
        match document:
            case "referral":
                return _wrapped("mash/referral-1", self.author.document("mash.referral", reference, **level))
            case "request":
                return _wrapped("mash/request-1", self.author.document("ecaf.request", reference, **level))
            case _:
                return _wrapped("ecaf/episode-1", self.author.document("ecaf.episode", reference, state="active"))

    def earlier(self) -> bytes:
        """Return what is known of an adopted child from before: another name, the same birthday.

        It went where it went before there was a secret; nobody looks at that.
        """
        names = Random(f"{self.pair.seed}/{self.side}/birth")  # noqa: S311
        given = self.pair.name.partition(" ")[0] if names.random() < 0.5 else names.choice(("Ada", "Bo", "Cleo"))
        family = names.choice(("Birthname", "Oldfield", "Formerly", "Erstwhile"))
        before = {"given_names": given, "family_name": family, "born": self.pair.born, "sex": _FEMALE}
        author = replace(self.author, child={**before, "address": self.place(self.side)})
        return _wrapped("mash/referral-1", author.document("mash.referral", "BIRTH", level="L2"))[1]

    def form(self, reference: str) -> bytes:
        """Return a form of somebody who may not know, with the address they guess; the same in both worlds."""
        pair, (given, _, family) = self.pair, self.pair.name.partition(" ")
        year, month, day = pair.born.split("-")
        told = json.loads(
            form(
                "early-help-consent",
                reference,
                child_name=f"{given} {family}",
                child_dob=f"{day}/{month}/{year}",
                consent_agencies="School, Early help",
                perceived_level={"L2": "Level 2: early help", "L3": "Level 3: complex needs"}.get(pair.level, "L4"),
            )
        )
        place = self.place(pair.guess)
        for answer in told["answers"]:
            if answer["question_id"] == "child_address":
                answer["postcode"], answer["address1"] = place["postcode"], place["lines"][0]
        return json.dumps(told).encode()

    def flat(self, reference: str) -> bytes:
        """Return the same as a flat form of a school."""
        given, _, family = self.pair.name.partition(" ")
        place = self.place(self.pair.guess)
        answers = {
            "childSupport": "I want early help for a family",
            "reference": reference,
            "child_first_name": given,
            "child_last_name": family,
            "child_dob": self.pair.born,
            "child_postcode": place["postcode"],
            "consent_to_share": "Yes",
        }
        return json.dumps(answers).encode()

    def school_file(self) -> bytes:
        """Return a school's table with the child in it."""
        given, _, family = self.pair.name.partition(" ")
        place = self.place(self.pair.guess)
        row = ("9", "Nowhere School", given, family, f"{self.pair.born}", "Female", str(place["postcode"]))
        head = ("multiple_id", "School Name", "Forename", "Surname", "DOB", "Gender", "Postcode")
        return ("\r\n".join(",".join(line) for line in (head, row)) + "\r\n").encode()


def _wrapped(name: str, document: Group) -> tuple[str, bytes]:
    told: Group = {
        "format": name,
        "message": "any",
        "message_id": f"theirs-{document['reference']}",
        "correlation_id": "theirs",
        "sender": "refuge-support",
        "sent_at": "2026-11-23T08:00:00Z",
        "document": document,
    }
    return name, json.dumps(told).encode()


class Player:
    """Plays one world on a house."""

    def __init__(self, house: House, world: World) -> None:
        self._house = house
        self._world = world
        self._forms: list[str] = []
        self._asked: list[str] = []
        self._children: dict[ChildRef, None] = {}

    def play(self) -> list[Seen]:
        """Return everything anybody saw of the world."""
        house, pair = self._house, self._world.pair
        house.enter()
        if pair.is_known:
            message = self._probe("form")
            house.work()
            self._protect(house.children_of(message))
        if pair.kind.name == "birth":
            self._tell_before()
        self._tell()
        house.deliver()
        house.app.sequencer.give_places()
        for probe in pair.probes:
            house.clock.move(minutes=20)
            self._probe(probe)
            house.work()
            house.deliver()
        house.clock.move(hours=1)
        self._decide()
        self._look_after()
        self._look_again()
        return house.outlet.seen

    def _tell_before(self) -> None:
        message = self._house.accept(self._world.earlier(), by="refuge-support", name="mash/referral-1")
        self._house.work()
        self._protect(self._house.children_of(message))
        self._house.deliver()
        self._house.outlet.seen.clear()

    def _tell(self) -> None:
        for number, document in enumerate(self._world.pair.told):
            name, body = self._world.told(document, f"TOLD{number}")
            message = self._house.accept(body, by="refuge-support", name=name)
            self._house.work()
            self._protect(self._house.children_of(message))
            if document == "referral":
                self._forms.append(f"TOLD{number}")

    def _protect(self, children: tuple[ChildRef, ...]) -> None:
        for child in children:
            self._children[child] = None
            held = [one["fact"] for one in self._house.app.facts.held_about(child) if one["kind"] == "flag"]
            if held:
                continue
            need: list[Tree] = sorted(KNOWS)
            flag: Group = {"flag": self._world.pair.kind.flag, "need_list": need}
            self._house.flag(child, {**flag, **self._whom()})
            if self._world.pair.is_own_word:
                said = {**_NO, "subject": self._world.author.adult, "giver": self._world.author.adult}
                self._house.app.permissions.record(child, said, actor="usr_1")

    def _whom(self) -> Group:
        """Return whom the flag names: the adult who is hidden, if that is the secret."""
        named: list[Tree] = [{"name": self._world.author.adult}]
        return {"persons": named} if self._world.pair.kind.is_person else {}

    def _probe(self, probe: str) -> MessageId:
        """Do what somebody who may not know does, and return the newest message they got a receipt for."""
        number = len(self._asked) + len(self._forms)
        _DOES[probe](self, f"ASKED{number}")
        return MessageId(self._asked[-1].partition(" ")[2] if self._asked else "")

    def send_form(self, reference: str) -> None:
        """Send a form, and ask what became of it."""
        self._forms.append(reference)
        self._post("referral-portal", "mash/govuk-forms-1", self._world.form(reference))

    def send_as_professional(self, reference: str) -> None:
        """Send a form as a health visitor, who hears what the MASH decides."""
        self._forms.append(reference)
        self._post("health-visitors", "mash/govuk-forms-1", self._world.form(reference))

    def send_flat(self, reference: str) -> None:
        """Send a school's flat form, which has no reference of its own."""
        self._post("school-example", "mash/flat-1", self._world.flat(reference))
        self._forms.append(self._asked[-1].partition(" ")[2])

    def drop_file(self, _reference: str) -> None:
        """Drop a school's table into its folder, and read the reports beside it."""
        self._house.drop("school-example", "sims/csv-1", "pupils.csv", self._world.school_file())

    def send_file(self, _reference: str) -> None:
        """Send a school's table, and ask about each record of it."""
        self._post("school-example", "sims/csv-1", self._world.school_file(), media="text/csv")

    def send_again(self, reference: str) -> None:
        """Send the same form twice."""
        self.send_form(reference)
        self._post("referral-portal", "mash/govuk-forms-1", self._world.form(reference))

    def send_other(self, reference: str) -> None:
        """Send another form under the key of one."""
        self.send_form(reference)
        body = self._world.form(reference).replace(b"Mockteacher", b"Otherteacher")
        self._post("referral-portal", "mash/govuk-forms-1", body)

    def send_rubbish(self, reference: str) -> None:
        """Send half a form."""
        self._post("referral-portal", "mash/govuk-forms-1", self._world.form(reference)[:-40])

    def send_unknown(self, reference: str) -> None:
        """Send a form in a format that there is not."""
        self._post("referral-portal", "mash/gossip-1", self._world.form(reference))

    def send_unscoped(self, reference: str) -> None:
        """Send a form one may not send."""
        self._post("school-example", "sims/ctf-25", self._world.form(reference))

    def ask_for_others(self, _reference: str) -> None:
        """Ask for what somebody else has sent."""
        for path in ("/v1/messages/msg_000003", "/v1/audit/receipts/msg_000003", "/v1/messages/none", "/metrics"):
            self._house.call("school-example", "GET", path)

    def _post(self, who: str, name: str, body: bytes, media: str = "application/json") -> None:
        answer = self._house.call(who, "POST", f"/v1/intake/{name}", body, content_type=media)
        if answer.status == 202:
            self._asked.append(f"{who} {json.loads(answer.body)['message_id']}")

    def _decide(self) -> None:
        told = zip(dict.fromkeys(self._forms), self._world.pair.outcomes, strict=False)
        for reference, outcome in told:
            words = {"reference": reference, "step": "decided", "at": "2026-11-23T12:00:00Z", "outcome": outcome}
            body = json.dumps({**words, **copy.deepcopy(_OUTCOMES[outcome])}).encode()
            self._house.accept(body, by="barnet-mash", name="mash/decision-1", key=f"decided-{reference}")
        self._house.work()
        self._house.deliver()
        self._house.app.sequencer.give_places()

    def _look_after(self) -> None:
        pair, world = self._world.pair, self._world
        chance = Random(f"{pair.seed}/after")  # noqa: S311  # a pair can be played again by its seed
        after = Aftermath(house=self._house, author=world.author, children=tuple(self._children), chance=chance)
        for act in pair.acts:
            after.play(act)
        self._house.app.sequencer.give_places()

    def _look_again(self) -> None:
        for asked in self._asked:
            who, _, message = asked.partition(" ")
            for path in (f"/v1/messages/{message}", f"/v1/messages/{message}/records", f"/v1/audit/receipts/{message}"):
                self._house.call(who, "GET", path)
        self._house.call("health-visitors", "GET", "/v1/audit/checkpoint")


_DOES: dict[str, Callable[[Player, str], None]] = {
    "form": Player.send_form,
    "professional's form": Player.send_as_professional,
    "flat": Player.send_flat,
    "dropped file": Player.drop_file,
    "school file": Player.send_file,
    "again": Player.send_again,
    "other body": Player.send_other,
    "rubbish": Player.send_rubbish,
    "no such format": Player.send_unknown,
    "scope": Player.send_unscoped,
    "nobody's": Player.ask_for_others,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What two worlds came to: how they differ to whoever may not know, and whether they do to whoever may."""

    difference: str | None
    is_told: bool
    seen: int


def compare(house: House, pair: Pair) -> Told:
    """Return whether anybody who may not know can tell the worlds of *pair* apart."""
    here, there = (Player(house, pair.world(side)).play() for side in (0, 1))
    may_know = KNOWS | (_LISTED if pair.kind.is_shared else _LOOKS_INTO_HARM if pair.kind.is_person else frozenset())
    one, other = view(here, without=may_know), view(there, without=may_know)
    knows = [view(seen, without=frozenset({each.who for each in seen} - KNOWS)) for seen in (here, there)]
    return Told(difference=first_difference(one, other), is_told=knows[0] != knows[1], seen=len(one))


_LISTED = frozenset({"barnet-ecaf", "off-social-care", "off-council", "community-health", "health-visitors"})
"""Listed safeguarding recipients: what somebody wrote in confidence goes to them, without who wrote it."""
_LOOKS_INTO_HARM = frozenset({"off-social-care"})
"""Who gets everything because of significant harm, and is told who there is."""
