"""What did the partner get, and what did it make of it?

An *effect* is a document taken for the first time under its message id; getting it again has none. With a file, every
entry is on disk before the partner answers, so that a campaign that kills processes can count effects afterwards.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from gateway.model.tree import Group, Tree


@dataclass(slots=True, kw_only=True)
class Journal:
    """Everything one simulated partner got, in order.

    Shape: `received` has one entry for each request, `effects` one for each message id; `file` holds one JSON object a
    line, `what` being `received` or `effect`. Restarted on the same file, a partner remembers its effects.
    """

    file: Path | None = None
    keeps_documents: bool = True
    received: list[Group] = field(default_factory=list)
    effects: dict[str, Group] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for entry in self._lines():
            if entry.get("what") == "effect":
                self.effects[str(entry["message_id"])] = {name: entry[name] for name in entry if name != "what"}
        if self.file is not None and self.file.exists() and not self.file.read_bytes().endswith(b"\n"):
            # A line that was cut off by a kill: what comes after it must not be glued to it.
            self._append("")

    def get(self, entry: Group) -> None:
        """Note one request, whatever came of it."""
        entry["number"] = len(self.received) + 1
        self.received.append(entry)
        self._write("received", entry)

    def take(self, message_id: str, effect: Group, document: Tree) -> bool:
        """Have the effect of a document unless it was had before, and tell which."""
        known = self.effects.get(message_id)
        if known is not None:
            times = known.get("times")
            known["times"] = times + 1 if isinstance(times, int) else 1
            return False
        kept: Group = {**effect, "message_id": message_id, "times": 1, "position": len(self.effects) + 1}
        if self.keeps_documents:
            kept["document"] = document
        self.effects[message_id] = kept
        self._write("effect", kept)
        return True

    def forget(self, message_id: str) -> None:
        """Know nothing of a document any more, though its effect was had."""
        known = self.effects.pop(message_id, None)
        if known is not None:
            self.effects[f"{message_id}#{len(self.effects) + 1}"] = known

    def purge(self, message_id: str, certificate: str) -> bool:
        """Destroy the document had under *message_id*, keep that it was, and tell whether there was one."""
        known = self.effects.get(message_id)
        if known is None:
            return False
        known.pop("document", None)
        known["purged"] = certificate
        self._write("purge", {"message_id": message_id, "purged": certificate})
        return True

    def _lines(self) -> Iterator[Group]:
        if self.file is None or not self.file.exists():
            return
        for line in self.file.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                entry = json.loads(line)
            except ValueError:
                continue
            if isinstance(entry, dict):
                yield entry

    def _write(self, what: str, entry: Group) -> None:
        if self.file is not None:
            self._append(json.dumps({"what": what, **entry}, ensure_ascii=False))

    def _append(self, line: str) -> None:
        if self.file is None:
            return
        with self.file.open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")
            file.flush()
            os.fsync(file.fileno())
