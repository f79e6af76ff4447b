from hypothesis import given
from hypothesis import strategies as st

from gateway.audit import merkle
from tests.unit.audit.log_builders import flipped
from tests.unit.audit.test_merkle import naive_root, stored

LEAVES = st.lists(st.binary(max_size=8), min_size=1, max_size=300).map(lambda all_: [merkle.leaf_hash(x) for x in all_])


@given(leaves=LEAVES)
def test_the_fast_tree_is_the_naive_tree(leaves: list[bytes]) -> None:
    assert merkle.root(leaves) == naive_root(leaves)


@given(leaves=LEAVES, data=st.data())
def test_every_leaf_is_proved_and_no_changed_one_is(leaves: list[bytes], data: st.DataObject) -> None:
    size, nodes = len(leaves), stored(leaves)
    index = data.draw(st.integers(0, size - 1))
    bit = data.draw(st.integers(0, 255))
    root = naive_root(leaves)

    path = merkle.inclusion_path(index, size, lambda level, at: nodes.get((level, at)))

    assert merkle.includes(leaves[index], path, index=index, size=size, root=root)
    assert not merkle.includes(flipped(leaves[index], bit), path, index=index, size=size, root=root)


@given(leaves=LEAVES, data=st.data())
def test_one_turned_bit_anywhere_in_a_path_breaks_it(leaves: list[bytes], data: st.DataObject) -> None:
    leaves = [*leaves, merkle.leaf_hash(b"one more")]
    size, nodes = len(leaves), stored(leaves)
    index = data.draw(st.integers(0, size - 1))
    path = merkle.inclusion_path(index, size, lambda level, at: nodes.get((level, at)))
    step = data.draw(st.integers(0, len(path) - 1))
    bit = data.draw(st.integers(0, 255))

    changed = [*path[:step], flipped(path[step], bit), *path[step + 1 :]]

    assert not merkle.includes(leaves[index], changed, index=index, size=size, root=naive_root(leaves))


@given(leaves=LEAVES, data=st.data())
def test_older_trees_begin_newer_ones_and_changed_ones_do_not(leaves: list[bytes], data: st.DataObject) -> None:
    new, nodes = len(leaves), stored(leaves)
    old = data.draw(st.integers(1, new))
    changed_at = data.draw(st.integers(0, old - 1))
    rewritten = [*leaves[:changed_at], merkle.leaf_hash(b"rewritten"), *leaves[changed_at + 1 : old]]

    path = merkle.consistency_path(old, new, lambda level, at: nodes.get((level, at)))

    assert merkle.extends(path, old=(old, naive_root(leaves[:old])), new=(new, naive_root(leaves)))
    assert not merkle.extends(path, old=(old, naive_root(rewritten)), new=(new, naive_root(leaves)))
