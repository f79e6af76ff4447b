from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import IntegrityError
from gateway.matching.identity import Identity, from_child, from_columns, identity_from_json, identity_to_json
from gateway.model.child import Child, Sex
from gateway.model.document import to_tree
from gateway.model.family import Address

CHILD = Child(
    given_names="Testina",
    family_name="Exampleton",
    preferred_name="Tess",
    former_names=("Testina Sampleby",),
    born=date(2014, 5, 12),
    sex=Sex.FEMALE,
    upn="b801200005001",
    nhs_number="999 000 0026",
    address=Address(lines=("1 Nowhere Lane", "Nowhere"), postcode="zz993aa"),
)


def _tree(child: Child) -> dict[str, object]:
    tree = to_tree(child)
    assert isinstance(tree, dict)
    return dict(tree)


def test_a_canonical_child_tells_its_identity() -> None:
    assert from_child(_tree(CHILD)) == Identity(  # type: ignore[arg-type]
        given="Testina",
        family="Exampleton",
        preferred="Tess",
        born=date(2014, 5, 12),
        postcode="ZZ99 3AA",
        address="1 Nowhere Lane, Nowhere",
        sex="2",
        upn="B801200005001",
        nhs="9990000026",
    )


def test_a_former_name_leads_nowhere() -> None:
    identity = from_child(_tree(CHILD))  # type: ignore[arg-type]

    assert "Sampleby" not in str(identity)


@pytest.mark.parametrize(
    ("column", "written"),
    [
        pytest.param("upn", "A801200005001", id="a wrong check letter"),
        pytest.param("nhs", "9990000027", id="a wrong check digit"),
        pytest.param("nhs", "1111111111", id="one digit ten times"),
        pytest.param("dob", "12/05/14", id="a two-digit year"),
        pytest.param("dob", "01/01/1900", id="a date that stands for none"),
        pytest.param("dob", "soon", id="words for a date"),
        pytest.param("postcode", "ZZ99 3VZ", id="no fixed abode"),
        pytest.param("postcode", "not known", id="words for a postcode"),
        pytest.param("sex", "9", id="a sex that is neither"),
        pytest.param("given", "  ", id="a blank name"),
    ],
)
def test_what_is_no_key_is_not_known(column: str, written: str) -> None:
    assert from_columns({column: written}) == Identity()


@pytest.mark.parametrize(
    "written",
    [pytest.param(text, id=text) for text in ("2014-05-12", "12/05/2014", "12.5.2014", "2014-05-12T00:00:00+01:00")],
)
def test_a_date_may_be_written_in_several_ways(written: str) -> None:
    assert from_columns({"dob": written}).born == date(2014, 5, 12)


def test_columns_of_one_side_are_read_by_their_prefix() -> None:
    row = {"left_given": "Testina", "right_given": "Rosa", "left_sex": "F"}

    assert from_columns(row, "left_") == Identity(given="Testina", sex="2")


@given(
    st.builds(
        Identity,
        given=st.none() | st.text(min_size=1).filter(lambda text: text == text.strip() != ""),
        born=st.none() | st.dates(),
        expected=st.none() | st.dates(),
        nhs=st.none() | st.just("9990000026"),
    )
)
def test_an_identity_comes_back_as_it_was_kept(identity: Identity) -> None:
    assert identity_from_json(identity_to_json(identity)) == identity


@pytest.mark.parametrize(
    "kept",
    [pytest.param({"born": "soon"}, id="no date"), pytest.param({"shoe_size": "31"}, id="an unknown field")],
)
def test_a_kept_identity_that_was_tampered_with_halts(kept: dict[str, str]) -> None:
    with pytest.raises(IntegrityError):
        identity_from_json(dict(kept))
