"""Do the pages about the log say what the code does, and is the outsider's program really alone?"""

import ast
import re
import sys
from pathlib import Path

from gateway.audit import event_docs, verify

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/audit.md").read_text()


def test_the_page_of_events_is_the_catalogue() -> None:
    written = (ROOT / "docs/audit-events.md").read_text()

    assert written == event_docs.as_markdown(), "run: python -m gateway.audit.event_docs > docs/audit-events.md"


def test_every_mode_of_the_verifier_is_explained() -> None:
    modes = {check.__name__ for check in verify.MODES}

    assert set(re.findall(r"verify\.py (\w+)", PAGE)) == modes


def test_every_option_the_page_names_exists() -> None:
    known = {option for words in verify.MODES.values() for option in words.split() if option.startswith("--")}

    assert set(re.findall(r"(?<=[ `\[])--\w+", PAGE)) - known - {"--key", "--json", "--origin"} == set()


def test_every_file_the_page_names_exists() -> None:
    named = re.findall(r"`((?:gateway|docs|tests)/[\w./-]+)`", PAGE)

    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_verifier_imports_only_the_standard_library_and_cryptography() -> None:
    tree = ast.parse(Path(verify.__file__).read_text())
    imported = {
        (node.module if isinstance(node, ast.ImportFrom) else node.names[0].name) or ""
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }

    foreign = {name.partition(".")[0] for name in imported} - set(sys.stdlib_module_names)

    assert foreign == {"cryptography"}


def test_nothing_of_ours_imports_the_verifier() -> None:
    users = [path.name for path in (ROOT / "gateway/audit").glob("*.py") if "audit.verify" in path.read_text()]

    assert users == []
