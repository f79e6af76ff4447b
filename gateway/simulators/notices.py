"""What does a partner do with a notice about documents it has? As it is asked: stops, purges and certifies, marks.

A document that is purged leaves the journal's memory; that it was had, and under which certificate it was destroyed,
stays. With a gateway to answer to, the answer goes to its intake; else it waits to be fetched.
"""

from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter

from gateway.model.tree import Group, Tree
from gateway.simulators.clock import Clock
from gateway.simulators.journal import Journal

_FORMAT = "ecaf/notice-1"
_ANSWERS = {"STOP_SHARING": "STOPPED", "PURGE": "PURGED", "CORRECTION": "CORRECTED"}


@dataclass(slots=True, kw_only=True)
class Notices:
    """What a partner was told about documents it has, and what it answered."""

    prefix: str
    journal: Journal
    clock: Clock
    answers: list[Group] = field(default_factory=list)
    stopped: set[str] = field(default_factory=set)
    corrected: set[str] = field(default_factory=set)
    obeys: bool = True
    """Whether it does as it is asked; one that does not answers that it cannot."""

    def heed(self, document: Tree) -> Group | None:
        """Do what *document* asks if it is a notice, and return the answer to it."""
        notice = _notice_in(document)
        if notice is None or not isinstance(document, dict):
            return None
        step, named = str(notice.get("step")), notice.get("documents")
        names = [str(name) for name in named] if isinstance(named, list) else []
        answer: Group = {
            "in_answer_to": str(document["message_id"]),
            "answer": _ANSWERS.get(step, "CANNOT") if self.obeys else "CANNOT",
            "at": self.clock().isoformat().replace("+00:00", "Z"),
        }
        if self.obeys:
            answer |= self._obey(step, names)
        self.answers.append(answer)
        return answer

    def _obey(self, step: str, names: list[str]) -> Group:
        match step:
            case "PURGE":
                certificate = f"{self.prefix}-PURGE-{len(self.answers) + 1:04}"
                purged = [name for name in names if self.journal.purge(name, certificate)]
                return {"certificate": certificate, "documents": [*purged]}
            case "STOP_SHARING":
                self.stopped.update(names)
            case _:
                self.corrected.update(names)
        return {}


def notice_routes(notices: Notices) -> APIRouter:
    """Return the controls that show what a partner was told and answered, and let it disobey."""
    router = APIRouter(prefix="/_simulator")

    @router.get("/notices")
    async def told() -> dict[str, Any]:
        return {
            "answers": list(notices.answers),
            "stopped": sorted(notices.stopped),
            "corrected": sorted(notices.corrected),
        }

    @router.post("/notices/obedience")
    async def obedience(told: dict[str, bool]) -> dict[str, bool]:
        notices.obeys = told["obeys"]
        return told

    return router


def _notice_in(document: Tree) -> Group | None:
    if not isinstance(document, dict) or document.get("format") != _FORMAT:
        return None
    inner = document.get("document")
    return inner if isinstance(inner, dict) else None
