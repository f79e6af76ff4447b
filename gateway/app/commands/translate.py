"""How does somebody put a file through the real translators at the command line?"""

import sys
from pathlib import Path
from typing import Annotated

import typer

from gateway.app.clock import SystemClock
from gateway.app.commands.files import STANDARD, read_bytes, write_new
from gateway.app.commands.output import FailedError, print_json
from gateway.app.commands.translating import Report, Way, refusal, translate, way
from gateway.errors import GatewayError, Place, SchemaViolationError
from gateway.formats.json import write_json
from gateway.model.tree import Group, Tree

_ENDING = ".json"


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
) -> None:
    """Translate; the report says what got lost, what looks odd and what nobody has mapped."""
    to_folder = output is not None and (output.endswith("/") or Path(output).is_dir())
    try:
        if output is not None and len(files) > 1 and not to_folder:
            raise SchemaViolationError("several files go into a folder: -o FOLDER/", place=Place(path="-o"))
        chosen = way(source, target, at=SystemClock().now(), is_test=test_permit)
        reports = [_report(file, chosen) for file in files]
    except GatewayError as error:
        _tell(refusal(error), to_error=output is None)
        raise FailedError(error.message) from error
    written = [] if output is None else _write(Path(output), files, reports, to_folder=to_folder)
    if output is None:
        _print([document for report in reports for document in report.documents])
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


def _write(output: Path, files: list[Path], reports: list[Report], *, to_folder: bool) -> list[str]:
    if not to_folder:
        documents = [document for report in reports for document in report.documents]
        return [str(write_new(output, _body(documents)))] if documents else []
    return [
        str(write_new(output / _name(file, number, len(report.documents)), _body([document])))
        for file, report in zip(files, reports, strict=True)
        for number, document in enumerate(report.documents, start=1)
    ]


def _name(file: Path, number: int, of: int) -> str:
    stem = "standard-input" if file == STANDARD else file.stem
    return f"{stem}{_ENDING}" if of == 1 else f"{stem}-{number:04d}{_ENDING}"


def _body(documents: list[Group]) -> bytes:
    """Return one document as it is, several as a list."""
    tree: Tree = documents[0] if len(documents) == 1 else list(documents)
    return write_json(tree) + b"\n"


def _print(documents: list[Group]) -> None:
    if documents:
        sys.stdout.buffer.write(_body(documents))
        sys.stdout.buffer.flush()


def _tell(told: Group, *, to_error: bool) -> None:
    """Print a refusal: on standard output like every answer, and where the report would have been."""
    print_json(told)
    if to_error:
        print_json(told, to_error=True)
