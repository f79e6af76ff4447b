"""What may happen in one history? Drawn from a seed, and small enough to be read."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from random import Random

from tests.simulation.ports import ANSWERS

SCENES = {
    "ordered": 30,
    "ordered once": 22,
    "ordered asked": 12,
    "siblings": 12,
    "shared": 6,
    "known": 15,
    "accepted": 6,
    "held": 6,
    "last day": 4,
    "dead": 7,
    "school": 2,
}
"""Where a history begins, and how often."""
_ACTS = (
    "withdraw",
    "consent",
    "flag",
    "lift",
    "agreement ends",
    "agreement again",
    "agreement today",
    "permit",
    "replay",
)
_DOCUMENTS = ("decision", "decision", "decision again", "referral", "refusal", "word", "word again", "urgent")
_FAULTS = ("failed", "unanswered")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that is not the order of turns.

    Shape: `documents` are taken in one after the other, `acts` are a coordinator's; `jumps` are seconds the clock goes
    forward by; `answers` are what partners do with the first documents they are sent. `faults` are (actor, the number
    of its transaction, what becomes of it); `kills` are (actor, its turn); `crashes` are turns of the one who kills the
    whole process; `lost` are the numbers of wake-ups that nobody hears.
    """

    seed: int
    scene: str
    style: str = "even"
    documents: tuple[str, ...] = ()
    acts: tuple[str, ...] = ()
    jumps: tuple[float, ...] = ()
    answers: tuple[str, ...] = ()
    faults: tuple[tuple[str, int, str], ...] = ()
    kills: tuple[tuple[str, int], ...] = ()
    crashes: tuple[int, ...] = ()
    lost: tuple[int, ...] = ()
    workers: tuple[str, ...] = ("deliver-1", "deliver-2")


def plan_of(seed: int) -> Plan:
    """Return the plan *seed* stands for."""
    chance = Random(seed)  # noqa: S311 - a history is to come again, not to be unguessable
    scene = chance.choices(list(SCENES), weights=list(SCENES.values()))[0]
    documents = _documents(chance, scene)
    workers = _workers(chance, scene, documents)
    acts = _acts(chance, scene)
    others = ("sender",) * bool(documents) + ("coordinator",) * bool(acts)
    return Plan(
        seed=seed,
        scene=scene,
        style=chance.choice(("even", "even", "sticky", "ranked")),
        documents=documents,
        acts=acts,
        jumps=tuple(
            chance.choice((1.0, 61.0, 61.0, 75.0, 7_200.0, 86_400.0)) for _ in range(chance.choice((0, 1, 1, 2)))
        ),
        answers=tuple(chance.choice(ANSWERS) if chance.random() < 0.4 else "takes" for _ in range(4)),
        faults=_faults(chance, workers, others),
        kills=tuple((chance.choice(workers), chance.randint(1, 25)) for _ in range(chance.choice((0, 0, 0, 1)))),
        crashes=tuple(chance.randint(5, 90) for _ in range(chance.random() < 0.12)),
        lost=tuple(chance.randint(1, 6) for _ in range(chance.random() < 0.2)),
        workers=workers,
    )


def smaller(plan: Plan) -> Iterator[Plan]:
    """Yield *plan* with one thing less, each in its turn."""
    for name in (one.name for one in fields(plan) if one.name not in {"seed", "scene", "style"}):
        things = getattr(plan, name)
        for number in range(len(things)):
            yield replace(plan, **{name: things[:number] + things[number + 1 :]})
    if plan.style != "sticky":
        yield replace(plan, style="sticky")


def _documents(chance: Random, scene: str) -> tuple[str, ...]:
    if scene == "known":
        return tuple(chance.choice(_DOCUMENTS) for _ in range(chance.choice((1, 1, 2))))
    if scene == "school":
        return ("school",)
    return ("refusal",) if scene == "ordered" and chance.random() < 0.1 else ()


def _acts(chance: Random, scene: str) -> tuple[str, ...]:
    first = {"held": ("permit",), "dead": ("replay",)}.get(scene, ())
    more = tuple(chance.choice(_ACTS) for _ in range(chance.choice((0, 1, 1, 2, 3))))
    return (*first, *more) if chance.random() < 0.7 else (*more, *first)


def _faults(chance: Random, workers: tuple[str, ...], others: tuple[str, ...]) -> tuple[tuple[str, int, str], ...]:
    """Return transactions that fail: single ones, or several of one worker in a row, as with a disk that is full."""
    if chance.random() < 0.1:
        first, worker = chance.randint(1, 4), chance.choice(workers)
        return tuple((worker, number, "failed") for number in range(first, first + chance.randint(2, 3)))
    hit = [chance.choice(workers + others) for _ in range(chance.choice((0, 0, 1, 2)))]
    return tuple((who, chance.randint(1, 2 if who in others else 6), chance.choice(_FAULTS)) for who in hit)


def _workers(chance: Random, scene: str, documents: tuple[str, ...]) -> tuple[str, ...]:
    workers = ["deliver-1", "deliver-2"]
    if documents or scene == "accepted":
        workers.append("process-1")
        workers += ["process-2"] * (chance.random() < 0.6)
    if "school" in documents:
        workers += ["file-1", "file-2"]
    if "urgent" in documents:
        workers += ["first-1", "swift-1"]
    workers += [name for name in ("deliver-3", "sequencer", "ticker") if chance.random() < 0.12]
    return tuple(workers)
