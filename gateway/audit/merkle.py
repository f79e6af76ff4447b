"""What is the root over all leaves, and how is one shown to be under it without the others?

The tree of RFC 6962. Only complete subtrees are stored; whatever a proof needs is read through a getter, so a proof
over ten million leaves reads some fifty hashes.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence

from gateway.errors import IntegrityError

_LEAF = b"\x00"  # leaves and nodes differ in their first byte,
_NODE = b"\x01"  # so a node can never be passed off as a leaf

EMPTY_ROOT = hashlib.sha256(b"").digest()

NodeGetter = Callable[[int, int], bytes | None]
"""Gives the hash of the *index*-th complete subtree of 2**level leaves, or None when it is not there."""


def leaf_hash(entry: bytes) -> bytes:
    """Return the 32-byte hash of one canonical audit entry.

    Source: RFC 6962, section 2.1.
    """
    return hashlib.sha256(_LEAF + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the 32-byte hash over two subtrees.

    Source: RFC 6962, section 2.1.
    """
    return hashlib.sha256(_NODE + left + right).digest()


def root(leaves: Sequence[bytes]) -> bytes:
    """Return the 32-byte root over leaf hashes, oldest first; the empty tree's root is the SHA-256 of nothing.

    Source: RFC 6962, section 2.1.
    """
    peaks: list[bytes] = []
    for position, leaf in enumerate(leaves):
        _grow(peaks, leaf, position)
    return _fold(peaks)


def _grow(peaks: list[bytes], leaf: bytes, position: int) -> None:
    """Add the leaf at *position* to the complete subtrees before it, joining those of equal size."""
    peaks.append(leaf)
    while position & 1:
        right = peaks.pop()
        peaks.append(node_hash(peaks.pop(), right))
        position >>= 1


def _fold(peaks: Sequence[bytes]) -> bytes:
    """Return the root over complete subtrees, largest first."""
    if not peaks:
        return EMPTY_ROOT
    folded = peaks[-1]
    for peak in reversed(peaks[:-1]):
        folded = node_hash(peak, folded)
    return folded


class CompactRange:
    """A growing tree that remembers only its largest complete subtrees, about log2(size) hashes."""

    def __init__(self, size: int, peaks: Iterable[bytes]) -> None:
        self.size = size
        self._peaks = list(peaks)
        if len(self._peaks) != size.bit_count():
            raise IntegrityError(
                "a tree has as many peaks as its size has bits",
                expected=str(size.bit_count()),
                found=str(len(self._peaks)),
            )

    @property
    def root(self) -> bytes:
        """Return the 32-byte root over all leaves so far."""
        return _fold(self._peaks)

    def append(self, leaf: bytes) -> list[tuple[int, int, bytes]]:
        """Add a leaf and return the subtrees it completes, smallest first.

        Shape: (level, index, hash) with level 1 or more.
        """
        completed: list[tuple[int, int, bytes]] = []
        index, level, joined = self.size, 0, leaf
        while index & 1:
            joined = node_hash(self._peaks.pop(), joined)
            index >>= 1
            level += 1
            completed.append((level, index, joined))
        self._peaks.append(joined)
        self.size += 1
        return completed


def compact_range(size: int, node: NodeGetter) -> CompactRange:
    """Return the compact range of the first *size* leaves.

    Raises:
        IntegrityError: a subtree is missing.
    """
    return CompactRange(size, (_read(node, level, index) for level, index in _cover(0, size)))


def _cover(start: int, end: int) -> list[tuple[int, int]]:
    """Return the fewest complete subtrees that make up leaves *start* to *end*, left to right, as (level, index).

    *start* must be a multiple of every power of two it is asked to start; the subtrees RFC 6962 speaks of always are.
    """
    parts: list[tuple[int, int]] = []
    while start < end:
        level = (end - start).bit_length() - 1
        parts.append((level, start >> level))
        start += 1 << level
    return parts


def _read(node: NodeGetter, level: int, index: int) -> bytes:
    found = node(level, index)
    if found is None:
        raise IntegrityError(
            "a subtree of the log is missing", expected=f"level {level}, index {index}", found="nothing"
        )
    return found


def _span(start: int, end: int, node: NodeGetter) -> bytes:
    """Return the hash over leaves *start* to *end*, a subtree of the RFC's division."""
    return _fold([_read(node, level, index) for level, index in _cover(start, end)])


def _middle(start: int, end: int) -> int:
    """Return where the RFC divides: behind the largest power of two smaller than the number of leaves."""
    return start + (1 << ((end - start - 1).bit_length() - 1))


def inclusion_path(index: int, size: int, node: NodeGetter) -> list[bytes]:
    """Return the hashes that lead from the leaf at *index* to the root at *size*, the leaf's sibling first.

    Raises:
        IntegrityError: a subtree is missing.
        ValueError: there is no such leaf at that size.

    Source: RFC 6962, section 2.1.1.
    """
    if not 0 <= index < size:
        raise ValueError(f"there is no leaf {index} among {size}")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = _middle(start, end)
        if index < middle:
            path.append(_span(middle, end, node))
            end = middle
        else:
            path.append(_span(start, middle, node))
            start = middle
    path.reverse()
    return path


def consistency_path(old: int, new: int, node: NodeGetter) -> list[bytes]:
    """Return the hashes that show the tree of *new* leaves to begin with the tree of *old* leaves.

    From the empty tree, and from a tree to itself, the path is empty.

    Raises:
        IntegrityError: a subtree is missing.
        ValueError: *old* is greater than *new*, or negative.

    Source: RFC 6962, section 2.1.2.
    """
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} leaves cannot begin with {old}")
    if old in {0, new}:
        return []
    path: list[bytes] = []
    start, end, whole = 0, new, True
    while old != end:
        middle = _middle(start, end)
        if old <= middle:
            path.append(_span(middle, end, node))
            end = middle
        else:
            path.append(_span(start, middle, node))
            start, whole = middle, False
    if not whole:
        path.append(_span(start, end, node))
    path.reverse()
    return path


def root_of_inclusion(leaf: bytes, path: Sequence[bytes], *, index: int, size: int) -> bytes | None:
    """Return the root that *path* gives the leaf at *index* of *size*, or None when the path has the wrong length."""
    turns = _turns(index, size)
    if turns is None or len(turns) != len(path):
        return None
    for sibling, is_right in zip(path, reversed(turns), strict=True):
        leaf = node_hash(sibling, leaf) if is_right else node_hash(leaf, sibling)
    return leaf


def _turns(index: int, size: int) -> list[bool] | None:
    """Return, from the root down to the leaf, whether the leaf lies in the right half; None for no such leaf."""
    if not 0 <= index < size:
        return None
    turns: list[bool] = []
    start, end = 0, size
    while end - start > 1:
        middle = _middle(start, end)
        turns.append(index >= middle)
        start, end = (middle, end) if index >= middle else (start, middle)
    return turns


def includes(leaf: bytes, path: Sequence[bytes], *, index: int, size: int, root: bytes) -> bool:
    """Tell whether *path* shows *leaf* to be the leaf at *index* under *root* over *size* leaves."""
    return root_of_inclusion(leaf, path, index=index, size=size) == root


def extends(path: Sequence[bytes], *, old: tuple[int, bytes], new: tuple[int, bytes]) -> bool:
    """Tell whether *path* shows the tree *new* to begin with the tree *old*, each a (size, root).

    Every tree begins with the empty one, whose root must be the empty root: a log that says otherwise has forged it.
    """
    old_size, old_root = old
    new_size, new_root = new
    if old_size == 0:
        return not path and old_root == EMPTY_ROOT and (new_size > 0 or new_root == EMPTY_ROOT)
    if old_size == new_size:
        return not path and old_root == new_root
    if not 0 < old_size < new_size or not path:
        return False
    return _roots_of_consistency(list(path), old, new_size) == (old_root, new_root)


def _roots_of_consistency(path: list[bytes], old: tuple[int, bytes], new_size: int) -> tuple[bytes, bytes] | None:
    """Return the old and the new root that *path* gives, or None when it has the wrong length."""
    old_size, old_root = old
    steps = _steps_down_to(old_size, new_size)
    # With no turn to the right the old tree is itself a subtree of the new one, and the path leaves its root out.
    seed = path.pop(0) if any(steps) else old_root
    if len(path) != len(steps):
        return None
    older = newer = seed
    for sibling, is_right in zip(path, reversed(steps), strict=True):
        if is_right:
            older, newer = node_hash(sibling, older), node_hash(sibling, newer)
        else:
            newer = node_hash(newer, sibling)
    return older, newer


def _steps_down_to(old: int, new: int) -> list[bool]:
    """Return the turns from the new root to the subtree that ends where the old tree ends; True is right."""
    steps: list[bool] = []
    start, end = 0, new
    while old != end:
        middle = _middle(start, end)
        steps.append(old > middle)
        start, end = (middle, end) if old > middle else (start, middle)
    return steps
