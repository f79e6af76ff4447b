"""Where do the gateway's own keys lie, who may read them, and how are they first made?

Shape of the folder: `root.keys` (every data key is wrapped under one of these; a line holds a number and 32 bytes in
Base64, and the last line is the one in use), `index.key` (blinds what children are found by), `signing.key` (Ed25519),
`exchange.key` (X25519: partners seal for it what they send through a broker).
"""

import base64
import binascii
import os
import secrets
import shutil
import stat
from collections.abc import Mapping
from pathlib import Path

from gateway.errors import ConflictError, NotFoundError, PermanentError

KEY_BYTES = 32
ROOT = "root.keys"
INDEX = "index.key"
SIGNING = "signing.key"
EXCHANGE = "exchange.key"

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_MOST_ROOT_KEYS = 255


def create_keys(folder: Path) -> None:
    """Make every key the gateway needs, in a *folder* that is empty or not there yet.

    Promise: all of them are there on return, on disk, readable by their owner only; after a crash none of them is.

    Raises:
        ConflictError: the folder holds something; keys are never made over others, or what they sealed would be lost.
    """
    missing = [one for one in folder.parents if not one.exists()]
    folder.parent.mkdir(parents=True, exist_ok=True)
    if folder.is_dir() and any(folder.iterdir()):
        raise ConflictError(f"the folder {folder.name} is not empty; keys are made only in an empty one")
    fresh = folder.with_name(folder.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    _write(fresh / ROOT, f"1 {_fresh()}\n")
    _write(fresh / INDEX, f"{_fresh()}\n")
    _write(fresh / SIGNING, f"{_fresh()}\n")
    _write(fresh / EXCHANGE, f"{_fresh()}\n")
    _sync_folder(fresh)
    fresh.rename(folder)
    for made in (folder, *missing):
        _sync_folder(made.parent)


def add_exchange_key(folder: Path) -> None:
    """Make the exchange key of an installation whose other keys were made before there was one.

    Raises:
        NotFoundError: the other keys are not there.
        ConflictError: it has one; what partners sealed for it would be lost.
    """
    if not (folder / ROOT).is_file():
        raise NotFoundError(f"there are no keys in {folder.name} to add one to: gateway keys create")
    if (folder / EXCHANGE).exists():
        raise ConflictError(f"{EXCHANGE} is there already; keys are never made over others")
    _write(folder / EXCHANGE, f"{_fresh()}\n")
    _sync_folder(folder)


def read_key(path: Path) -> bytes:
    """Return the 32 bytes in a file of one key.

    Raises:
        NotFoundError: there is no such file.
        PermanentError: others than its owner can reach it, or it holds no key (code `key-file`).
    """
    return _decoded(path, _guarded_text(path).strip())


def read_root_keys(path: Path) -> Mapping[int, bytes]:
    """Return the root keys by number, the one in use last.

    Raises:
        NotFoundError: there is no such file.
        PermanentError: others than its owner can reach it, or a line is not a number and a key (code `key-file`).
    """
    found: dict[int, bytes] = {}
    for line in _guarded_text(path).splitlines():
        number, _, text = line.partition(" ")
        if not number.isdecimal() or not 1 <= int(number) <= _MOST_ROOT_KEYS or int(number) in found:
            raise PermanentError(f"a line of {path.name} does not begin with a number of its own", code="key-file")
        found[int(number)] = _decoded(path, text)
    if not found:
        raise PermanentError(f"{path.name} holds no key", code="key-file")
    return found


def _guarded_text(path: Path) -> str:
    """Return what a file holds that only its owner can reach."""
    try:
        with path.open("rb") as file:
            kind = os.fstat(file.fileno())
            if kind.st_mode & _OTHERS or kind.st_uid != os.geteuid():
                raise PermanentError(
                    f"{path.name} must belong to the gateway's own user, with mode 0600;"
                    f" found mode {stat.S_IMODE(kind.st_mode):04o}",
                    code="key-file",
                )
            return file.read().decode("ascii", "replace")
    except FileNotFoundError as cause:
        advice = (
            "an installation from before there was one makes it with: gateway keys exchange"
            if path.name == EXCHANGE
            else "only a new installation makes its keys (gateway keys create)"
        )
        raise NotFoundError(f"there is no key file {path.name}: put it back from its backup; {advice}") from cause
    except OSError as cause:
        raise PermanentError(f"{path.name} cannot be read: {cause.strerror}", code="key-file") from cause


def _decoded(path: Path, text: str) -> bytes:
    """Return the key that *text* writes in Base64; what it holds is in no error."""
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise PermanentError(f"{path.name} does not hold a key of {KEY_BYTES} bytes", code="key-file") from None
    return key


def _fresh() -> str:
    return base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def _write(path: Path, text: str) -> None:
    """Write a file its owner only can reach, and return once it is on disk."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Return once the names in *folder* are on disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
