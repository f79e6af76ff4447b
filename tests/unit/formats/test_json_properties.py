"""Does the JSON reader hold for any bytes and any tree?"""

import contextlib
import json
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import PermanentError
from gateway.formats.json import read_json, read_json_again, write_json
from gateway.formats.limits import Limits
from gateway.model.tree import Tree

LIMITS = Limits(depth=20, nodes=500, text_length=200)
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
NUMBERS = st.integers(-(10**19) + 1, 10**19 - 1) | st.decimals(-(10**9), 10**9, places=4)
TREES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(TEXTS, inner, max_size=5),
    max_leaves=40,
)
NEARLY_JSON = st.text('[]{}",:\\u0d8eE+-.1 \nNaInfity', max_size=60).map(str.encode)


@given(st.binary(max_size=200) | NEARLY_JSON)
def test_any_bytes_are_read_or_refused_with_a_reason(body: bytes) -> None:
    with contextlib.suppress(PermanentError):
        read_json(body, limits=LIMITS)


@given(NEARLY_JSON)
def test_whatever_is_read_the_standard_library_reads_alike(body: bytes) -> None:
    with contextlib.suppress(PermanentError):
        ours = read_json(body, limits=LIMITS)
        assert ours == json.loads(body, parse_float=Decimal)


@given(NEARLY_JSON | TREES.map(write_json))
def test_what_was_taken_once_is_read_alike_again(body: bytes) -> None:
    with contextlib.suppress(PermanentError):
        taken = read_json(body, limits=LIMITS)
        assert repr(read_json_again(body)) == repr(taken)


@given(TREES)
def test_every_tree_comes_back_as_it_was_written(tree: Tree) -> None:
    assert read_json(write_json(tree), limits=Limits()) == tree


@given(TREES, st.integers(1, 8))
def test_depth_is_counted_exactly(tree: Tree, limit: int) -> None:
    body = write_json(tree)

    with contextlib.suppress(PermanentError):
        read_json(body, limits=Limits(depth=limit))
        assert _depth(tree) <= limit
        return
    assert _depth(tree) > limit


def _depth(tree: Tree) -> int:
    match tree:
        case dict():
            return 1 + max(map(_depth, tree.values()), default=0)
        case list():
            return 1 + max(map(_depth, tree), default=0)
        case _:
            return 0
