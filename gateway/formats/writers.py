"""How does a tree in a partner's shape become the bytes that are sent?"""

from collections.abc import Sequence

from gateway.formats.ctf_writer import write_ctf
from gateway.formats.json import write_json
from gateway.formats.register import Format, Reader
from gateway.model.tree import Group


def write_document(fmt: Format, tree: Group) -> bytes:
    """Return *tree* as one document of *fmt*.

    Raises:
        TranslationError: the format has no way to write what is in it.
    """
    return write_ctf([tree]) if fmt.reader is Reader.CTF else write_json(tree)


def write_together(fmt: Format, trees: Sequence[Group]) -> bytes:
    """Return *trees*, of which there is one at least, in one file: one as it is, several as the format has several.

    Raises:
        TranslationError: the format has no way to write what is in them, or not in one file.
    """
    if fmt.reader is Reader.CTF:
        return write_ctf(trees)
    return write_json(trees[0] if len(trees) == 1 else list(trees)) + b"\n"
