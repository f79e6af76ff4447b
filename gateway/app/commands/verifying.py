"""Is this file true? Finds out what kind of evidence it is and hands it to the auditor's stand-alone program."""

import io
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path

from gateway.audit import verify
from gateway.audit.checkpoint import open_checkpoint, read_checkpoint
from gateway.audit.note import NoteKey, open_note
from gateway.errors import GatewayError, IntegrityError, NotFoundError, Place, SchemaViolationError
from gateway.model.tree import Group

_HEAD_BYTES = 64
_MOST_CHECKPOINT_BYTES = 64 * 1024
_MODES = ((b"PK\x03\x04", "export"), (b"c2sp.org/tlog-proof@v1", "proof"), (b"ecaf-gateway/receipt@", "receipt"))


def verify_file(file: Path, *, key: str, old: Path | None = None) -> Group:
    """Return what checking *file* with the public key *key* found: `ok`, and what it shows or the `error`.

    Raises:
        NotFoundError: there is no such file.
        SchemaViolationError: a consistency proof without the older checkpoint.
    """
    mode = kind_of(file)
    if mode == "checkpoint":
        return _checkpoint(file, key)
    if mode != "consistency":
        return _run([mode, str(file), f"--key={key}"])
    if old is None:
        raise SchemaViolationError(
            "a consistency proof is checked against the older checkpoint", place=Place(path="--old")
        )
    with _newer(file) as new:
        return _run(["consistency", str(old), str(new), str(file), f"--key={key}"])


def kind_of(file: Path) -> str:
    """Return what kind of evidence *file* is by how it begins: a claim, which the check then holds it to."""
    if file.is_dir():
        return "log"
    try:
        with file.open("rb") as opened:
            head = opened.read(_HEAD_BYTES)
    except OSError as error:
        raise NotFoundError(f"{file.name} cannot be read: {error.strerror}") from error
    if head.startswith(b"SQLite format 3"):
        return "log"
    if head.startswith(b"old "):
        return "consistency"
    return next((mode for start, mode in _MODES if head.startswith(start)), "checkpoint")


@contextmanager
def _newer(proof: Path) -> Iterator[Path]:
    """Yield a file with the newer checkpoint, which a consistency proof carries."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "checkpoint"
        file.write_bytes(proof.read_bytes().partition(b"\n\n")[2])
        yield file


def _run(words: list[str]) -> Group:
    said = io.StringIO()
    with redirect_stdout(said):
        verify.main([*words, "--json"])
    answer: Group = json.loads(said.getvalue())
    if answer.get("ok"):
        return answer
    code = "tampered" if "tampered" in answer else "unreadable"
    return {"ok": False, "mode": words[0], "error": {"code": code, "message": str(answer.get(code))}}


def _checkpoint(file: Path, key: str) -> Group:
    """Check a checkpoint: that the key has signed it."""
    try:
        with file.open("rb") as opened:
            note = opened.read(_MOST_CHECKPOINT_BYTES).decode("utf-8", "replace")
        trusted = [NoteKey.from_vkey(key)]
        origin = read_checkpoint(open_note(note, trusted)).origin
        found = open_checkpoint(note, origin=origin, keys=trusted)
    except GatewayError as error:
        code = "tampered" if isinstance(error, IntegrityError) else "unreadable"
        return {"ok": False, "mode": "checkpoint", "error": {"code": code, "message": error.message}}
    return {"ok": True, "mode": "checkpoint", "origin": found.origin, "size": found.size, "root": found.root.hex()}
