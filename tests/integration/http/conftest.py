"""One whole gateway for the tests of a module: starting it takes longer than most of them."""

from collections.abc import Iterator

import pytest

from tests.integration.http.whole_gateway import Gateway, opened_gateway


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with opened_gateway(tmp_path_factory.mktemp("gateway")) as gateway:
        yield gateway
