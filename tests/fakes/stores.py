"""Which store do tests use? The real one.

There is no store in memory: SQLite in a temporary folder opens in a few milliseconds once its schema is made, and a
second store would only be a second behaviour. So the schema is made once, and each test gets a copy of the empty file.
"""

import atexit
import shutil
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from gateway.adapters.sql.jobs import OnWake
from gateway.adapters.sql.sqlite import SqliteStore, open_store
from gateway.model.identifiers import Authority

BARNET = Authority("E09000003")


def nobody(_wakes: list[tuple[str, str]]) -> None:
    """Wake nobody."""


def a_store(folder: Path, *, authority: Authority = BARNET, on_wake: OnWake = nobody) -> SqliteStore:
    """Return a store in *folder*: the one that is there already, or an empty one."""
    path = folder / "store.db"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(an_empty_file(), path)
        path.chmod(0o600)
    return open_store(path, authority=authority, on_wake=on_wake)


@cache
def an_empty_file() -> Path:
    """Return an empty store's file, made once a test run; it goes with the process."""
    path = a_folder_of_this_run("empty-store-") / "store.db"
    open_store(path, authority=BARNET, on_wake=nobody).close()
    return path


def a_folder_of_this_run(prefix: str) -> Path:
    """Return a fresh folder that is removed when this process ends, and not before."""
    folder = Path(mkdtemp(prefix=prefix))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
