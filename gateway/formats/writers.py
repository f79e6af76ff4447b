"""What bytes does a document have in a format of a partner's?"""

from collections.abc import Sequence

from gateway.errors import UnsupportedFormatError
from gateway.formats.episode_xml import write_episode
from gateway.formats.history import write_history
from gateway.formats.json import write_json
from gateway.formats.local_names import spread
from gateway.formats.register import Format, Reader
from gateway.model.document import DOCUMENTS
from gateway.model.tree import Group


def write_document(fmt: Format, tree: Group) -> bytes:
    """Return *tree*, a document in the shape of *fmt*, as a partner takes it."""
    match fmt.reader:
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
    """Return several documents as one file: a history where *fmt* is one, else one document or a list of them.

    Raises:
        UnsupportedFormatError: the format has no such list.
    """
    if fmt.reader is Reader.HISTORY:
        return write_history([_with_names_spread(fmt, tree) for tree in trees])
    if len(trees) == 1:
        return write_document(fmt, trees[0]) + b"\n"
    if fmt.reader is Reader.EPISODE_XML:
        raise UnsupportedFormatError("several documents are no one XML document; write them into a folder")
    return write_json([_with_names_spread(fmt, tree) for tree in trees]) + b"\n"
