"""Has time alone changed what a permit rests on? No counter rises for that, so it is asked before anything leaves."""

from collections.abc import Iterable
from datetime import datetime

from gateway.consent.decision import Grounds
from gateway.flows.deciding.agreements import agreement_at
from gateway.flows.deciding.law_facts import Law, has_turned
from gateway.flows.store.rows import Organisation


def has_aged(grounds: Grounds, recipient: Organisation, law: Iterable[Law], *, version: str, at: datetime) -> bool:
    """Tell whether the policy, the recipient's agreement, a court order or a weighing is another than at the decision.

    Args:
        grounds: what the permit rests on.
        recipient: who would get it.
        law: what was ordered and weighed about the children, whenever it holds.
        version: the policy that holds now.
        at: now (UTC).
    """
    was, now = (agreement_at(recipient, when, grounds.purpose) for when in (grounds.decided_at, at))
    return grounds.policy_version != version or was != now or has_turned(law, grounds.decided_at, at)
