"""What bytes does a document have in a format of a partner's?"""

from collections.abc import Sequence

from gateway.errors import UnsupportedFormatError
from gateway.formats.ctf_writer import write_ctf
from gateway.formats.episode_xml import write_episode
from gateway.formats.history import write_history
from gateway.formats.json import write_json
from gateway.formats.local_names import spread
from gateway.formats.register import Format, Reader
from gateway.model.document import DOCUMENTS
from gateway.model.tree import Group


def write_document(fmt: Format, tree: Group) -> bytes:
    """Return *tree*, a document in the shape of *fmt*, as a partner takes it.

    Raises:
        TranslationError: the format has no way to write what is in it.
    """
    match fmt.reader:
        case Reader.CTF:
            return write_ctf([tree])
        case Reader.EPISODE_XML:
            return write_episode(tree, fmt.document)
        case Reader.HISTORY:
            return write_history([_with_names_spread(fmt, tree)])
        case _:
            return write_json(_with_names_spread(fmt, tree))


def _with_names_spread(fmt: Format, tree: Group) -> Group:
    """Return an early-help record with its local headings under their own names; any other document as it is."""
    if fmt.document != "ecaf.episode" or "document" not in tree:
        return tree
    return {**tree, "document": spread(tree["document"], DOCUMENTS[fmt.document])}


def write_together(fmt: Format, trees: Sequence[Group]) -> bytes:
    """Return *trees*, of which there is one at least, as one file: one as it is, several as the format has several.

    Raises:
        UnsupportedFormatError: the format has no such list.
        TranslationError: the format has no way to write what is in them, or not in one file.
    """
    match fmt.reader:
        case Reader.CTF:
            return write_ctf(trees)
        case Reader.HISTORY:
            return write_history([_with_names_spread(fmt, tree) for tree in trees])
        case _ if len(trees) == 1:
            return write_document(fmt, trees[0]) + b"\n"
        case Reader.EPISODE_XML:
            raise UnsupportedFormatError("several documents are no one XML document; write them into a folder")
        case _:
            return write_json([_with_names_spread(fmt, tree) for tree in trees]) + b"\n"
