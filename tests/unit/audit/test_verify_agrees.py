"""Do the log and the outsider's program, written apart, agree on every proof?"""

import pytest

from gateway.audit import verify
from gateway.audit.merkle import consistency_path, inclusion_path
from tests.unit.audit.log_builders import accepted
from tests.unit.audit.test_merkle import LARGEST, LEAVES, ROOTS, node

WRONG = (verify.TamperedError,)


@pytest.mark.parametrize("size", range(1, LARGEST + 1))
def test_both_accept_every_leaf_and_each_only_at_its_place(size: int) -> None:
    tree = verify.Tree("", size, ROOTS[size])
    paths = [inclusion_path(index, size, node) for index in range(size)]

    places = [
        [at for at in (index, index ^ 1, size - 1 - index, size) if _is_included(LEAVES[index], at, tree, path)]
        for index, path in enumerate(paths)
    ]

    assert [set(found) for found in places] == [{index} for index in range(size)]


@pytest.mark.parametrize("new", range(LARGEST + 1))
def test_both_accept_every_older_tree_and_no_other(new: int) -> None:
    newer = verify.Tree("", new, ROOTS[new])

    right = [old for old in range(new + 1) if _begins(verify.Tree("", old, ROOTS[old]), newer, old)]
    wrong = [old for old in range(new + 1) if _begins(verify.Tree("", old, bytes(32)), newer, old)]

    assert right == list(range(new + 1))
    assert wrong == []


def test_a_path_must_not_be_longer_than_the_tree_is_high() -> None:
    tree = verify.Tree("", 1, verify.pair(LEAVES[1], LEAVES[0]))

    assert not _is_included(LEAVES[0], 0, tree, [LEAVES[1]])


@pytest.mark.parametrize("size", [3, 4])
def test_a_path_must_be_as_long_as_the_tree_is_high(size: int) -> None:
    tree = verify.Tree("", size, verify.pair(LEAVES[0], LEAVES[1]))

    assert not _is_included(LEAVES[0], 0, tree, [LEAVES[1]])
    assert _is_included(LEAVES[0], 0, tree._replace(size=2), [LEAVES[1]])


def _is_included(leaf: bytes, at: int, tree: verify.Tree, path: list[bytes]) -> bool:
    return bool(accepted(lambda one: verify.demand_inclusion(one, at, tree, path), [leaf], refusal=WRONG))


def _begins(old: verify.Tree, new: verify.Tree, size: int) -> bool:
    path = consistency_path(size, new.size, node)
    return bool(accepted(lambda _: verify.demand_consistency(old, new, path), [b""], refusal=WRONG))
