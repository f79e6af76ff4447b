"""What stands in a tree?"""

from collections.abc import Iterator

from gateway.model.tree import Tree


def texts_in(part: Tree) -> Iterator[str]:
    """Yield every text of a tree, wherever it stands."""
    match part:
        case dict():
            for inner in part.values():
                yield from texts_in(inner)
        case list():
            for inner in part:
                yield from texts_in(inner)
        case str():
            yield part
        case _:
            return
