"""Is what the pages name still there: paths, links, commands, tests?"""

import re
from pathlib import Path

import pytest
from typer.main import get_command

from gateway.app.cli import build

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [
    *(ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")),
    *sorted(DOCS.glob("**/*.md")),
    *sorted(ROOT.glob("deploy/**/*.md")),
    *(ROOT / folder / "README.md" for folder in ("mappings", "schemas")),
]
NAMES = [page.relative_to(ROOT).as_posix() for page in PAGES]
PATH = re.compile(r"`((?:gateway|docs|mappings|schemas|deploy|tests|\.ci)/[\w./*-]*)`")
LINK = re.compile(r"\]\(([^)\s]+)\)")
COMMAND = re.compile(r"(?:`|^ {4,}(?:\S+/)?)gateway ([a-z][a-z-]*(?: [a-z][a-z-]*)?)", re.MULTILINE)
FENCE = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
TARGET = re.compile(r"(?:`|^ {4})make (?:-C \S+ )?([a-z-]+)", re.MULTILINE)
TEST = re.compile(r"`(test_\w+)`")


def commands() -> set[str]:
    """Return every command as it is called, groups too."""
    program = get_command(build())
    first = getattr(program, "commands", {})
    return set(first) | {f"{name} {inner}" for name, group in first.items() for inner in getattr(group, "commands", {})}


def told(page: Path) -> str:
    """Return a page's text, its fenced examples indented like the others."""
    return FENCE.sub(lambda found: re.sub(r"^", "    ", found[1], flags=re.MULTILINE), page.read_text())


def is_command(words: str) -> bool:
    known = commands()
    first = words.partition(" ")[0]
    is_group = any(one.startswith(f"{first} ") for one in known)
    return words in known or (first in known and (not is_group or words == first))


def anchors(page: Path) -> set[str]:
    """Return the places a link may lead to, as code hosts name them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def leads_somewhere(page: Path, link: str) -> bool:
    target, _, anchor = link.partition("#")
    found = page if not target else page.parent / target
    return found.exists() and (not anchor or anchor in anchors(found))


@pytest.mark.parametrize("name", NAMES)
def test_every_path_a_page_names_is_there(name: str) -> None:
    named = PATH.findall((ROOT / name).read_text())

    assert [path for path in named if not [*ROOT.glob(path), *(ROOT / name).parent.glob(path)]] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_link_leads_somewhere(name: str) -> None:
    page = ROOT / name

    links = [link for link in LINK.findall(page.read_text()) if not link.startswith(("http://", "https://"))]

    assert [link for link in links if not leads_somewhere(page, link)] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_command_a_page_names_is_one(name: str) -> None:
    named = COMMAND.findall(told(ROOT / name))

    assert [words for words in named if not is_command(words)] == []


@pytest.mark.parametrize("name", NAMES)
def test_every_make_target_a_page_names_is_one(name: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))

    assert set(TARGET.findall((ROOT / name).read_text())) <= targets


def test_the_map_lists_every_page() -> None:
    listed = {(DOCS / link).resolve() for link in LINK.findall((DOCS / "README.md").read_text())}

    pages = {page for page in DOCS.glob("**/*.md") if page.parent.name != "adr" and page != DOCS / "README.md"}

    assert sorted(page.name for page in pages - listed) == []


def test_the_front_page_is_short() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 200


def test_every_test_the_threat_model_names_is_one() -> None:
    written = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("*.py"))
    there = set(re.findall(r"def (test_\w+)", written))

    named = set(TEST.findall((DOCS / "threat-model.md").read_text()))

    assert named - there == set()


def test_the_page_of_commands_lists_them_all() -> None:
    page = (DOCS / "commands.md").read_text()

    every = {one for one in commands() if not any(other.startswith(f"{one} ") for other in commands())}

    assert sorted(one for one in every if not re.search(rf"gateway {one}\b", page)) == []
