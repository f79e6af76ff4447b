"""Where in a bucket does a partner put its files, and what is each object there called?

<prefix><partner>/<message-version>/<name>                  written by the sender, reports beside it by us
<prefix><time>_<reference>/form_submission.json             likewise, where GOV.UK Forms write
<prefix>.taking/<partner>/<message-version>/<id>~<name>     an object while it is being taken

A key is one long name: nothing in it leads anywhere, whatever it looks like.
Source: GOV.UK Forms' forms-runner, `S3SubmissionService`; uploaded files lie beside the form that names them.
"""

import stat
from dataclasses import dataclass, replace
from pathlib import Path

from gateway.adapters.files.handles import Stand
from gateway.adapters.files.names import is_report
from gateway.adapters.files.walk import LEVELS, TAKING, Found, Place

HOME, TAKEN = 0, 1
"""What stands in for a folder's handle: which of the two parts of the bucket an object lies in."""
PLAIN = stat.S_IFREG
_SUBMISSION = "form_submission."


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Place:
    """A partner's part of a bucket.

    Shape: `endpoint` is scheme, host and port; `prefix` is empty or ends with a slash. `form` is `<partner>/<message
    -version>` where all that lies there is of one format, as GOV.UK Forms lay it down. `owner` is the account that the
    bucket must belong to. `key_file` holds the id of our access key and its secret, a line each, for its owner's eyes
    only; `authority_file` the certificate of whoever vouches for the server, if that is nobody the world knows.
    """

    organisation: str
    endpoint: str
    region: str
    bucket: str
    key_file: Path
    prefix: str = ""
    form: str | None = None
    owner: str | None = None
    authority_file: Path | None = None


class Layout:
    """Which key is which file, and the other way round."""

    def __init__(self, place: S3Place) -> None:
        self._organisation = place.organisation
        self._form = None if place.form is None else tuple(place.form.split("/"))
        self.prefix = place.prefix
        self.taking = f"{place.prefix}{TAKING}/"

    def home(self, place: Place, name: str) -> str:
        """Return the key of a file where its sender puts it."""
        return f"{self.prefix}{name}" if self._form == place[1:] else self.prefix + "/".join((*place[1:], name))

    def taken(self, place: Place, name: str) -> str:
        """Return the key of a file while it is being taken."""
        return self.taking + "/".join((*place[1:], name))

    def key(self, found: Found) -> str:
        """Return the key of an entry."""
        return (self.taken if found.folder == TAKEN else self.home)(found.place, found.name)

    def claimed(self, key: str, stand: Stand) -> Found | None:
        """Return what is being taken under *key*; None if it is nothing of ours."""
        *steps, name = key.removeprefix(self.taking).split("/", LEVELS - 1)
        if len(steps) != LEVELS - 1 or "~" not in name:
            return None
        return Found(folder=TAKEN, place=(self._organisation, *steps), name=name, stand=stand)

    def dropped(self, key: str, stand: Stand) -> Found | None:
        """Return the entry that *key* is, or is in.

        None for what is no entry: what is being taken, the mark that consoles put for a folder, and a file that
        somebody uploaded with a form.
        """
        rest = key.removeprefix(self.prefix)
        if rest.startswith(f"{TAKING}/") or (not stand.size_bytes and (not rest or rest.endswith("/"))):
            return None
        if self._form is not None:
            return None if _is_upload(rest) else self._found(self._form, rest, stand)
        *steps, name = rest.split("/")
        if len(steps) < LEVELS:
            return self._found(tuple(steps), name, stand)
        return self._found(tuple(steps[: LEVELS - 1]), steps[LEVELS - 1], replace(stand, mode=stat.S_IFDIR))

    def _found(self, steps: tuple[str, ...], name: str, stand: Stand) -> Found:
        return Found(folder=HOME, place=(self._organisation, *steps), name=name, stand=stand)


def _is_upload(name: str) -> bool:
    """Tell whether *name* lies in a submission's folder and is neither the submission nor a report of ours."""
    _, slash, last = name.rpartition("/")
    return bool(slash) and not last.startswith(_SUBMISSION) and not is_report(last)
