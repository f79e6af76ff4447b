"""From what is a peer installed? From files that say exact versions and hashes, once, under var/, by pip and npm.

Nothing of the product imports any of it, and requirements.lock does not know it.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

FILES = Path(__file__).parent
LOCK = FILES / "outbox" / "requirements.lock"
PACKAGES = tuple(FILES / "nodered" / name for name in ("package.json", "package-lock.json"))
HOME = Path("var/bench-peers").absolute()
_READY = "installed"


class NotMeasuredError(Exception):
    """A peer cannot be measured here; the message says why."""


def python() -> Path:
    """Return the Python of the outbox peer, its packages installed."""
    folder = HOME / "python"
    interpreter = folder / "bin" / "python"
    if not is_installed(folder, [LOCK]):
        _told("the outbox peer")
        shutil.rmtree(folder, ignore_errors=True)
        pip = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--cache-dir", str(HOME / "pip-cache"))
        _run("Python's venv", [sys.executable, "-m", "venv", str(folder)], HOME)
        _run("pip", [str(interpreter), *pip, "--require-hashes", "--no-deps", "-r", str(LOCK)], HOME)
        mark_installed(folder, [LOCK])
    return interpreter


def node_red() -> Path:
    """Return the folder of Node-RED's modules, installed without running anybody's scripts."""
    folder = HOME / "node"
    if shutil.which("node") is None or shutil.which("npm") is None:
        raise NotMeasuredError("no npm here")
    if not is_installed(folder, PACKAGES):
        _told("Node-RED")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for file in PACKAGES:
            shutil.copy(file, folder)
        quiet = ("--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error")
        _run("npm", ["npm", "ci", "--ignore-scripts", *quiet, "--cache", str(HOME / "npm-cache")], folder)
        mark_installed(folder, PACKAGES)
    return folder / "node_modules"


def _told(name: str) -> None:
    HOME.mkdir(parents=True, exist_ok=True)
    print(f"installing {name} for the bench (once) ...", file=sys.stderr, flush=True)


def _run(what: str, command: Sequence[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=_environment())
    if done.returncode != 0:
        (HOME / "failed.log").write_text(done.stdout + done.stderr, encoding="utf-8")
        raise NotMeasuredError(f"{what} could not install it, see {HOME.name}/failed.log")


def _environment() -> dict[str, str]:
    """Return ours, without what would lead a peer's Python to our packages."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}


def is_installed(folder: Path, files: Sequence[Path]) -> bool:
    """Tell whether all of *files* is in *folder*: an interrupted installation has no mark, an older one another."""
    mark = folder / _READY
    return mark.exists() and mark.read_text(encoding="ascii") == _mark(files)


def mark_installed(folder: Path, files: Sequence[Path]) -> None:
    """Say that all of *files* is in *folder*."""
    (folder / _READY).write_text(_mark(files), encoding="ascii")


def _mark(files: Sequence[Path]) -> str:
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
