from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TypeAlias

import pytest

from gateway.consent.clearance import Clearance, CurrentFacts, clear
from gateway.consent.content_filter import categories_of
from gateway.consent.decision import Grounds, Permit, Redaction
from gateway.consent.question import Mode, Purpose
from gateway.formats.gate import split
from gateway.formats.limits import Limits
from gateway.formats.register import FORMATS
from gateway.model.tree import Group
from gateway.translation.code_lists import CodeLists
from gateway.translation.library import Library
from gateway.translation.load import load_mapping
from gateway.translation.message_translator import Translated, nothing_known, translate_in
from gateway.translation.partner_document import OutEnvelope

ROOT = Path(__file__).parents[3]
EXAMPLES = ROOT / "tests" / "vectors" / "examples"
AT = datetime(2026, 11, 18, 9, 15, tzinfo=UTC)
Translate: TypeAlias = Callable[..., Translated]
CODES = {
    "colour.csv": b"ours,theirs,system,valid_from,valid_to,source,note\n"
    b"R,Red,,,,here,\nR,Scarlet,,,,here,\nB,Blue,,,,here,\n,Rather not say,,,,here,\n",
}


@pytest.fixture(scope="session")
def library() -> Library:
    folder = ROOT / "mappings"
    kinds = ("inbound", "outbound", "both", "project")
    tables = {
        str(path.relative_to(folder)): path.read_bytes() for kind in kinds for path in folder.rglob(f"*.{kind}.toml")
    }
    lists = {path.name: path.read_bytes() for path in (folder / "codes").glob("*.csv") if "bank" not in path.name}
    aliases = {path.name: path.read_bytes() for path in (folder / "aliases").glob("*.csv")}
    return Library(tables, lists, aliases)


@pytest.fixture
def try_out() -> Translate:
    """Translate a source by the rows of a small mapping into a referral."""

    def translate(rows: str, source: Group, *, document: str = "mash.referral", on: date | None = None) -> Translated:
        head = f'title = "t"\nformat = "mash/try-1"\ndirection = "inbound"\ndocument = "{document}"\n'
        mapping = load_mapping("mash/try-1.inbound.toml", (head + rows).encode(), codes=CodeLists(CODES))
        return translate_in(mapping, source, meaning=nothing_known, on=on)

    return translate


@pytest.fixture
def read(library: Library) -> Callable[..., list[Translated]]:
    """Read an example file by its format, as the gateway would, record by record."""

    def translate(format_name: str, file: str, content_type: str) -> list[Translated]:
        body = (EXAMPLES / file).read_bytes()
        records = split(FORMATS[format_name], body, limits=Limits(), content_type=content_type)
        mapping = library.inbound(format_name)
        return [translate_in(mapping, one.tree, meaning=nothing_known, on=date(2026, 11, 20)) for one in records]

    return translate


@pytest.fixture(scope="session")
def cleared() -> Callable[..., Clearance]:
    """Clear a document, as hand-over does."""

    def clearance(document: str, tree: Group, *redactions: Redaction, version: str = "2026.1") -> Clearance:
        grounds = Grounds(
            reason="P-TEST",
            rules=(46,),
            obligations=(),
            policy_version=version,
            facts_digest="0" * 64,
            purpose=Purpose.COORDINATE,
            mode=Mode.DISCLOSE,
            recipient="ecaf-1",
            decided_at=AT,
            valid_until=None,
        )
        permit = Permit(grounds=grounds, redactions=redactions, kept=categories_of(document), epochs={})
        made = clear(permit, CurrentFacts(recipient="ecaf-1", epochs={}), AT, document=document, tree=tree)
        assert isinstance(made, Clearance)
        return made

    return clearance


@pytest.fixture(scope="session")
def envelope() -> OutEnvelope:
    return OutEnvelope(
        message="caf.request.accepted", message_id="dlv_1", correlation_id="cor_1", sent_at=AT, sender="gateway-1"
    )
