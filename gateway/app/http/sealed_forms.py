"""What does a submission hold that its form has encrypted? Opened before anything else is asked of it.

One that cannot be opened goes on as it came: the gate refuses it, and it is kept in quarantine like all that is
unreadable.
"""

from pathlib import Path

from gateway.adapters.keys.form_seal import is_sealed_form, open_form
from gateway.formats.register import Format, Reader

_JSON = "application/json"


def opened_form(
    form: Format, body: bytes, content_type: str | None, *, key_file: str | None, folder: Path | None
) -> tuple[bytes, str | None]:
    """Return body and content type of a submission, decrypted if it was encrypted under the key in *key_file*.

    Shape: the key is read anew each time, from *folder*, so that changing it needs no restart.
    """
    if form.reader is not Reader.MOJ_FORMS or key_file is None or folder is None or not is_sealed_form(body):
        return body, content_type
    try:
        key = (folder / Path(key_file).name).read_bytes().strip()
    except OSError:
        return body, content_type
    opened = open_form(body, key)
    return (body, content_type) if opened is None else (opened, _JSON)
