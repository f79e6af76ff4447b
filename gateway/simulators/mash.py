"""How does a MASH look from outside? It takes referrals, acknowledges them, and some time later decides.

Acknowledgements and decisions go to the gateway's own intake as `mash/decision-1`: when told (`/_simulator/decide`), or
by itself once told how (`/_simulator/automatic`). What it asks its partners goes there as `mash/partner-check-1`
(`/_simulator/check`).
"""

import asyncio
import hashlib
import json
from typing import Any

import httpx
from fastapi import APIRouter, FastAPI
from pydantic import BaseModel, ConfigDict, Field

from gateway.model.partner_check import CheckQuestion, Rag
from gateway.model.referral import Level, MashOutcome
from gateway.model.tree import Group, Tree
from gateway.simulators.behaviour import Behaviour, Mood
from gateway.simulators.clock import Clock, partner_now
from gateway.simulators.journal import Journal
from gateway.simulators.partner import Partner, partner_app
from gateway.simulators.running import Options, main

_INTAKE = "/v1/intake/mash/decision-1"
_CHECKS = "/v1/intake/mash/partner-check-1"
_ANSWERS = "/v1/intake/ecaf/notice-answer-1"
_CHECK, _CHECK_ANSWER = "mash/partner-check-1", "mash/check-answer-1"
_PATIENCE_SECONDS = 10.0
_TRIES = 5
_PAUSE_SECONDS = 0.2
_TRY_AGAIN_FROM = 500
_TOO_MANY = 429


class Gateway(BaseModel):
    """Where the gateway is, and what to show it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    url: str
    token: str


class Step(BaseModel):
    """What the MASH says about one referral.

    Shape: `times` is how often it says it, word for word, under one idempotency key.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    reference: str
    step: str = "decided"
    outcome: MashOutcome | None = None
    reason: str | None = None
    advice: str | None = None
    service: str | None = None
    contact: str | None = None
    missing: list[str] = Field(default_factory=list)
    at: str | None = None
    times: int = Field(default=1, ge=1)


class Check(BaseModel):
    """What the MASH asks its partners: about whom, how urgently, and by when.

    Shape: each child has `given_names`, `family_name`, `born` and the other identifiers of `mash.check`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    reference: str
    rag: Rag = Rag.RED
    level: Level | None = None
    question: CheckQuestion = CheckQuestion.KNOWN
    due_at: str | None = None
    children: list[dict[str, str]] = Field(min_length=1)


class Automatic(BaseModel):
    """What the MASH does by itself with each new referral. Units: seconds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    acknowledge: bool = True
    outcome: MashOutcome | None = None
    reason: str | None = None
    advice: str | None = None
    service: str | None = None
    contact: str | None = None
    missing: list[str] = Field(default_factory=list)
    after_seconds: float = 0.0


class Mash:
    """The MASH's own mind: which referrals it has, and what it says about them."""

    def __init__(self, clock: Clock, gateway: Gateway | None) -> None:
        self.gateway = gateway
        self.automatic: Automatic | None = None
        self.said: list[dict[str, Any]] = []
        self._clock = clock
        self._thoughts: set[asyncio.Task[None]] = set()

    async def take(self, document: Tree, behaviour: Behaviour) -> None:
        """Think about a referral or request that has just come, without making the gateway wait."""
        reference = reference_in(document)
        is_answer = isinstance(document, dict) and document.get("format") == _CHECK_ANSWER
        if self.automatic is None or self.gateway is None or reference is None or is_answer:
            return
        times = 2 if behaviour.behaviour is Mood.REPEAT else 1
        thought = asyncio.create_task(self._think(reference, self.automatic, times))
        self._thoughts.add(thought)
        thought.add_done_callback(self._thoughts.discard)

    async def say(self, step: Step) -> dict[str, Any]:
        """Post *step* to the gateway's intake and return what came of it."""
        at = step.at or self._clock().isoformat()
        document = {
            "reference": step.reference,
            "step": step.step,
            "mash_reference": f"M-{step.reference}",
            "at": at,
            "outcome": step.outcome,
            "reason": step.reason,
            "advice": step.advice,
            "service": step.service,
            "contact": step.contact,
            "missing": step.missing or None,
        }
        told = {name: value for name, value in document.items() if value is not None}
        answers = [await self._post(_INTAKE, told) for _ in range(step.times)]
        entry = {"reference": step.reference, "step": step.step, "answers": answers}
        self.said.append(entry)
        return entry

    async def ask(self, check: Check) -> dict[str, Any]:
        """Post *check*, a question to partners, to the gateway's intake and return what came of it."""
        at = self._clock().isoformat()
        asked = {**check.model_dump(mode="json", exclude_none=True), "asked_at": at}
        document = {
            "format": _CHECK,
            "message": "mash.check.requested",
            "message_id": f"check-{check.reference}",
            "correlation_id": check.reference,
            "sent_at": at,
            "sender": "mash-simulator",
            "document": asked,
        }
        entry = {"reference": check.reference, "step": "check", "answers": [await self._post(_CHECKS, document)]}
        self.said.append(entry)
        return entry

    async def reply(self, answer: Group) -> None:
        """Post *answer*, to a notice, to the gateway's intake, without making the gateway wait."""
        thought = asyncio.create_task(self._reply(answer))
        self._thoughts.add(thought)
        thought.add_done_callback(self._thoughts.discard)

    async def _reply(self, answer: Group) -> None:
        told = [await self._post(_ANSWERS, dict(answer))]
        self.said.append({"reference": answer["in_answer_to"], "step": "answered", "answers": told})

    async def _think(self, reference: str, automatic: Automatic, times: int) -> None:
        if automatic.acknowledge:
            await self.say(Step(reference=reference, step="acknowledged", times=times))
        if automatic.outcome is not None:
            await asyncio.sleep(automatic.after_seconds)
            shown = automatic.model_dump(include={"outcome", "reason", "advice", "service", "contact", "missing"})
            await self.say(Step(reference=reference, **shown))

    async def _post(self, path: str, document: dict[str, Any]) -> dict[str, Any]:
        """Return status and body of the gateway's answer; a gateway that is away is asked again a few times."""
        if self.gateway is None:
            return {"status": None, "body": "no gateway is set"}
        # Said again word for word, it has the same key; said otherwise, another.
        key = hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
        headers = {"Authorization": f"Bearer {self.gateway.token}", "Idempotency-Key": key}
        answer: dict[str, Any] = {"status": None, "body": "the gateway did not answer"}
        async with httpx.AsyncClient(timeout=_PATIENCE_SECONDS) as client:
            for attempt in range(_TRIES):
                await asyncio.sleep(_PAUSE_SECONDS * attempt)
                try:
                    response = await client.post(self.gateway.url + path, json=document, headers=headers)
                except httpx.TransportError as error:
                    answer = {"status": None, "body": type(error).__name__}
                    continue
                answer = {"status": response.status_code, "body": response.text}
                if response.status_code < _TRY_AGAIN_FROM and response.status_code != _TOO_MANY:
                    break
        return answer


def mash_app(
    journal: Journal | None = None,
    *,
    gateway: Gateway | None = None,
    token: str | None = None,
    clock: Clock = partner_now,
) -> FastAPI:
    """Return the MASH simulator: referrals at any path, controls under `/_simulator`."""
    mash = Mash(clock, gateway)
    kept = journal or Journal()
    partner = Partner(prefix="MASH", journal=kept, token=token, clock=clock, replies=mash.reply)
    return partner_app(partner, mash.take, _controls(mash))


def reference_in(document: Tree) -> str | None:
    """Return the referral's reference: the first `reference` of *document*, looking wide before deep."""
    level: list[Tree] = [document]
    while level:
        for group in level:
            if isinstance(group, dict) and isinstance(group.get("reference"), str):
                return str(group["reference"])
        level = [part for group in level for part in _parts(group)]
    return None


def _parts(tree: Tree) -> list[Tree]:
    match tree:
        case dict():
            return list(tree.values())
        case list():
            return tree
        case _:
            return []


def _controls(mash: Mash) -> APIRouter:
    router = APIRouter(prefix="/_simulator")

    @router.post("/gateway")
    async def gateway(told: Gateway) -> dict[str, str]:
        mash.gateway = told
        return {"url": told.url}

    @router.post("/automatic")
    async def automatic(told: Automatic) -> Automatic:
        mash.automatic = told
        return told

    @router.post("/acknowledge")
    async def acknowledge(told: Step) -> dict[str, Any]:
        return await mash.say(told.model_copy(update={"step": "acknowledged", "outcome": None}))

    @router.post("/decide")
    async def decide(told: Step) -> dict[str, Any]:
        return await mash.say(told)

    @router.post("/check")
    async def check(told: Check) -> dict[str, Any]:
        return await mash.ask(told)

    @router.get("/said")
    async def said() -> list[dict[str, Any]]:
        return mash.said

    return router


def _build(options: Options) -> FastAPI:
    known = options.gateway is not None and options.gateway_token is not None
    gateway = Gateway(url=options.gateway or "", token=options.gateway_token or "") if known else None
    return mash_app(Journal(file=options.journal), gateway=gateway, token=options.token)


if __name__ == "__main__":
    main("mash", _build)
