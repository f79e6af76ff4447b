"""How does somebody put a file through the real translators at the command line?"""

import sys
from pathlib import Path
from typing import Annotated

import typer

from gateway.app.clock import SystemClock
from gateway.app.commands.files import STANDARD, read_bytes, write_new
from gateway.app.commands.output import FailedError, Json, print_json
from gateway.app.commands.translating import Report, Way, refusal, translate, way
from gateway.errors import ConflictError, GatewayError, Place, SchemaViolationError
from gateway.formats.ctf_writer import SERIAL_LIMIT, ctf_file_name
from gateway.formats.register import Format, Reader
from gateway.formats.writers import write_together
from gateway.model.tree import Group, Tree

_ENDINGS = {"application/json": ".json", "application/xml": ".xml", "application/x-ndjson": ".jsonl"}


def add_translation_commands(program: typer.Typer) -> None:
    """Add `translate`."""
    program.command(
        "translate",
        help="Files through the real translators, cut by their own consent block. Without -o the document goes to"
        " standard output and the report to standard error.",
    )(translate_files)


def translate_files(
    files: Annotated[list[Path], typer.Argument(help="The files; - for standard input.")],
    source: Annotated[str, typer.Option("--from", help="The format they are in, such as mash/govuk-forms-1.")],
    target: Annotated[str, typer.Option("--to", help="The format to write, such as mash/referral-1.")],
    *,
    output: Annotated[str | None, typer.Option("-o", "--output", help="A file, or a folder (ending in /).")] = None,
    test_permit: Annotated[
        bool, typer.Option("--test-permit", help="Cut nothing; the output is marked NOT FOR RELEASE.")
    ] = False,
    as_json: Json = True,
) -> None:
    """Translate; the report says what got lost, what looks odd and what nobody has mapped."""
    del as_json  # taken, because every command takes it; the report is always JSON
    to_folder = output is not None and (output.endswith("/") or Path(output).is_dir())
    try:
        if output is not None and len(files) > 1 and not to_folder:
            raise SchemaViolationError("several files go into a folder: -o FOLDER/", place=Place(path="-o"))
        chosen = way(source, target, at=SystemClock().now(), is_test=test_permit)
        reports = [_report(file, chosen) for file in files]
        written = _hand_out(output, files, reports, target=chosen.target, to_folder=to_folder)
    except GatewayError as error:
        _tell(refusal(error), to_error=output is None)
        raise FailedError(error.message) from error
    whole = _together(reports)
    told = whole.as_json(written)
    if whole.refused:
        told = {"error": _refused(whole), **told}
    if output is None and whole.refused and not whole.documents:
        print_json(told)
    print_json(told, to_error=output is None)
    if whole.refused:
        raise FailedError("some records were refused")


def _report(file: Path, chosen: Way) -> Report:
    report = Report()
    translate(read_bytes(file), chosen, report)
    return report


def _together(reports: list[Report]) -> Report:
    whole = Report()
    for report in reports:
        whole.records_in += report.records_in
        for name in ("documents", "losses", "warnings", "unmapped", "decisions", "refused", "permits"):
            getattr(whole, name).extend(getattr(report, name))
    return whole


def _refused(report: Report) -> Group:
    """Return the error for records that were refused: the one there was, or how many there were."""
    first = report.refused[0]
    if isinstance(first, dict) and report.records_in == 1:
        return {name: value for name, value in first.items() if name != "record"}
    number: Tree = first.get("record") if isinstance(first, dict) else None
    message = f"{len(report.refused)} of {report.records_in} records were refused; see refused"
    return {"code": "records-refused", "message": message, "row": number}


def _hand_out(
    output: str | None, files: list[Path], reports: list[Report], *, target: Format, to_folder: bool
) -> list[str]:
    """Write what was made where it was asked for, and return the files' names; without *output*, print it."""
    documents = [document for report in reports for document in report.documents]
    if output is None:
        _print(documents, target)
        return []
    if to_folder:
        return _fill(Path(output), files, reports, target)
    return [str(write_new(Path(output), write_together(target, documents)))] if documents else []


def _fill(folder: Path, files: list[Path], reports: list[Report], target: Format) -> list[str]:
    """Write each document into a file of its own; what has a rule for its files' names is called by the rule."""
    return [
        str(write_new(folder / _name(file, number, parts, (folder, target)), write_together(target, part)))
        for file, report in zip(files, reports, strict=True)
        for parts in [_parts(report.documents, target)]
        for number, part in enumerate(parts, start=1)
    ]


def _name(file: Path, number: int, parts: list[list[Group]], whither: tuple[Path, Format]) -> str:
    folder, target = whither
    if target.reader is Reader.CTF:
        return _transfer_name(folder, parts[number - 1][0])
    stem = "standard-input" if file == STANDARD else file.stem
    ending = _ENDINGS.get(target.media_types[0], ".json")
    return f"{stem}{ending}" if len(parts) == 1 else f"{stem}-{number:04d}{ending}"


def _transfer_name(folder: Path, document: Group) -> str:
    """Return the first name, between these two schools, that no file of *folder* has."""
    names = (ctf_file_name(document, serial=serial) for serial in range(1, SERIAL_LIMIT + 1))
    free = next((name for name in names if not (folder / name).exists()), None)
    if free is None:
        raise ConflictError(f"the folder holds {SERIAL_LIMIT} files from this school to that one; clear it")
    return free


def _parts(documents: list[Group], target: Format) -> list[list[Group]]:
    """Return what of *documents*, which were one file, goes into each: one each, but of a history all into one."""
    return [documents] if target.reader is Reader.HISTORY and documents else [[one] for one in documents]


def _print(documents: list[Group], target: Format) -> None:
    if documents:
        sys.stdout.buffer.write(write_together(target, documents))
        sys.stdout.buffer.flush()


def _tell(told: Group, *, to_error: bool) -> None:
    """Print a refusal: on standard output like every answer, and where the report would have been."""
    print_json(told)
    if to_error:
        print_json(told, to_error=True)
