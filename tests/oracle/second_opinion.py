"""What does Cedar say of a question, by policies written from the prose alone?

Nothing is decided here. Cedar has no "some consent in this list", so every paper is read by a request of its own; the
ids of the policies that hold are its labels, and labels are joined as sets. The one sum done in Python is the day by
which a spoken consent must be confirmed: Cedar knows instants, not working days.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import cedarpy

HERE = Path(__file__).parent
POLICY_FILES = ("reading.cedar", "facts.cedar", "sharing.cedar", "cutting.cedar")
TIMES = ("effective_from", "expires_on")
VERBAL_WORKING_DAYS = 10
ENGLAND = ZoneInfo("Europe/London")
# Bank holidays of England, https://www.gov.uk/bank-holidays
BANK_HOLIDAYS = frozenset(
    date.fromisoformat(day)
    for day in (
        *(
            "2026-01-01",
            "2026-04-03",
            "2026-04-06",
            "2026-05-04",
            "2026-05-25",
            "2026-08-31",
            "2026-12-25",
            "2026-12-28",
        ),
        *(
            "2027-01-01",
            "2027-03-26",
            "2027-03-29",
            "2027-05-03",
            "2027-05-31",
            "2027-08-30",
            "2027-12-27",
            "2027-12-28",
        ),
    )
)

Labels = frozenset[str]
Question = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """Whether the document may go, the policies that said so, and the categories that may not go with it.

    Shape: `hides` tells whether it may not tell of whoever has not agreed.
    """

    permits: bool
    because: Labels
    cut: Labels
    hides: bool = False


class SecondOpinion:
    """Answers questions by a set of Cedar policies; equal requests are asked of Cedar once."""

    def __init__(self, policies: str) -> None:
        self._policies = cedarpy.PolicySet.from_str(policies)
        self._answers: dict[tuple[str, str, str], tuple[bool, Labels]] = {}

    def __call__(self, question: Question) -> Opinion:
        """The opinion on one question, in the JSON shape of `gateway decide`."""
        purpose, recipient = question.get("purpose", ""), question.get("recipient", {})
        categories = sorted(question.get("categories", ()))
        facts = self._labels("ReadQuestion", _bare(question))
        consents = self._join(self._consent(each, question) for each in question.get("consents", ()))
        flags = self._flags(question)
        agreed, _ = self._ask("Agree", {"consents": _listed(consents)})
        ground = self._labels("FindGround", {"facts": _listed(facts), "agreed": agreed})
        weighed = {"purpose": purpose, "facts": _listed(facts), "flags": _listed(flags)}
        permits, because = self._ask(
            "Share",
            {
                **weighed,
                "consents": _listed(consents),
                "agreed": agreed,
                "ground": _listed(ground),
                "categories": categories,
            },
        )
        if not permits:
            return Opinion(permits=False, because=because, cut=frozenset())
        rests = {**weighed, "ground": _listed(ground | because), "type": recipient.get("type", "")}
        denied = self._join(self._denied(each, question) for each in question.get("consents", ()))
        cut = frozenset(
            each
            for each in categories
            if each != "CAT-ROUTING" and not self._ask("Release", {**rests, "denied": each in denied}, each)[0]
        )
        tells, _ = self._ask("TellOfOthers", rests)
        left = frozenset(categories) - cut - {"CAT-ROUTING"}
        sent, empty = self._ask("Send", {"purpose": purpose, "left": _listed(left), "cut": _listed(cut)})
        return Opinion(permits=sent, because=because if sent else empty, cut=cut, hides=not tells)

    def _consent(self, consent: Question, question: Question) -> Labels:
        """What one consent says of this sharing: read, weighed, told."""
        recipient = question.get("recipient", {})
        purpose = question.get("purpose", "")
        told: dict[str, Any] = {
            "purpose": purpose,
            "recipient": [recipient[key] for key in ("organisation", "type") if key in recipient],
            "consent": _consent_for_cedar(consent),
        }
        if "at" in question:
            told["at"] = _instant(question["at"])
        read = self._labels("ReadConsent", told)
        content = "content" in self._labels("ReadQuestion", _bare(question))
        read |= self._labels("WeighConsent", {"purpose": purpose, "read": _listed(read), "content": content})
        return self._labels("TellConsent", {"read": _listed(read)})

    def _denied(self, consent: Question, question: Question) -> Labels:
        """The categories that a consent about this sharing keeps back."""
        about = "limits-categories" in self._consent(consent, question)
        return frozenset(consent.get("categories_denied", ())) if about else frozenset()

    def _flags(self, question: Question) -> Labels:
        """The flags that bind this recipient."""
        organisation = question.get("recipient", {}).get("organisation", "")
        read = [
            (each["flag"], self._labels("ReadFlag", {"organisation": organisation, "flag": dict(each)}))
            for each in question.get("flags", ())
        ]
        binding = frozenset(flag for flag, labels in read if "binds" in labels)
        return binding | (self._join(labels for _, labels in read) - {"binds"})

    @staticmethod
    def _join(readings: Iterable[Labels]) -> Labels:
        """All labels that some reading gave."""
        return frozenset().union(*readings)

    def _labels(self, action: str, context: Question) -> Labels:
        """The ids of the policies that hold for this action."""
        return self._ask(action, context)[1]

    def _ask(self, action: str, context: Question, category: str = "") -> tuple[bool, Labels]:
        """Cedar's answer and the ids of the policies that made it; a policy that could not be evaluated is an error."""
        key = (action, category, json.dumps(context, sort_keys=True))
        if key not in self._answers:
            self._answers[key] = _ask_cedar(self._policies, *key)
        return self._answers[key]


def _ask_cedar(policies: cedarpy.PolicySet, action: str, category: str, context: str) -> tuple[bool, Labels]:
    """One request to Cedar."""
    request = {
        "principal": {"type": "Gateway", "id": "gateway"},
        "action": {"type": "Action", "id": action},
        "resource": {"type": "Category", "id": category},
        "context": context,
    }
    answer = cedarpy.is_authorized(request, policies, [])
    if answer.diagnostics.errors:
        raise ValueError(f"Cedar could not evaluate {action}: {answer.diagnostics.errors}")
    return answer.allowed, frozenset(answer.diagnostics.id_annotations_by_reason.values())


@cache
def second_opinion() -> SecondOpinion:
    """The engine of the policies beside this file."""
    return SecondOpinion(policy_text())


def policy_text() -> str:
    """The policies as written."""
    return "\n".join((HERE / name).read_text(encoding="utf-8") for name in POLICY_FILES)


def _bare(question: Question) -> dict[str, Any]:
    """The question without its papers, each of which is read by itself."""
    bare = {key: value for key, value in question.items() if key not in {"consents", "flags", "categories", "at"}}
    if "match" in bare:
        bare["match"] = {key: value for key, value in bare["match"].items() if key != "score"}
    return {"purpose": "", "requester": {}, "recipient": {}, **bare}


def _consent_for_cedar(consent: Question) -> dict[str, Any]:
    """The consent with its times as instants, and the instant by which a spoken one must be confirmed."""
    told = {key: _instant(value) if key in TIMES else value for key, value in consent.items()}
    if "effective_from" in consent:
        told["confirm_by"] = _instant(confirm_by(consent["effective_from"]).isoformat())
    return told


def confirm_by(given: str) -> datetime:
    """The first instant after the tenth working day in England that follows the day a spoken consent was given."""
    day, left = datetime.fromisoformat(given).astimezone(ENGLAND).date(), VERBAL_WORKING_DAYS
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < 5 and day not in BANK_HOLIDAYS
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=ENGLAND)


def _instant(text: str) -> dict[str, Any]:
    """A time as Cedar takes it: UTC, to the millisecond."""
    at = datetime.fromisoformat(text).astimezone(UTC)
    return {"__extn": {"fn": "datetime", "arg": at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03}Z"}}


def _listed(labels: Iterable[str]) -> list[str]:
    """Labels in one order, so that equal sets make equal requests."""
    return sorted(labels)
