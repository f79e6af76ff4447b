"""What does the scanner say in a test? What the test says; and it holds what it was shown."""

from dataclasses import dataclass, field
from datetime import datetime

from gateway.errors import TransientError
from gateway.flows.delivering.scanner import Clean, ScannerVersion, Verdict


@dataclass
class ScriptedScanner:
    """A scanner that looks at nothing."""

    says: list[Verdict] = field(default_factory=list)
    """Its next answers; when there are no more, everything is clean."""
    away: str | None = None
    signatures_at: datetime | None = None
    shown: list[bytes] = field(default_factory=list)

    def scan(self, content: bytes) -> Verdict:
        self.shown.append(content)
        return self.says.pop(0) if self.says else Clean()

    def trouble(self) -> str | None:
        return self.away

    def version(self) -> ScannerVersion:
        if self.away is not None:
            raise TransientError("nobody answers", code=self.away)
        return ScannerVersion(name="Invented 1.0", signatures_at=self.signatures_at)
