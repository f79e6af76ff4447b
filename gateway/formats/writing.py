"""What bytes does a document have in a format of a partner's?"""

from collections.abc import Sequence

from gateway.errors import UnsupportedFormatError
from gateway.formats.episode_xml import write_episode
from gateway.formats.history import write_history
from gateway.formats.json import write_json
from gateway.formats.register import Format, Reader
from gateway.model.tree import Group


def write(form: Format, tree: Group) -> bytes:
    """Return *tree*, a document in the shape of *form*, as a partner takes it."""
    match form.reader:
        case Reader.EPISODE_XML:
            return write_episode(tree, form.document)
        case Reader.HISTORY:
            return write_history([tree])
        case _:
            return write_json(tree)


def write_all(form: Format, trees: Sequence[Group]) -> bytes:
    """Return several documents as one file: a history where *form* is one, else one document or a list of them.

    Raises:
        UnsupportedFormatError: the format has no such list.
    """
    if form.reader is Reader.HISTORY:
        return write_history(trees)
    if len(trees) == 1:
        return write(form, trees[0]) + b"\n"
    if form.reader is Reader.EPISODE_XML:
        raise UnsupportedFormatError("several documents are no one XML document; write them into a folder")
    return write_json(list(trees)) + b"\n"
