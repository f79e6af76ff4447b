import pytest

from gateway.audit.merkle import root
from gateway.audit.tile import tile_bytes, tile_path, tiles_of
from gateway.errors import IntegrityError
from tests.unit.audit.test_merkle import stored

LEAVES = [bytes([number % 251]) * 32 for number in range(600)]
NODES = stored(LEAVES)


def node(level: int, index: int) -> bytes | None:
    return NODES.get((level, index))


@pytest.mark.parametrize(
    ("level", "number", "width", "path"),
    [
        (0, 0, 256, "tile/0/000"),
        (0, 1234067, 256, "tile/0/x001/x234/067"),
        (1, 7, 17, "tile/1/007.p/17"),
        (0, 1000, 1, "tile/0/x001/000.p/1"),
    ],
)
def test_tiles_are_where_the_specification_puts_them(level: int, number: int, width: int, path: str) -> None:
    assert tile_path(level, number, width) == path


def test_a_log_of_70000_leaves_has_the_tiles_of_the_specifications_example() -> None:
    tiles = tiles_of(70_000)

    assert [tile for tile in tiles if tile[2] < 256] == [(0, 273, 112), (1, 1, 17), (2, 0, 1)]
    assert len([tile for tile in tiles if tile[0] == 0 and tile[2] == 256]) == 273
    assert len([tile for tile in tiles if tile[0] == 1 and tile[2] == 256]) == 1


def test_a_full_tile_has_no_partial_one_beside_it() -> None:
    assert tiles_of(256) == [(0, 0, 256), (1, 0, 1)]
    assert tiles_of(0) == []


def test_a_tile_is_its_hashes_side_by_side() -> None:
    assert tile_bytes(0, 2, 88, node) == b"".join(LEAVES[512:600])


def test_a_tile_above_holds_the_roots_of_those_below() -> None:
    assert tile_bytes(1, 0, 2, node) == root(LEAVES[:256]) + root(LEAVES[256:512])


def test_a_tile_the_log_does_not_have_is_an_alarm() -> None:
    with pytest.raises(IntegrityError):
        tile_bytes(1, 0, 3, node)
