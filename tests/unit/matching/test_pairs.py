import pytest

from gateway.errors import SchemaViolationError
from gateway.matching.pairs import COLUMNS_IN, COLUMNS_OUT, check_columns, match_pairs

SAME = {
    f"{side}_{name}": value
    for side in ("left", "right")
    for name, value in (("given", "Testina"), ("family", "Exampleton"), ("dob", "2014-05-12"), ("postcode", "ZZ99 3AA"))
}


def test_each_row_gets_its_verdict_in_its_place() -> None:
    rows = [{"id": "1", **SAME}, {"id": "2", **SAME, "right_given": "Rosa"}, {"id": "3"}]

    answers = list(match_pairs(rows))

    assert [(row["id"], row["band"]) for row in answers] == [("1", "MATCH"), ("2", "LOW"), ("3", "NONE")]
    assert tuple(answers[0]) == COLUMNS_OUT
    assert answers[0]["score"] == "0.950"
    assert answers[0]["evidence"] == "given=same family=same dob=same postcode=same"


def test_a_file_without_a_column_is_refused_by_its_name() -> None:
    with pytest.raises(SchemaViolationError) as caught:
        check_columns([name for name in COLUMNS_IN if name != "right_dob"])

    assert caught.value.place.path == "right_dob"


def test_further_columns_do_no_harm() -> None:
    check_columns([*COLUMNS_IN, "label"])
