"""What does a check of an installation's health answer?"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One check's answer: `level` is ok, warning or failed; `fix` says what to do when it is not ok."""

    check: str
    level: str
    found: str
    fix: str = ""


def ok(check: str, found: str) -> Finding:
    """Return that all is well."""
    return Finding(check=check, level="ok", found=found)


def warning(check: str, found: str, fix: str) -> Finding:
    """Return that somebody should look, in working time."""
    return Finding(check=check, level="warning", found=found, fix=fix)


def failed(check: str, found: str, fix: str) -> Finding:
    """Return that somebody must look, now."""
    return Finding(check=check, level="failed", found=found, fix=fix)
