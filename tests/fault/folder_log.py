"""In which order do we write, sync, rename and remove files of our own? Noted at the system's own door, and judged.

The rules are those of a file system that promises nothing it need not: what a file holds is on disk after its own sync,
a name (a new one, another one, or none any more) after a sync of its folder.
Source: Pillai et al., "All File Systems Are Not Created Equal", OSDI 2014.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

_WRITING = os.O_WRONLY | os.O_RDWR


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that was done to the file system: write, sync, rename (to `to`), mkdir, unlink."""

    what: str
    path: str
    to: str = ""


class FolderLog:
    """Notes every step under one folder while a test runs."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self._folder = str(folder)
        self.steps: list[Step] = []
        for name, noted in self._doors().items():
            patch.setattr(os, name, noted(getattr(os, name)))

    def _doors(self) -> dict[str, Callable[[Callable[..., Any]], Callable[..., Any]]]:
        return {
            "open": self._open,
            "fsync": self._sync,
            "rename": self._rename,
            "replace": self._rename,
            "mkdir": lambda real: self._named("mkdir", real),
            "unlink": lambda real: self._named("unlink", real),
        }

    def _open(self, real: Callable[..., int]) -> Callable[..., int]:
        def opened(path: Any, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
            handle = real(path, flags, mode, dir_fd=dir_fd)
            if flags & _WRITING:
                self._note("write", _whole(path, dir_fd))
            return handle

        return opened

    def _sync(self, real: Callable[[int], None]) -> Callable[[int], None]:
        def synced(handle: int) -> None:
            real(handle)
            self._note("sync", _name_of(handle))

        return synced

    def _rename(self, real: Callable[..., None]) -> Callable[..., None]:
        def renamed(path: Any, to: Any, *, src_dir_fd: int | None = None, dst_dir_fd: int | None = None) -> None:
            real(path, to, src_dir_fd=src_dir_fd, dst_dir_fd=dst_dir_fd)
            self._note("rename", _whole(path, src_dir_fd), _whole(to, dst_dir_fd))

        return renamed

    def _named(self, what: str, real: Callable[..., None]) -> Callable[..., None]:
        def done(path: Any, *more: Any, dir_fd: int | None = None) -> None:
            real(path, *more, dir_fd=dir_fd)
            self._note(what, _whole(path, dir_fd))

        return done

    def _note(self, what: str, path: str, to: str = "") -> None:
        if path.startswith(self._folder):
            self.steps.append(Step(what=what, path=path, to=to))


def unsafe_steps(steps: Sequence[Step]) -> list[str]:
    """Return each step after which a power loss could take more than it may."""
    return [
        f"{step.what} {Path(step.path).name}: {why}" for number, step in enumerate(steps) for why in _why(steps, number)
    ]


def _why(steps: Sequence[Step], number: int) -> Iterator[str]:
    step = steps[number]
    if step.what == "rename" and not _is_synced_since_written(steps[:number], step.path):
        yield "renamed before what it holds was synced"
    if step.what in {"rename", "mkdir", "unlink"}:
        folder = os.path.dirname(step.to or step.path)  # noqa: PTH120 - paths here are texts
        if not any(later.what == "sync" and later.path == folder for later in steps[number:]):
            yield f"the folder {Path(folder).name} was not synced afterwards"


def _is_synced_since_written(steps: Sequence[Step], path: str) -> bool:
    """Tell whether *path* was synced after it was opened for writing, if it ever was; so for all in a folder."""
    inside = {step.path for step in steps if step.what == "write" and step.path.startswith(path)}
    return all(
        any(later.what == "sync" and later.path == one for later in steps[number:])
        for number, step in enumerate(steps)
        if step.what == "write" and (one := step.path) in inside
    )


def _whole(path: Any, within: int | None) -> str:
    text = os.fsdecode(path)
    folder = _name_of(within) if within is not None else str(Path.cwd())
    return os.path.normpath(os.path.join(folder, text))  # noqa: PTH118 - likewise


def _name_of(handle: int) -> str:
    return str(Path(f"/proc/self/fd/{handle}").readlink())
