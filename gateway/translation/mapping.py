"""What is a mapping, loaded and ready?"""

from collections.abc import Mapping as Names
from dataclasses import dataclass, field

from gateway.translation.plan import Plan
from gateway.translation.rows import MappingFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """One mapping file that was found sound.

    Shape: `name` is the file's path below mappings/. `digest` is the SHA-256 (hex) of the file and of every code list
    it uses: by it one can say, years later, by which table a document was translated. A projection has its plan in
    `inbound`. `reads` and `writes` are the canonical leaves that rows take from and give to; `several` counts the rows
    that read more than one leaf. `alike` has, where names are not exact, all names under which the value of each is
    looked for, by the letters they are compared by.
    """

    name: str
    file: MappingFile
    digest: str
    inbound: Plan | None
    outbound: Plan | None
    reads: frozenset[str]
    writes: frozenset[str]
    several: int
    alike: Names[str, frozenset[str]] = field(default_factory=dict)

    @property
    def format(self) -> str:
        """Return the partner's format, empty for a projection."""
        return self.file.format

    @property
    def document(self) -> str:
        """Return the canonical document on our side."""
        return self.file.document
