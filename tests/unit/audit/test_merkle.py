import json
from pathlib import Path

import pytest

from gateway.audit import merkle
from gateway.audit.merkle import CompactRange, compact_range, consistency_path, extends, includes, inclusion_path
from gateway.errors import IntegrityError

VECTORS = json.loads((Path(__file__).parents[2] / "vectors/audit/rfc6962.json").read_text())
KNOWN_LEAVES = [merkle.leaf_hash(bytes.fromhex(leaf)) for leaf in VECTORS["leaves"]]
LARGEST = 130
LEAVES = [merkle.leaf_hash(b"%d" % number) for number in range(LARGEST)]


def naive_root(leaves: list[bytes]) -> bytes:
    """Return the root as the RFC's definition reads, without any cleverness."""
    if not leaves:
        return merkle.EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return merkle.node_hash(naive_root(leaves[:half]), naive_root(leaves[half:]))


def stored(leaves: list[bytes]) -> dict[tuple[int, int], bytes]:
    """Return the complete subtrees a store would hold."""
    nodes = {(0, index): leaf for index, leaf in enumerate(leaves)}
    tree = CompactRange(0, [])
    for leaf in leaves:
        nodes |= {(level, index): joined for level, index, joined in tree.append(leaf)}
    return nodes


NODES = stored(LEAVES)
ROOTS = [naive_root(LEAVES[:size]) for size in range(LARGEST + 1)]


def node(level: int, index: int) -> bytes | None:
    return NODES.get((level, index))


def known_node(level: int, index: int) -> bytes | None:
    return stored(KNOWN_LEAVES).get((level, index))


@pytest.mark.parametrize("size", range(9))
def test_the_root_is_the_published_one(size: int) -> None:
    assert merkle.root(KNOWN_LEAVES[:size]).hex() == VECTORS["roots"][size]


@pytest.mark.parametrize("case", VECTORS["inclusion"], ids=lambda case: f"{case['index']} of {case['size']}")
def test_the_inclusion_path_is_the_published_one(case: dict[str, object]) -> None:
    path = inclusion_path(int(str(case["index"])), int(str(case["size"])), known_node)

    assert [part.hex() for part in path] == case["path"]


@pytest.mark.parametrize("case", VECTORS["consistency"], ids=lambda case: f"{case['old']} to {case['new']}")
def test_the_consistency_path_is_the_published_one(case: dict[str, object]) -> None:
    path = consistency_path(int(str(case["old"])), int(str(case["new"])), known_node)

    assert [part.hex() for part in path] == case["path"]


def test_leaf_and_node_of_the_same_bytes_have_different_hashes() -> None:
    left, right = LEAVES[0], LEAVES[1]

    assert merkle.leaf_hash(left + right) != merkle.node_hash(left, right)


@pytest.mark.parametrize("size", range(LARGEST + 1))
def test_the_fast_root_is_the_naive_root(size: int) -> None:
    assert merkle.root(LEAVES[:size]) == ROOTS[size]
    assert compact_range(size, node).root == ROOTS[size]


@pytest.mark.parametrize("size", range(1, LARGEST + 1))
def test_every_leaf_is_proved_at_every_size(size: int) -> None:
    unproved = [
        index
        for index in range(size)
        if not includes(LEAVES[index], inclusion_path(index, size, node), index=index, size=size, root=ROOTS[size])
    ]

    assert unproved == []


@pytest.mark.parametrize("size", range(1, LARGEST + 1))
def test_no_leaf_is_proved_at_another_place(size: int) -> None:
    path = inclusion_path(size // 2, size, node)

    elsewhere = [
        index
        for index in range(size + 1)
        if includes(LEAVES[size // 2], path, index=index, size=size, root=ROOTS[size]) and index != size // 2
    ]

    assert elsewhere == []


@pytest.mark.parametrize("new", range(LARGEST + 1))
def test_every_older_tree_is_shown_to_begin_every_newer(new: int) -> None:
    unproved = [
        old
        for old in range(new + 1)
        if not extends(consistency_path(old, new, node), old=(old, ROOTS[old]), new=(new, ROOTS[new]))
    ]

    assert unproved == []


@pytest.mark.parametrize("new", range(1, LARGEST + 1))
def test_no_tree_with_another_root_is_shown_to_begin_it(new: int) -> None:
    other = merkle.leaf_hash(b"forged")

    proved = [
        old
        for old in range(1, new + 1)
        if extends(consistency_path(old, new, node), old=(old, other), new=(new, ROOTS[new]))
        or extends(consistency_path(old, new, node), old=(old, ROOTS[old]), new=(new, other))
    ]

    assert proved == []


def test_the_empty_tree_begins_only_with_its_own_root() -> None:
    assert extends([], old=(0, merkle.EMPTY_ROOT), new=(0, merkle.EMPTY_ROOT))
    assert not extends([], old=(0, merkle.EMPTY_ROOT), new=(0, ROOTS[1]))
    assert not extends([], old=(0, ROOTS[1]), new=(5, ROOTS[5]))
    assert not extends([ROOTS[1]], old=(0, merkle.EMPTY_ROOT), new=(1, ROOTS[1]))


@pytest.mark.parametrize("changed", ["shorter", "longer", "swapped"])
def test_a_path_of_the_wrong_length_or_order_proves_nothing(changed: str) -> None:
    path = inclusion_path(5, 13, node)
    wrong = {"shorter": path[:-1], "longer": [*path, path[-1]], "swapped": [path[1], path[0], *path[2:]]}[changed]

    assert not includes(LEAVES[5], wrong, index=5, size=13, root=ROOTS[13])


@pytest.mark.parametrize("changed", ["empty", "shorter", "longer", "swapped"])
def test_a_consistency_path_of_the_wrong_length_or_order_proves_nothing(changed: str) -> None:
    path = consistency_path(5, 13, node)
    wrong = {
        "empty": [],
        "shorter": path[:-1],
        "longer": [*path, path[-1]],
        "swapped": [path[1], path[0], *path[2:]],
    }[changed]

    assert not extends(wrong, old=(5, ROOTS[5]), new=(13, ROOTS[13]))


def test_a_shorter_tree_never_extends_a_longer_one() -> None:
    assert not extends(consistency_path(5, 13, node), old=(13, ROOTS[13]), new=(5, ROOTS[5]))


@pytest.mark.parametrize(("index", "size"), [(0, 0), (3, 3), (-1, 3)])
def test_a_leaf_that_is_not_there_has_no_path(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="no leaf"):
        inclusion_path(index, size, node)

    assert merkle.root_of_inclusion(LEAVES[0], [], index=index, size=size) is None


@pytest.mark.parametrize(("old", "new"), [(4, 3), (-1, 3)])
def test_a_longer_tree_does_not_begin_a_shorter_one(old: int, new: int) -> None:
    with pytest.raises(ValueError, match="cannot begin"):
        consistency_path(old, new, node)


def test_a_missing_subtree_is_an_alarm() -> None:
    with pytest.raises(IntegrityError) as caught:
        inclusion_path(3, LARGEST + 60, node)

    assert caught.value.expected.startswith("level ")


def test_a_compact_range_needs_one_peak_for_each_bit() -> None:
    with pytest.raises(IntegrityError):
        CompactRange(5, [LEAVES[0]])


@pytest.mark.parametrize("size", [1, 1000, 10_000_000, 2**40 - 1])
def test_a_proof_reads_few_hashes_however_long_the_log_is(size: int) -> None:
    asked: list[tuple[int, int]] = []

    def counted(level: int, index: int) -> bytes:
        asked.append((level, index))
        return bytes(32)

    inclusion_path(size // 3, size, counted)
    consistency_path(size // 3 + 1, size, counted)

    assert len(asked) <= 4 * size.bit_length()
