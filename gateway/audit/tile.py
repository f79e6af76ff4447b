"""How is the tree published without publishing a single leaf? As tiles: 256 hashes of one level side by side.

Source: C2SP tlog-tiles.
"""

from gateway.audit.merkle import NodeGetter
from gateway.errors import IntegrityError

WIDTH = 256
HEIGHT = 8


def tile_path(level: int, number: int, width: int = WIDTH) -> str:
    """Return where a tile is published, such as `tile/0/x001/x234/067` or, not yet full, `tile/1/000.p/17`."""
    digits = f"{number:03d}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[i : i + 3] for i in range(0, len(digits), 3)]
    spelled = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
    return f"tile/{level}/{spelled}" + ("" if width == WIDTH else f".p/{width}")


def tiles_of(size: int) -> list[tuple[int, int, int]]:
    """Return every tile a log of *size* leaves has, as (level, number, width)."""
    tiles: list[tuple[int, int, int]] = []
    level = 0
    while size:
        full, partial = divmod(size, WIDTH)
        tiles += [(level, number, WIDTH) for number in range(full)]
        tiles += [(level, full, partial)] if partial else []
        size, level = full, level + 1
    return tiles


def tile_bytes(level: int, number: int, width: int, node: NodeGetter) -> bytes:
    """Return a tile's *width* hashes, one after the other.

    Raises:
        IntegrityError: the log has no such subtree.
    """
    first = number * WIDTH
    hashes = [node(level * HEIGHT, index) for index in range(first, first + width)]
    found = [known for known in hashes if known is not None]
    if len(found) != width:
        raise IntegrityError("a tile of the log is not complete", expected=str(width), found=str(len(found)))
    return b"".join(found)
