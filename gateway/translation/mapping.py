"""What is a mapping, loaded and ready?"""

from dataclasses import dataclass

from gateway.translation.plan import Plan
from gateway.translation.rows import MappingFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """One mapping file that was found sound.

    Shape: `name` is the file's path below mappings/. `digest` is the SHA-256 (hex) of the file and of every code list
    it uses: by it one can say, years later, by which table a document was translated. A projection has its plan in
    `inbound`. `reads` and `writes` are the canonical leaves that rows take from and give to; `several` counts the rows
    that read more than one leaf.
    """

    name: str
    file: MappingFile
    digest: str
    inbound: Plan | None
    outbound: Plan | None
    reads: frozenset[str]
    writes: frozenset[str]
    several: int

    @property
    def format(self) -> str:
        """Return the partner's format, empty for a projection."""
        return self.file.format

    @property
    def document(self) -> str:
        """Return the canonical document on our side."""
        return self.file.document
