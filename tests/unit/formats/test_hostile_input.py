"""Is every hostile input refused at the gate with exactly the reason it deserves?"""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from gateway import errors
from gateway.errors import PermanentError
from gateway.formats.gate import gate
from gateway.formats.limits import Limits
from gateway.formats.register import FORMATS
from gateway.formats.schema_register import SchemaRegister

FOLDER = Path(__file__).parents[2] / "vectors/hostile"
TABLE = json.loads((FOLDER / "table.json").read_bytes())


@pytest.mark.timeout(5)
@pytest.mark.parametrize("row", TABLE, ids=[row["file"] for row in TABLE])
def test_a_hostile_input_is_refused_with_its_reason(schemas: SchemaRegister, row: Mapping[str, str]) -> None:
    body = (FOLDER / row["file"]).read_bytes()

    with pytest.raises(PermanentError) as caught:
        gate(FORMATS[row["format"]], body, content_type=row["content_type"], schemas=schemas, limits=Limits())

    assert type(caught.value) is getattr(errors, row["error"])
    assert caught.value.code == row["code"]


@pytest.mark.parametrize("row", TABLE, ids=[row["file"] for row in TABLE])
def test_no_refusal_repeats_what_the_input_says(schemas: SchemaRegister, row: Mapping[str, str]) -> None:
    body = (FOLDER / row["file"]).read_bytes()

    with pytest.raises(PermanentError) as caught:
        gate(FORMATS[row["format"]], body, content_type=row["content_type"], schemas=schemas, limits=Limits())

    said = json.dumps(caught.value.as_json())
    assert not [word for word in ("Testina", "Exampleton", "Zo", "Makebelieve", "HOSTILE1", "passwd") if word in said]


def test_every_file_of_the_folder_is_in_the_table() -> None:
    files = {path.name for path in FOLDER.iterdir()} - {"table.json", "README.md"}

    assert files == {row["file"] for row in TABLE}
