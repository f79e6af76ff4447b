"""How does a command read and write files?"""

import sys
from pathlib import Path

from gateway.errors import MalformedMessageError, NotFoundError, PermanentError
from gateway.formats.json import read_json
from gateway.formats.limits import Limits
from gateway.model.tree import Group, Tree

STANDARD = Path("-")
_LIMITS = Limits(size_bytes=2 * 2**30)


def read_bytes(file: Path) -> bytes:
    """Return what *file* holds, or standard input for `-`.

    Raises:
        NotFoundError: it cannot be read.
    """
    if file == STANDARD:
        return sys.stdin.buffer.read()
    try:
        return file.read_bytes()
    except OSError as error:
        raise NotFoundError(f"{file.name} cannot be read: {error.strerror}") from error


def read_tree(file: Path) -> Tree:
    """Return the JSON that *file* holds.

    Raises:
        NotFoundError: it cannot be read.
        MalformedMessageError: it is not strict JSON.
    """
    return read_json(read_bytes(file), limits=_LIMITS)


def read_group(file: Path) -> Group:
    """Return the JSON object that *file* holds.

    Raises:
        NotFoundError: it cannot be read.
        MalformedMessageError: it is not strict JSON, or not an object.
    """
    tree = read_tree(file)
    if not isinstance(tree, dict):
        raise MalformedMessageError(f"{file.name}: expected a JSON object")
    return tree


def write_new(file: Path, body: bytes) -> Path:
    """Write *body* to *file*, readable by its owner only, and return the file: it may hold what a family told us.

    Raises:
        PermanentError: it cannot be written.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            file.touch(mode=0o600)
        file.write_bytes(body)
    except OSError as error:
        raise PermanentError(f"{file.name} cannot be written: {error.strerror}", code="output") from error
    return file
