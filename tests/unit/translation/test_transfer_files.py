"""Common Transfer Files: what they tell becomes a pupil, and a pupil becomes one again."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, cast

import pytest
from hypothesis import given, settings
from lxml import etree

from gateway.consent.clearance import Clearance
from gateway.consent.decision import Redaction
from gateway.formats.gate import gate, split
from gateway.formats.limits import Limits
from gateway.formats.register import FORMATS
from gateway.formats.schema_register import SchemaRegister
from gateway.formats.writers import write_document
from gateway.model.category import Category
from gateway.model.tree import Group, Tree
from gateway.simulators.transfers import NUMBERLESS, TESTINA, transfer_file
from gateway.translation.library import Library
from gateway.translation.message_translator import Translated, nothing_known, project, translate_in, translate_out
from gateway.translation.partner_document import OutEnvelope
from tests.unit.translation.conftest import ROOT
from tests.unit.translation.test_translation_properties import trees

CTF = FORMATS["sims/ctf-25"]
Cleared = Callable[..., Clearance]
WRITTEN = etree.XMLSchema(etree.parse(str(ROOT / "schemas/partners/sims/ctf/1/ctf-written.xsd")))
READ = SchemaRegister({CTF.schema: (ROOT / "schemas" / CTF.schema).read_bytes()})
UPNS = ("B801200005001", "T20110001804V", "A801200005001")


def read(library: Library, body: bytes, *, edition: int = 25) -> list[Translated]:
    form = FORMATS[f"sims/ctf-{edition}"]
    gate(form, body, content_type=None, schemas=READ, limits=Limits())
    mapping = library.inbound(form.name)
    found = split(form, body, limits=Limits())
    return [translate_in(mapping, one.tree, meaning=nothing_known, on=date(2026, 11, 20)) for one in found]


def first(library: Library, pupil: Mapping[str, Tree], *, edition: int = 25) -> Translated:
    return read(library, transfer_file([pupil], edition=edition), edition=edition)[0]


@pytest.mark.parametrize("edition", [12, 23, 24, 25])
def test_gender_and_sex_are_one_thing(library: Library, edition: int) -> None:
    assert first(library, TESTINA, edition=edition).tree["child"]["sex"] == "2"


def test_a_pupil_without_a_number_is_a_pupil(library: Library) -> None:
    made = first(library, NUMBERLESS)

    assert made.tree["child"]["family_name"] == "O'NOBODY"
    assert "upn" not in made.tree["child"]
    assert made.warnings == ()


@pytest.mark.parametrize(
    ("upn", "codes"),
    [("T20110001804V", []), ("A123456789", ["upn-check"]), ("A801200005001", ["upn-check"]), ("b801200005001", [])],
    ids=["temporary", "too-short", "wrong-check-letter", "small-letter"],
)
def test_a_number_that_is_not_sound_is_kept_with_a_warning(library: Library, upn: str, codes: list[str]) -> None:
    made = first(library, {**TESTINA, "UPN": upn})

    assert made.tree["child"]["upn"] == upn.upper()
    assert [one.code for one in made.warnings] == codes


def test_a_former_number_is_kept_apart(library: Library) -> None:
    made = first(library, TESTINA)

    assert made.tree["record"]["former_upn"] == "T20110001804V"
    assert made.tree["child"]["upn"] == "B801200005001"


def test_living_with_the_pupil_copies_no_address(library: Library) -> None:
    mother, father = first(library, TESTINA).tree["contacts"]

    assert mother["lives_with_child"] == "Y"
    assert "address" not in mother
    assert father["address"] == {"lines": ["2 Nowhere Lane", "Sampleby"], "postcode": "ZZ99 3AB"}


def test_a_withheld_address_does_not_come_back_through_a_contact(
    library: Library, cleared: Cleared, envelope: OutEnvelope
) -> None:
    tree = first(library, TESTINA).tree
    hide = Redaction(reason="R-ADDR", categories=(Category.ADDR, Category.CONTACT), locating=True)

    out = translate_out(library.outbound(CTF.name), cleared("sims.pupil", tree, hide), envelope=envelope)

    told = str(out.tree)
    assert not [word for word in ("Nowhere", "ZZ99", "AddressAsPupil", "07700", "8201", "1234") if word in told]


def test_whether_a_child_is_looked_after_goes_into_no_episode(library: Library) -> None:
    tree = first(library, {**TESTINA, "LookedAfter": {"InCare": "true", "CareAuthority": "302"}}).tree
    assert tree["record"]["in_care"] == "Y"

    made = project(library.projection("sims.pupil", "ecaf.episode"), tree)

    assert "record" not in made.tree
    assert "302" not in str(made.tree)
    assert any(one.path.startswith("record") for one in made.losses)


def test_what_editions_have_besides_comes_along(library: Library) -> None:
    odd = {**TESTINA, "NAWdetails": {"Something": "Welsh"}, "Attendance": {"YearData": [{"Year": "2026"}]}}

    made = first(library, odd)

    assert [(one["question"], one["answer"]) for one in made.tree["local"]] == [
        ("Pupil.NAWdetails.Something", "Welsh"),
        ("Pupil.Attendance.YearData.Year", "2026"),
    ]


def test_a_file_says_nothing_of_an_assessment(library: Library) -> None:
    assert {"forms", "consent"}.isdisjoint(first(library, TESTINA).tree)


@pytest.mark.parametrize("pupil", [TESTINA, NUMBERLESS], ids=["everything", "hardly-anything"])
def test_what_is_written_is_strict_and_reads_alike(
    library: Library, cleared: Cleared, envelope: OutEnvelope, pupil: Group
) -> None:
    before = first(library, pupil, edition=19).tree

    out = translate_out(library.outbound(CTF.name), cleared("sims.pupil", before), envelope=envelope)
    body = write_document(CTF, out.tree)

    WRITTEN.assertValid(etree.fromstring(body))
    (after,) = read(library, body)
    assert after.tree == expected(before)


def test_a_file_to_nobody_knows_where_says_so(library: Library, cleared: Cleared, envelope: OutEnvelope) -> None:
    tree = first(library, NUMBERLESS).tree
    del tree["transfer"]["destination"]

    out = translate_out(library.outbound(CTF.name), cleared("sims.pupil", tree), envelope=envelope)

    assert out.tree["Header"]["DestSchool"] == {"LEA": "XXX", "Estab": "XXXX"}


def test_what_a_file_has_no_place_for_is_reported(library: Library, cleared: Cleared, envelope: OutEnvelope) -> None:
    tree: Group = {
        "child": {"religion": "none", "nhs_number": "9990000026"},
        "forms": [{"kind": "CAF"}],
        "consent": {"agrees_to_share": "Y"},
        "local": [{"question": "x", "answer": "y"}],
    }

    out = translate_out(library.outbound(CTF.name), cleared("sims.pupil", tree), envelope=envelope)

    assert {one.path.partition("[")[0].partition(".")[0] for one in out.losses} == {
        "child",
        "forms",
        "consent",
        "local",
    }
    assert "Pupil" not in out.tree


def expected(tree: Group) -> Group:
    """Return *tree* as it must come back: what the format has no place for is gone, what it spells otherwise moved."""
    made = without(tree, NOT_WRITTEN)
    made.setdefault("transfer", {})["edition"] = "25.0"
    child = cast("Group", made.setdefault("child", {}))
    tell_again(child, made.get("record"))
    if not child:
        del made["child"]
    for holder in (made.get("child"), *made.get("contacts", [])):
        if isinstance(holder, dict) and "address" in holder:
            move_town(holder["address"])
    return made


def tell_again(child: Group, record: object) -> None:
    """Say the year group and the preferred name once more, where readers of a pupil look for them."""
    own = record if isinstance(record, dict) else {}
    if "ethnicity" in child:
        child["ethnicity_as_written"] = child["ethnicity"]
    if "year_group" in own:
        child["schooling"] = {"year_group": own["year_group"]}
    names = [own[part] for part in ("preferred_given_names", "preferred_family_name") if part in own]
    if names:
        child["preferred_name"] = " ".join(names)


def move_town(address: Group) -> None:
    town = address.pop("town", None)
    if town is not None:
        address["lines"] = [*cast("list[Tree]", address.get("lines", [])), town]


NOT_WRITTEN = frozenset(
    {
        "source_id", "school", "forms", "consent", "local", "transfer.edition", "child.preferred_name",
        "child.former_names", "child.expected", "child.born_as_written", "child.ethnicity_as_written", "child.religion",
        "child.first_language", "child.interpreter_needed", "child.disabled", "child.disability_details",
        "child.nhs_number", "child.la_child_id", "child.address.uprn", "child.current_location",
        "child.general_practice", "child.schooling", "contacts.name", "contacts.born", "contacts.born_as_written",
        "contacts.ethnicity", "contacts.court_order", "contacts.school", "contacts.address.uprn",
        "contacts.other_addresses",
        "child.born_about", "child.was_expected", "child.died", "child.gender", "child.religion_code",
        "child.immigration_status", "child.parents_language", "child.interpreter_arranged",
        "child.special_requirements", "child.disabilities", "child.upn_unknown", "child.identifiers",
        "child.other_addresses", "child.unsafe_telephones", "child.provenance", "child.address.kind",
        "child.address.from_on", "child.address.until_on", "contacts.reference", "contacts.born_about",
        "contacts.expected", "contacts.helped", "contacts.episode", "contacts.first_language",
        "contacts.interpreter_needed", "contacts.unsafe_telephones", "contacts.provenance", "contacts.address.kind",
        "contacts.address.from_on", "contacts.address.until_on",
    }
)  # fmt: skip


def without(tree: Group, paths: frozenset[str], above: str = "") -> Group:
    """Return *tree* without the parts at *paths*, and without what is empty then."""
    made: Group = {}
    for name, part in tree.items():
        path = f"{above}{name}"
        if path in paths:
            continue
        kept: Any = part
        if isinstance(part, dict):
            kept = without(part, paths, f"{path}.")
        elif isinstance(part, list):
            inner = [without(one, paths, f"{path}.") if isinstance(one, dict) else one for one in part]
            kept = [one for one in inner if one != {}]
        if kept not in ({}, []):
            made[name] = kept
    return made


def writable(tree: Group) -> Group:
    """Return *tree* with values such as a transfer file can hold, so that what differs later got lost on the way."""
    made = tree | {"transfer": {**WHENCE, **cast("Group", tree.get("transfer", {}))}}
    transfer = cast("Group", made["transfer"])
    transfer["destination"] = {"authority": "820", "establishment": "1234"}
    transfer["source"] = {"authority": "820", "establishment": "1001"}
    transfer["made_at"] = WHENCE["made_at"]
    child, record = cast("Group", made.get("child", {})), cast("Group", made.get("record", {}))
    number_soundly(child, "upn")
    number_soundly(record, "former_upn")
    if "ethnicity" in child:
        child["ethnicity"] = "WBRI"
    if str(child.get("born", "")) > WHENCE["made_at"]:
        child["born"] = "2014-06-14"
    if child.get("sex") == "9":
        child["sex"] = "0"
    for holder in (child, *cast("list[Group]", made.get("contacts", []))):
        if "emails" in holder:
            holder["emails"] = cast("list[Tree]", holder["emails"])[:1]
    return cast("Group", plain(made))


def number_soundly(holder: Group, name: str) -> None:
    if name in holder:
        holder[name] = UPNS[len(str(holder[name])) % len(UPNS)]


WHENCE: dict[str, Any] = {"made_at": "2026-11-20T14:30:00", "qualifier": "full", "supplier": "Invented MIS"}


def plain(part: Tree) -> Tree:
    """Return *part* with letters only that XML has, yes for not known, and each item of a list once."""
    match part:
        case dict():
            return {name: plain(inner) for name, inner in part.items()}
        case list():
            made: list[Tree] = []
            for item in map(plain, part):
                if item not in made or isinstance(item, dict):
                    made.append(item)
            return made
        case "U":
            return "Y"
        case str():
            return "".join(letter if letter.isalnum() or letter in "-:+." else "x" for letter in part)
        case _:
            return part


@given(tree=trees("sims.pupil").map(writable))
@settings(max_examples=40, deadline=None)
def test_what_is_written_comes_back_but_for_what_has_no_place(
    library: Library, cleared: Cleared, envelope: OutEnvelope, tree: Group
) -> None:
    out = translate_out(library.outbound(CTF.name), cleared("sims.pupil", tree), envelope=envelope)
    (back,) = read(library, write_document(CTF, out.tree))

    assert back.tree == expected(tree)
    assert out.losses or without(tree, NOT_WRITTEN) == tree
