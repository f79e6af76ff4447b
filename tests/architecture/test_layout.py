"""The house stays as drawn: sizes, proofs, partners' keys and documents."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted(path for path in (ROOT / "gateway").rglob("*.py") if "migrations" not in path.parts)
MODULES = [str(path.relative_to(ROOT)) for path in SOURCES]
PARTNERS = {"ecaf", "mash", "ics", "sims", "borough", "health", "annex-a"}


@pytest.mark.parametrize("module", MODULES)
def test_no_file_is_longer_than_four_hundred_lines(module: str) -> None:
    assert len((ROOT / module).read_text().splitlines()) <= 400


@pytest.mark.parametrize("module", MODULES)
def test_no_function_is_longer_than_forty_lines(module: str) -> None:
    tree = ast.parse((ROOT / module).read_text())

    long = [
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _length(node) > 40
    ]

    assert long == []


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Return a function's lines without its docstring: saying more must never cost more."""
    doc = ast.get_docstring(node, clean=False)
    return (node.end_lineno or 0) - node.lineno + 1 - (len(doc.splitlines()) if doc else 0)


@pytest.mark.parametrize("module", MODULES)
def test_every_module_says_which_question_it_answers(module: str) -> None:
    tree = ast.parse((ROOT / module).read_text())

    assert ast.get_docstring(tree)


@pytest.mark.parametrize(
    ("maker", "home"),
    [
        pytest.param("Clearance", "gateway/consent/clearance.py", id="clearance"),
        pytest.param("PartnerDocument", "gateway/translation/message_translator.py", id="partner document"),
    ],
)
def test_each_proof_has_one_maker(maker: str, home: str) -> None:
    called = re.compile(rf"\b{maker}(\._make)?\(")

    makers = {
        str(path.relative_to(ROOT))
        for path in SOURCES
        if called.search(re.sub(rf"class {maker}\b.*", "", path.read_text()))
    }

    assert makers <= {home, f"gateway/translation/{'partner_document.py'}"}


def test_layers_hold() -> None:
    """The contracts of pyproject.toml, by the tool that knows how."""
    found = subprocess.run(
        [Path(sys.executable).parent / "lint-imports"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert found.returncode == 0, found.stdout


def test_partners_are_called_the_same_everywhere() -> None:
    named = {
        path.relative_to(folder).parts[0]
        for folder in (ROOT / "mappings", ROOT / "schemas" / "partners")
        for path in folder.glob("*/*")
        if path.relative_to(folder).parts[0] not in {"codes", "aliases", "policy", "canonical"}
    }

    assert named <= PARTNERS


def test_decisions_are_all_in_their_index() -> None:
    folder = ROOT / "docs" / "adr"
    index = (folder / "README.md").read_text()

    missing = [path.name for path in folder.glob("0*.md") if f"({path.name})" not in index]

    assert missing == []
