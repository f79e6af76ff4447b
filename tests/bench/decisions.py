"""How many sharing decisions can be made in a second, when the family has said much?"""

import statistics
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from gateway.app.resources import read_resources
from gateway.app.settings import Settings
from gateway.consent.decide import decide
from gateway.consent.decision import Permit
from gateway.consent.flip import flips
from gateway.consent.policy import Policy
from gateway.consent.question import Consent, Question
from gateway.consent.question_json import question_from_json
from gateway.consent.rule_book import load_rule_book
from tests.bench.documents import QUESTION
from tests.bench.translation import timed

RECORDS = (10, 100, 1000)
_DECISIONS = 200_000
"""How many consent records all decisions of one size look at together."""
_EXPLAINED = 5


def measure_decisions(_folder: Path) -> dict[str, float]:
    """Return, for each number of consent records, decisions per second of one thread, and p50 and p99 of one."""
    rules = load_rule_book(read_resources(Settings.model_construct()).policies)
    first = question_from_json(QUESTION)
    policy = rules.at(first.area, first.at).policy
    found: dict[str, float] = {}
    for number in RECORDS:
        question = replace(first, consents=said(first.consents[0], number))
        if not isinstance(decide(question, policy=policy), Permit):
            raise TypeError("what is measured is a decision that looks at every word and permits")
        found |= _of(question, policy, number)
    return found


def said(yes: Consent, number: int) -> tuple[Consent, ...]:
    """Return *number* words of a family: yeses in force, yeses to other things, what ran out and what was replaced."""
    kinds = (
        yes,
        replace(yes, status="SUPERSEDED"),
        replace(yes, purposes=("REQUEST_EH",)),
        replace(yes, kinds=("TRANSFER",), purposes=("TRANSFER",)),
        replace(yes, expires_on=yes.effective_from + timedelta(days=1) if yes.effective_from else None),
    )
    return tuple(replace(kinds[place % len(kinds)], consent_id=f"c{place}") for place in range(number))


def _of(question: Question, policy: Policy, number: int) -> dict[str, float]:
    taken = sorted(timed(lambda: decide(question, policy=policy), times=max(_DECISIONS // number, 200)))
    explained = timed(lambda: flips(question, policy=policy), times=_EXPLAINED)
    return {
        f"decisions_per_second {number} consents": 1e3 / statistics.fmean(taken),
        f"decide_p50_ms {number} consents": statistics.median(taken),
        f"decide_p99_ms {number} consents": taken[int(len(taken) * 0.99)],
        f"explain_ms {number} consents": statistics.median(explained),
    }
