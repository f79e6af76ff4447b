"""What do the tests of the formats share?"""

from collections.abc import Callable
from pathlib import Path

import pytest

from gateway.formats.schema_register import SchemaRegister

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="session")
def schema_files() -> dict[str, bytes]:
    """Return every schema file by its path under schemas/."""
    folder = ROOT / "schemas"
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="session")
def schemas(schema_files: dict[str, bytes]) -> SchemaRegister:
    """Return the register over every schema file."""
    return SchemaRegister(schema_files)


@pytest.fixture(scope="session")
def example() -> Callable[[str], bytes]:
    """Return a reader of example files, such as `sims/superstar-three-pupils.xml`."""
    return lambda name: (ROOT / "tests/vectors/examples" / name).read_bytes()
