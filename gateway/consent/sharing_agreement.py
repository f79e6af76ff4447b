"""On which lawful basis, and under which agreement, does information flow to an organisation?

Neither is the family's permission: an agreement between bodies says how they share, and the law why they may.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.consent.question import Agreement, Purpose

IN_FORCE: Final = "in_force"
EXPIRED: Final = "expired"
MISSING: Final = "missing"

ARTICLE_6: Final = ("GDPR-6.1.c", "GDPR-6.1.d", "GDPR-6.1.e", "GDPR-6.1.ea", "GDPR-6.1.f")
"""Legal obligation, vital interests, public task, recognised legitimate interest, legitimate interests.

Consent, Article 6(1)(a), is not among them: where bodies may act by law, it is not the basis they rely on.
Source: UK GDPR Article 6(1), with (ea) as inserted by the Data (Use and Access) Act 2025.
"""
ARTICLE_9: Final = ("GDPR-9.2.c", "GDPR-9.2.g:DPA2018-1.18", "GDPR-9.2.h:DPA2018-1.2")
"""Vital interests; safeguarding of children (Data Protection Act 2018 Schedule 1 paragraph 18); health or social care
(paragraph 2). Source: UK GDPR Article 9(2).
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """One purpose information flows for, and what the law bases it on."""

    purpose: str
    lawful_basis: str
    special_category_basis: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SharingAgreement:
    """One version of an agreement.

    Units: UTC, `effective_from` included and `expires_on` and `ended_at` not. An agreement that names no flow covers
    every purpose.
    """

    agreement_id: str
    version: str
    title: str
    organisations: tuple[str, ...]
    effective_from: datetime
    expires_on: datetime | None = None
    review_on: datetime | None = None
    ended_at: datetime | None = None
    ended_because: str | None = None
    flows: tuple[Flow, ...] = ()


def standing_agreement(versions: Iterable[SharingAgreement], purpose: Purpose, at: datetime) -> Agreement:
    """Return how the agreement with an organisation stands at *at* for *purpose*, of all its *versions*.

    The one that began last counts, of those in force that cover the purpose; where none is, the one that ended last.
    """
    covering = [one for one in versions if _flow(one, purpose) is not None or not one.flows]
    begun = [one for one in covering if one.effective_from <= at]
    ends = {one: end for one in begun if (end := end_of(one)) is not None}
    held = [one for one in begun if one not in ends or at < ends[one]]
    if held:
        return _as_fact(max(held, key=_order), purpose, IN_FORCE, 0)
    if ends:
        latest = max(ends, key=lambda one: (ends[one], _order(one)))
        return _as_fact(latest, purpose, EXPIRED, (at - ends[latest]).days)
    return Agreement(status=MISSING)


def end_of(agreement: SharingAgreement) -> datetime | None:
    """Return the instant from which *agreement* no longer holds, or None."""
    return min((one for one in (agreement.expires_on, agreement.ended_at) if one is not None), default=None)


def _order(agreement: SharingAgreement) -> tuple[datetime, str, str]:
    return agreement.effective_from, agreement.agreement_id, agreement.version


def _as_fact(agreement: SharingAgreement, purpose: Purpose, status: str, days: int) -> Agreement:
    flow = _flow(agreement, purpose)
    return Agreement(
        id=agreement.agreement_id,
        version=agreement.version,
        status=status,
        expired_days=days,
        lawful_basis=flow.lawful_basis if flow else None,
        special_category_basis=flow.special_category_basis if flow else None,
    )


def _flow(agreement: SharingAgreement, purpose: Purpose) -> Flow | None:
    return next((one for one in agreement.flows if one.purpose == purpose.value), None)
