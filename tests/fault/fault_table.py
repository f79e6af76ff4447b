"""What does the published table of faults look like, and how is it made of what campaigns found?"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

_ROOT = Path(__file__).parents[2]
PAGE = _ROOT / "docs" / "faults.md"
KEPT = _ROOT / "build" / "faults"
"""Where campaigns leave what they found."""
_BEGIN, _END = "<!-- table -->", "<!-- end of table -->"
COLUMNS = (
    "What goes wrong",
    "Parts",
    "Faults made",
    "Seed",
    "Accepted",
    "Lost",
    "Doubled",
    "Out of order",
    "s47 undelivered for over an hour",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What one campaign found.

    Shape: `runs` counts the faults that were made. The last four are 0 in a gateway that keeps its promises.
    """

    runs: int
    accepted: int
    lost: int = 0
    doubled: int = 0
    out_of_order: int = 0
    s47_late: int = 0
    seed: int

    @property
    def is_clean(self) -> bool:
        """Tell whether every promise was kept."""
        return not (self.lost or self.doubled or self.out_of_order or self.s47_late)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A row with its words, as it is kept in a file."""

    name: str
    fault: str
    parts: str
    row: Row

    def keep(self, folder: Path) -> None:
        """Write it into *folder*."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{self.name}.json").write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")


def kept_in(folder: Path) -> Mapping[str, Result]:
    """Return the results in *folder*, by name."""
    found = {}
    for path in sorted(folder.glob("*.json")):
        told = json.loads(path.read_text(encoding="utf-8"))
        row = Row(**{field.name: told["row"][field.name] for field in fields(Row)})
        found[path.stem] = Result(name=told["name"], fault=told["fault"], parts=told["parts"], row=row)
    return found


def table_of(results: Sequence[Result]) -> str:
    """Return the table of *results*."""
    lines = [f"| {' | '.join(COLUMNS)} |", "|---|---|" + "---:|" * (len(COLUMNS) - 2)]
    for result in results:
        row = result.row
        numbers = (row.runs, row.seed, row.accepted, row.lost, row.doubled, row.out_of_order, row.s47_late)
        cells = (result.fault, result.parts, *(str(number) for number in numbers))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def rows_on(page: Path = PAGE) -> list[list[str]]:
    """Return the cells of each line of the table on *page*, without its heading."""
    lines = _table_on(page.read_text(encoding="utf-8")).splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def results_on(names: Mapping[tuple[str, str], str], page: Path = PAGE) -> Mapping[str, Result]:
    """Return the results that *page* shows, by name; *names* tells them by what goes wrong and on which parts."""
    found = {}
    for fault, parts, *cells in rows_on(page):
        runs, seed, accepted, lost, doubled, out_of_order, s47_late = (int(cell) for cell in cells)
        row = Row(
            runs=runs,
            seed=seed,
            accepted=accepted,
            lost=lost,
            doubled=doubled,
            out_of_order=out_of_order,
            s47_late=s47_late,
        )
        if name := names.get((fault, parts)):
            found[name] = Result(name=name, fault=fault, parts=parts, row=row)
    return found


def heading_on(page: Path = PAGE) -> list[str]:
    """Return the heading of the table on *page*."""
    return [cell.strip() for cell in _table_on(page.read_text(encoding="utf-8")).splitlines()[0].strip("|").split("|")]


def publish(results: Sequence[Result], page: Path = PAGE) -> None:
    """Put the table of *results* on *page*, in place of the one that is there."""
    text = page.read_text(encoding="utf-8")
    page.write_text(text.replace(_table_on(text), table_of(results)), encoding="utf-8")


def _table_on(text: str) -> str:
    found = re.search(f"{_BEGIN}\n\n(.*?)\n\n{_END}", text, re.DOTALL)
    if found is None:
        raise ValueError("the page has no place for the table")
    return found[1]
