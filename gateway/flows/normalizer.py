"""How does any partner's document become one of ours? The Normalizer."""

from dataclasses import dataclass
from datetime import date

from gateway.flows.context import Desk
from gateway.formats.gate import RecordSource
from gateway.model.tree import Group
from gateway.translation.losses import Loss, Unmapped, Warning_
from gateway.translation.message_translator import Translated, project, translate_in

_PROJECTED = {"sims.pupil": "ecaf.episode"}
"""Documents we keep in another shape than they came in: a pupil's record is kept as the episode it starts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Normalized:
    """One record message in canonical form, with everything the sender must be told about the way there.

    Shape: `tells_contacts` as of the record's source.
    """

    position: int
    kind: str
    document: str
    tree: Group
    mapping: str
    losses: tuple[Loss, ...]
    unmapped: tuple[Unmapped, ...]
    warnings: tuple[Warning_, ...] = ()
    tells_contacts: bool = False


class Normalizer:
    """Turns record sources of any format into canonical documents."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def normalize(self, format_name: str, kind: str, source: RecordSource, *, on: date) -> Normalized:
        """Return *source* as a canonical document; *on* is the day it came, after which nobody has been born yet.

        Raises:
            TranslationError: a value that must be carried cannot be.
        """
        mapping = self._desk.library.inbound(format_name)
        translated = translate_in(mapping, source.tree, meaning=self._meaning, on=on)
        return self._normalized(kind, source, translated)

    def _normalized(self, kind: str, source: RecordSource, translated: Translated) -> Normalized:
        document, tree, losses = translated.document, translated.tree, tuple(translated.losses)
        target = _PROJECTED.get(document)
        if target is not None:
            projection = project(self._desk.library.projection(document, target), tree, index=0)
            document, tree, losses = target, projection.tree, (*losses, *projection.losses)
        return Normalized(
            position=source.position,
            kind=kind,
            document=document,
            tree=tree,
            mapping=translated.mapping,
            losses=losses,
            unmapped=tuple(translated.unmapped),
            warnings=tuple(translated.warnings),
            tells_contacts=source.tells_contacts,
        )

    def _meaning(self, list_name: str, label: str) -> str | None:
        """Return the code a person gave *label*, if one has; the label itself is only ever kept blinded."""
        blinded = self._desk.vault.blind(f"label/{list_name}", label).hex()
        return self._desk.store.read(lambda uow: uow.labels.meaning(list_name, blinded))
