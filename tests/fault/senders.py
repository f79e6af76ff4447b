"""Who sends in a campaign? Referrers, a school, and the MASH's decisions, each asking again until it has a receipt.

Each sender has children of its own, so the order in which it gets receipts is the order the gateway has to keep.
"""

import hashlib
import itertools
import json
import random
import threading
from collections.abc import Callable, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Protocol

import httpx

from gateway.simulators.school import drop
from tests.fault.documents import Child, a_decision, a_referral, a_report
from tests.fault.history import FEEDBACK, REFERRAL, REPORT, REQUEST, Accepted, Due
from tests.fault.installation import ECAF, MASH, PORTAL, Installation

_TIMEOUT_SECONDS = 5.0
_AGAIN_SECONDS = 0.05


class Sender(Protocol):
    """One sender: `accepted` grows until `stop`."""

    accepted: list[Accepted]

    def start(self) -> None:
        """Begin to send."""
        ...

    def stop(self) -> None:
        """Begin nothing more, and return when what was begun has its receipt."""
        ...


class _Thread:
    """A sender in a thread of its own; what goes wrong in it goes wrong in `stop`."""

    def __init__(self, name: str) -> None:
        self.accepted: list[Accepted] = []
        self._over = threading.Event()
        self._wrong: list[BaseException] = []
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join(60)
        assert not self._thread.is_alive(), "a sender waits for its receipt in vain"
        for error in self._wrong:
            raise error

    def _run(self) -> None:
        try:
            while not self._over.is_set():
                self._round()
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that stops
            self._wrong.append(error)
        finally:
            self._close()

    def _round(self) -> None:
        raise NotImplementedError

    def _close(self) -> None:
        """Close what it talks through."""


class Poster:
    """Posts a document again and again under one key until it is accepted, at another process where one is silent."""

    def __init__(self, installation: Installation, organisation: str, chance: random.Random) -> None:
        self._urls = itertools.cycle([f"{url}/v1/intake" for url in installation.urls])
        self._url = next(self._urls)
        self._client = httpx.Client(
            headers={
                "Authorization": f"Bearer {installation.tokens[organisation]}",
                "Content-Type": "application/json",
            },
            timeout=_TIMEOUT_SECONDS,
            trust_env=False,
        )
        self._is_spoiled = installation.is_spoiled
        self._chance = chance
        self._pause = threading.Event()

    def post(self, format_name: str, body: bytes, key: str) -> tuple[str, str]:
        """Return message id and receipt; now and then ask once more and see that the answer is the same."""
        told = self._until_accepted(format_name, body, key)
        if self._chance.random() < 0.1:
            self._url = next(self._urls)
            assert self._until_accepted(format_name, body, key) == told, "a repeat got another receipt"
        return told

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def _until_accepted(self, format_name: str, body: bytes, key: str) -> tuple[str, str]:
        while True:
            try:
                answer = self._client.post(f"{self._url}/{format_name}", content=body, headers={"Idempotency-Key": key})
            except httpx.TransportError:
                self._url = next(self._urls)
                self._pause.wait(_AGAIN_SECONDS)
                continue
            self._check(answer)
            told = receipt_in(answer, body)
            if told is not None:
                return told
            self._url = next(self._urls)
            self._pause.wait(_AGAIN_SECONDS)

    def _check(self, answer: httpx.Response) -> None:
        """On a sound way the only other answers are those that ask for patience."""
        if not self._is_spoiled:
            assert answer.status_code in {202, 429, 503}, f"{answer.status_code} {answer.text}"


class Referrer(_Thread):
    """Sends referrals: most about one child, some about two, some urgent."""

    def __init__(
        self, name: str, installation: Installation, children: Sequence[Child], *, seed: str, pause_seconds: float
    ) -> None:
        super().__init__(f"referrer-{name}")
        self._name = name
        self._chance = random.Random(f"{seed}/{name}")  # noqa: S311 - it only has to be the same again
        self._poster = Poster(installation, PORTAL, self._chance)
        self._children = children
        self._pause_seconds = pause_seconds
        self._numbers = itertools.count(1)

    def _round(self) -> None:
        number = next(self._numbers)
        reference = f"{self._name}{number:06d}"
        is_urgent = self._chance.random() < 0.15
        about = self._chance.sample(self._children, 2 if self._chance.random() < 0.25 else 1)
        body = a_referral(reference, about, is_urgent=is_urgent)
        message_id, receipt = self._poster.post("mash/govuk-forms-1", body, reference)
        self.accepted.append(
            Accepted(
                message_id=message_id,
                correlation_id=message_id,
                number=number,
                children=tuple(child.family for child in about),
                lane="urgent" if is_urgent else "normal",
                leaf_hash=leaf_in(receipt),
                dues=(Due(partner=MASH, kind=REFERRAL),),
            )
        )
        self._over.wait(self._chance.uniform(0, 2 * self._pause_seconds))

    def _close(self) -> None:
        self._poster.close()

    def reference_of(self, accepted: Accepted) -> str:
        """Return the reference a referral of this sender was made under."""
        return f"{self._name}{accepted.number:06d}"


class School(_Thread):
    """Drops reports of a few pupils each into its folder and waits for what the gateway says of each."""

    def __init__(self, installation: Installation, pupils: Sequence[Child], *, seed: str, pause_seconds: float) -> None:
        super().__init__("school")
        self._folder = installation.drop_folder
        self._chance = random.Random(f"{seed}/school")  # noqa: S311 - it only has to be the same again
        self._pupils = pupils
        self._pause_seconds = pause_seconds
        self._numbers = itertools.count(1)

    def _round(self) -> None:
        number = next(self._numbers)
        about = self._chance.sample(self._pupils, self._chance.randint(1, 3))
        name = f"report-{number}.xml"
        drop(self._folder, name, a_report([(f"{number:05d}{place}", child) for place, child in enumerate(about)]))
        told = self._told(self._folder / f"{name}.accepted.json", self._folder / f"{name}.refused.json")
        self.accepted.append(
            Accepted(
                message_id=told["message_id"],
                correlation_id=told["message_id"],
                number=number,
                children=tuple(child.family for child in about),
                lane="bulk",
                leaf_hash=leaf_in(told["receipt"]),
                dues=tuple(Due(partner=ECAF, kind=REPORT, child=child.family) for child in about),
            )
        )
        self._over.wait(self._chance.uniform(0, 2 * self._pause_seconds))

    def _told(self, accepted: Path, refused: Path) -> dict[str, str]:
        """Return what the gateway says of a file, once it says something."""
        while not accepted.exists():
            assert not refused.exists(), refused.read_text()
            threading.Event().wait(0.02)
        return dict(json.loads(accepted.read_text()))


class Decider(_Thread):
    """The MASH's word on referrals it has: some lead on to early help, the rest end with feedback."""

    def __init__(
        self, installation: Installation, referrers: Sequence[Referrer], has: Callable[[], set[str]], *, seed: str
    ) -> None:
        super().__init__("decider")
        self._chance = random.Random(f"{seed}/decider")  # noqa: S311 - it only has to be the same again
        self._poster = Poster(installation, MASH, self._chance)
        self._referrers = referrers
        self._has = has
        self._seen: set[str] = set()
        self._numbers = itertools.count(1)

    def _round(self) -> None:
        has = self._has()
        for referrer in self._referrers:
            for referral in [one for one in list(referrer.accepted) if one.message_id in has - self._seen]:
                self._seen.add(referral.message_id)
                if self._chance.random() < 0.3:
                    self._decide(referrer.reference_of(referral), referral)
        self._over.wait(0.2)

    def _close(self) -> None:
        self._poster.close()

    def _decide(self, reference: str, referral: Accepted) -> None:
        goes_on = self._chance.random() < 0.6
        body = a_decision(reference, "MO3" if goes_on else "MO2")
        message_id, receipt = self._poster.post("mash/decision-1", body, f"decision-{reference}")
        requests = tuple(Due(partner=ECAF, kind=REQUEST, child=child) for child in referral.children if goes_on)
        self.accepted.append(
            Accepted(
                message_id=message_id,
                correlation_id=referral.message_id,
                number=next(self._numbers),
                children=referral.children,
                lane=referral.lane,
                leaf_hash=leaf_in(receipt),
                dues=(Due(partner=PORTAL, kind=FEEDBACK), *requests),
            )
        )


def receipt_in(answer: httpx.Response, body: bytes) -> tuple[str, str] | None:
    """Return message id and receipt if *answer* holds a receipt for *body*, as a careful sender looks at it."""
    if answer.status_code != HTTPStatus.ACCEPTED:
        return None
    try:
        told = answer.json()
        promised = json.loads(told["receipt"].split("\n")[1])
        message_id, receipt = str(told["message_id"]), str(told["receipt"])
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        return None
    is_ours = promised.get("body_sha256") == hashlib.sha256(body).hexdigest()
    return (message_id, receipt) if is_ours and promised.get("message_id") == message_id else None


def leaf_in(receipt: str) -> str:
    """Return the leaf hash a receipt promises; its signature is the verifier's business."""
    return str(json.loads(receipt.split("\n")[1])["leaf_hash"])
