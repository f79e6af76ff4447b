"""What does translating cost with all checks, and what does it cost merely to read the same bytes?

`python -m tests.bench.translation` tells this alone. Checked is what a message really goes through: the gate, the
splitter (which reads the bytes again, because a worker opens the stored original) and the translation of each record.
Raw is one parse and one schema, by the fastest library there is, of which nothing is kept.
"""

import json
import re
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from lxml import etree

from gateway.app.commands.shipped import library, schemas, shipped
from gateway.formats.gate import RecordSource, gate, split
from gateway.formats.limits import Limits
from gateway.formats.register import FORMATS
from gateway.formats.schema_register import SchemaRegister
from gateway.translation.library import Library
from gateway.translation.mapping import Mapping as Table
from gateway.translation.message_translator import nothing_known, translate_in
from tests.bench.documents import bodies

_EXAMPLES = Path(__file__).parents[1] / "vectors" / "examples"
_TYPES = {"sims": "application/xml", "mash": "application/json"}
_ROW = re.compile(r" *<Record>.*?</Record>\n", re.DOTALL)
_SCHEMA = re.compile(r" *<xs:schema .*?</xs:schema>\n", re.DOTALL)
_FORM_COLUMNS = re.compile(r" *<(?:CAF_|xs:element name=\"CAF_).*\n")
_PUPIL = re.compile(r"(?<=<multiple_id>)\d+")
_LIMITS = Limits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One document to be translated."""

    name: str
    format: str
    body: bytes

    @property
    def content_type(self) -> str:
        """Return what it is posted as."""
        return _TYPES[self.format.partition("/")[0]]


def timed(work: Callable[[], object], *, times: int) -> list[float]:
    """Return CPU milliseconds of this thread for each of *times* runs."""
    found = []
    for _ in range(times):
        began = time.thread_time()
        work()
        found.append((time.thread_time() - began) * 1e3)
    return found


def samples() -> tuple[Sample, ...]:
    """Return a document of each format a partner writes, a report without its inline schema, and a whole school's."""
    flat = (_EXAMPLES / "mash" / "flat-hackney.json").read_bytes()
    form = bodies(1)[0].replace("@REFEREN", "STAGES01").encode()
    return (
        Sample(name="report", format="sims/superstar-1", body=_report(pupils=2)),
        Sample(name="report_without_inline_schema", format="sims/superstar-1", body=_report(pupils=4, inline=False)),
        Sample(name="report_of_a_school", format="sims/superstar-1", body=_report(pupils=300)),
        Sample(name="form", format="mash/govuk-forms-1", body=form),
        Sample(name="flat_form", format="mash/flat-1", body=flat),
    )


def measure_translation(shelf: Library, register: SchemaRegister) -> dict[str, dict[str, float]]:
    """Return for each sample its bytes and records, milliseconds by step, how many times raw that is, and MB/s."""
    return {sample.name: _measured(sample, shelf.inbound(sample.format), register) for sample in samples()}


def _measured(sample: Sample, mapping: Table, register: SchemaRegister) -> dict[str, float]:
    form, body = FORMATS[sample.format], sample.body
    check = partial(gate, form, body, content_type=sample.content_type, schemas=register, limits=_LIMITS)
    sources = lambda: list(split(form, body, limits=_LIMITS, content_type=sample.content_type))  # noqa: E731
    records = sources()
    assert not check().warnings, sample.name
    steps = {
        "gate_ms": check,
        "split_ms": sources,
        "translate_ms": lambda: _translated(mapping, records),
        "whole_ms": lambda: (check(), _translated(mapping, sources())),
        "raw_ms": _raw(sample, register),
    }
    found = _in_turn(steps, times=300 if len(body) < 100_000 else 9)
    return {
        "bytes": len(body),
        "records": len(records),
        **found,
        "times_raw": found["whole_ms"] / found["raw_ms"],
        "mb_per_second": len(body) / found["whole_ms"] / 1e3,
    }


def _in_turn(steps: Mapping[str, Callable[[], object]], *, times: int) -> dict[str, float]:
    """Return the median milliseconds of each of *steps*, done in turn.

    So each finds the processor's caches as the others left them, as it would in life; alone in a loop, all look faster.
    """
    rounds = [[timed(work, times=1)[0] for work in steps.values()] for _ in range(times)]
    return dict(zip(steps, map(statistics.median, zip(*rounds, strict=True)), strict=True))


def _translated(mapping: Table, records: list[RecordSource]) -> list[object]:
    return [translate_in(mapping, record.tree, meaning=nothing_known) for record in records]


def _raw(sample: Sample, register: SchemaRegister) -> Callable[[], object]:
    """Return what parses a sample and holds it against its schema, and no more."""
    schema, body = FORMATS[sample.format].schema, sample.body
    if sample.content_type == "application/json":
        return lambda: register.violations(schema, json.loads(body))
    compiled = etree.XMLSchema(etree.fromstring(shipped().schemas[schema]))
    return lambda: compiled.assertValid(etree.fromstring(body))


def _report(*, pupils: int, inline: bool = True) -> bytes:
    """Return a report with one row about each of so many pupils, and, as SIMS writes it, its columns' schema inside."""
    text = (_EXAMPLES / "sims" / "superstar-three-pupils.xml").read_text(encoding="utf-8")
    text = _FORM_COLUMNS.sub("", text)
    found = _SCHEMA.search(text)
    assert found is not None
    rows = list({_PUPIL.findall(row)[0]: row for row in _ROW.findall(text)}.values())
    chosen = [_PUPIL.sub(str(10_000 + number), rows[number % len(rows)]) for number in range(pupils)]
    head = '<?xml version="1.0" encoding="utf-8"?>\n<SuperStarReport>\n'
    return "".join([head, found[0] if inline else "", *chosen, "</SuperStarReport>\n"]).encode()


def tell(report: dict[str, dict[str, Any]]) -> None:
    """Print a table of what was measured."""
    columns = ("bytes", "records", "gate_ms", "split_ms", "translate_ms", "whole_ms", "raw_ms", "times_raw")
    print(f"{'translated with all checks':<30}" + "".join(f"{name:>13}" for name in (*columns, "mb_per_second")))
    for name, row in report.items():
        told = "".join(f"{row[column]:>13.{0 if column in columns[:2] else 3}f}" for column in columns)
        print(f"{name:<30}{told}{row['mb_per_second']:>13.1f}")


if __name__ == "__main__":
    tell(measure_translation(library(), schemas()))
