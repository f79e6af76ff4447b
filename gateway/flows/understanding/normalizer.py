"""How does any partner's document become one of ours? The Normalizer."""

import hashlib
from dataclasses import dataclass, replace
from datetime import date

from gateway.flows.context import Desk
from gateway.flows.ports import Vault
from gateway.formats.gate import RecordSource
from gateway.formats.register import FORMATS, Format
from gateway.model.tree import Group
from gateway.translation.code_lists import fold
from gateway.translation.library import Library
from gateway.translation.losses import Loss, Unmapped, Warning_
from gateway.translation.message_translator import project, translate_in
from gateway.translation.run import Meaning

_PROJECTED = {"sims.pupil": "ecaf.episode"}
"""Documents we keep in another shape than they came in: a pupil's record is kept as the episode it starts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Normalized:
    """One record message in canonical form, with everything the sender must be told about the way there.

    Shape: `mapping` is the digest of the table it was made by, or of both where it took two. `tells_contacts` as of the
    record's source. `given` are the labels that mean what a person said: list, label and code.
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
    given: tuple[tuple[str, str, str], ...] = ()


class Normalizer:
    """Turns record sources of any format into canonical documents."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def normalize(self, format_name: str, kind: str, source: RecordSource, *, on: date) -> Normalized:
        """Return *source* as a canonical document; *on* is the day it came, after which nobody has been born yet.

        Raises:
            TranslationError: a value that must be carried cannot be.
        """
        given: dict[tuple[str, str], str] = {}

        def meaning(list_name: str, label: str) -> str | None:
            code = self._meaning(list_name, label)
            if code is not None:
                given[list_name, label] = code
            return code

        item = understand(self._desk.library, FORMATS[format_name], source, meaning=meaning, on=on)
        told = tuple((list_name, label, code) for (list_name, label), code in given.items())
        return replace(item, kind=kind, given=told)

    def _meaning(self, list_name: str, label: str) -> str | None:
        """Return the code a person gave *label*, if one has; the label itself is only ever kept blinded."""
        blinded = blind_label(self._desk.vault, list_name, label)
        return self._desk.store.read(lambda uow: uow.labels.meaning(list_name, blinded))


def understand(library: Library, form: Format, source: RecordSource, *, meaning: Meaning, on: date) -> Normalized:
    """Return *source*, of the format *form*, as the canonical document that the tables of *library* make of it.

    Raises:
        TranslationError: a value that must be carried cannot be.
    """
    translated = translate_in(library.inbound(form.name), source.tree, meaning=meaning, on=on)
    document, tree, losses, mapping = translated.document, translated.tree, translated.losses, translated.mapping
    target = _PROJECTED.get(document)
    if target is not None:
        table = library.projection(document, target)
        projection = project(table, tree, index=0)
        document, tree, losses = target, projection.tree, (*losses, *projection.losses)
        mapping = hashlib.sha256(f"{mapping}\n{table.digest}".encode()).hexdigest()
    return Normalized(
        position=source.position,
        kind=form.kind,
        document=document,
        tree=tree,
        mapping=mapping,
        losses=tuple(losses),
        unmapped=tuple(translated.unmapped),
        warnings=tuple(translated.warnings),
        tells_contacts=source.tells_contacts,
    )


def blind_label(vault: Vault, list_name: str, label: str) -> str:
    """Return what *label* of the list is known by: labels that compare as the same are one."""
    return vault.blind(f"label/{list_name}", fold(label)).hex()
