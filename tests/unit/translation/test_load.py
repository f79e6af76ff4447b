"""Whatever is odd about a mapping file is refused, with the file, the row and what to do."""

import pytest

from gateway.errors import MappingError
from gateway.translation.code_lists import CodeLists
from gateway.translation.load import load_mapping
from gateway.translation.mapping import Mapping

IN = 'title = "t"\nformat = "mash/try-1"\ndirection = "inbound"\ndocument = "mash.referral"\n'
OUT = IN.replace("inbound", "outbound").replace("mash.referral", "mash.feedback")
BOTH = IN.replace("inbound", "both").replace("mash.referral", "mash.feedback")
PROJECT = 'title = "t"\ndirection = "project"\nfrom_document = "sims.pupil"\ndocument = "ecaf.episode"\n'
ROW = '[[field]]\nfrom = "a"\nto = "worry"\n'
GROUP = '[[group]]\nto = "children[]"\n'
INNER = '[[group.field]]\nfrom = "a"\nto = "given_names"\n'
KEY = '[[key]]\nname = "q"\nlist = "answers[]"\nby = "id"\n'
CHOOSE = '[[choose]]\non = "a"\n'
WHEN = "[[choose.when]]\npresent = true\n"
ENVELOPE = "[envelope]\n" + "".join(
    f'{name} = "{name}"\n'
    for name in (
        "body", "format", "message", "message_id", "correlation_id", "sent_at", "sender", "withheld", "handling"
    )
)  # fmt: skip
CODES = CodeLists(
    {
        "colour": b"ours,theirs,system,valid_from,valid_to,source,note\nR,Red,,,,here,\n",
        "level": b"ours,theirs,system,valid_from,valid_to,source,note\nL1,One,,,,here,\n",
    }
)


def load(text: str) -> Mapping:
    return load_mapping("mash/try-1.inbound.toml", text.encode(), codes=CODES)


HEAD_FAULTS = {
    "not TOML": ("= nonsense", "not TOML"),
    "no title": (IN.replace('title = "t"\n', "") + ROW, "'title' is missing"),
    "no direction": (IN.replace('direction = "inbound"\n', "") + ROW, "'direction' is missing"),
    "no such direction": (IN.replace("inbound", "sideways") + ROW, "unknown direction 'sideways'"),
    "no such document": (IN.replace("mash.referral", "mash.letter") + ROW, "no canonical document"),
    "no format": (IN.replace('format = "mash/try-1"\n', "") + ROW, "about one format"),
    "a partner's mapping with two documents": (IN + 'from_document = "sims.pupil"\n' + ROW, "about one format"),
    "a projection with a format": (PROJECT + 'format = "a/b-1"\n', "no format, key or envelope"),
    "an unknown key": (IN + "titel = 3\n" + ROW, "unknown key 'titel'; did you mean 'title'?"),
    "an unheard-of key": (IN + 'zzz = "x"\n' + ROW, "unknown key 'zzz'; allowed here are"),
    "a title that is no text": (IN.replace('"t"', "7") + ROW, "'title' must be a text"),
    "a revision of nought": (IN + "revision = 0\n" + ROW, "'revision' must be a whole number from 1"),
    "two carries": (IN + '[[carry]]\nto = "local[]"\nkey = "x"\n' * 2, "a second [[carry]]"),
    "a carry to nowhere": (IN + '[[carry]]\nto = "children[]"\nkey = "x"\n', "does not hold local answers"),
    "an envelope beside a key": (IN + ENVELOPE + KEY + ROW, "an envelope beside"),
    "an envelope without a name": (IN + '[envelope]\nbody = "d"\n' + ROW, "'format' is missing"),
    "an envelope that is no table": (IN + 'envelope = "d"\n' + ROW, "'envelope' must be a table"),
    "a field that is no array": (IN + '[field]\nfrom = "a"\nto = "worry"\n', "'field' must be an array of tables"),
    "two keys of one name": (IN + KEY + KEY, "two keys of one name"),
    "a key whose list is not marked": (IN + KEY.replace("[]", ""), "is not marked as a list"),
    "a wording nobody reads": (IN + KEY + '[key.expects]\nw = "Why?"\n', "no row reads 'w'"),
    "a wording that is no text": (IN + KEY + "[key.expects]\nw = 3\n", "must hold texts"),
    "times that are no pairs": (IN + KEY + 'times = ["a"]\n', "a list of pairs"),
    "a stated path nobody knows": (
        OUT + '[[not_carried]]\npath = "letter"\nwhy = "x"\n',
        "the model has no 'letter'",
    ),
    "mapped and not carried": (IN + ROW + '[[not_carried]]\npath = "a"\nwhy = "x"\n', "mapped and not carried"),
    "dated by no path": (IN + 'dated_by = "a["\n' + ROW, "is not a path"),
}


@pytest.mark.parametrize(("text", "says"), HEAD_FAULTS.values(), ids=HEAD_FAULTS)
def test_an_odd_head_is_refused(text: str, says: str) -> None:
    with pytest.raises(MappingError) as refused:
        load(text)

    assert says in refused.value.message
    assert refused.value.message.startswith("mash/try-1.inbound.toml:")


def field(**keys: str) -> str:
    lines = {"from": '"a"', "to": '"worry"'} | {name.rstrip("_"): value for name, value in keys.items()}
    return "[[field]]\n" + "".join(f"{name} = {value}\n" for name, value in lines.items() if value)


ROW_FAULTS = {
    "an unknown key": (field(form='"b"'), "unknown key 'form'; did you mean 'from'?"),
    "no source": (field(from_=""), "a row needs a source"),
    "a source and a constant": (field(const='"x"'), "a row needs a source"),
    "no target": (field(to=""), "'to' is missing"),
    "no such path": (field(to='"worri"'), "the model has no worri here; there are reference, "),
    "no such path below": (field(to='"referrer.nam"'), "there are name, role"),
    "a list not marked": (field(to='"referrer.telephones"'), "telephones[]"),
    "a leaf marked as a list": (field(to='"worry[]"'), "the model has no worry[] here"),
    "no path at all": (field(from_='"a["'), "'a[' is not a path"),
    "a whole group as target": (field(to='"referrer"'), "is a group of values"),
    "a target in a list": (field(to='"children[].given_names"'), "needs a [[group]]"),
    "a whole group as source": (field(from_='"."'), "cannot read a whole group"),
    "no such transform": (field(using='"datum"'), "unknown transform 'datum'; there are text, "),
    "no such code list": (field(codes='"colours"'), "unknown code list 'colours'; there are colour, level"),
    "a code the model has not": (field(to='"level"', codes='"colour"'), "the code 'R', which level cannot hold"),
    "a text for a day": (field(to='"consent.given_on"', using='"words"'), "gives text where the model wants date"),
    "a day for a text": (field(using='"date"'), "gives date where the model wants str"),
    "texts for one text": (field(using='"lines"'), "gives several texts"),
    "several for one": (field(from_='["a", "b"]'), "several sources for one value"),
    "a join of one": (field(using='"join_words"'), "joins several texts to one"),
    "a join with an alias": (
        field(from_='["a", "b"]', using='"join_words"', aliases='["c"]'),
        "joins several texts to one",
    ),
    "a wrong category": (field(shares='"CAT-EDU"'), 'write shares = "CAT-OPINION"'),
    "no category": (field(shares='"opinion"'), "categories are CAT-ID"),
    "a literal of the wrong kind": (field(to='"level"', missing='{ literal = "L9" }'), "the constant is no Level"),
    "a missing nobody knows": (field(missing='"maybe"'), "`missing` is not in order"),
    "a missing table nobody knows": (field(missing='{ default = "L1" }'), "`missing` is not in order"),
    "a constant of the wrong kind": (field(from_="", const="3"), "the constant is no str"),
    "a constant that is no scalar": (field(from_="", const="[1]"), "must be a text, a whole number or a truth"),
    "a constant with a transform": (field(from_="", const='"x"', using='"words"'), "a constant has no source"),
    "written without codes": (field(written='"harm"'), "`written` and `unknown` without `codes`"),
    "written to a list": (field(codes='"colour"', written='"referrer.emails[]"'), "`written` must name one text"),
    "unknown that the model has not": (
        field(to='"level"', codes='"level"', unknown='"L9"'),
        "level cannot hold 'L9'",
    ),
    "per outside a zip": (field(per="3"), "`per` outside a zip"),
    "aliases that are no texts": (field(aliases="[1]"), "'aliases' must be a text or a list of texts"),
}


@pytest.mark.parametrize(("row", "says"), ROW_FAULTS.values(), ids=ROW_FAULTS)
def test_an_odd_row_is_refused_with_its_number_and_line(row: str, says: str) -> None:
    sound = '[[field]]\nfrom = "b"\nto = "reference"\n'

    with pytest.raises(MappingError) as refused:
        load(IN + sound + row)

    assert says in refused.value.message
    assert "field 2 (line 8)" in refused.value.message
    assert (refused.value.place.row, refused.value.place.line) == (2, 8)


BLOCK_FAULTS = {
    "a path written twice": (ROW + ROW, "the path 'worry' is written twice"),
    "a path written twice by the text that is kept": (
        ROW + field(from_='"c"', to='"form_name"', codes='"colour"', written='"worry"'),
        "the path 'worry' is written twice",
    ),
    "a list written twice": (
        field(to='"referrer.emails[]"') + field(to='"referrer.emails[]"'),
        "'referrer.emails[]' is written twice",
    ),
    "a path written beside a choice": (
        ROW + CHOOSE + WHEN + '[[choose.when.field]]\nfrom = "b"\nto = "worry"\n',
        "the path 'worry' is written twice",
    ),
    "a path written by two choices": (
        (CHOOSE + WHEN + '[[choose.when.field]]\nfrom = "b"\nto = "worry"\n') * 2,
        "the path 'worry' is written twice",
    ),
    "a path written by a row and a copy": (
        '[[same]]\nfrom = "r"\nto = "referrer"\n[[field]]\nfrom = "x"\nto = "referrer.name"\n',
        "'referrer.name' is written twice",
    ),
    "a group with two walks": (GROUP + 'each = "a"\ncollect = "b"\n', "both 'each' and 'collect'"),
    "by without collect": (GROUP + 'each = "a"\nby = ["b"]\n', "`by` and `take` without `collect`"),
    "by that is no list": (GROUP + 'collect = "a"\nby = "b"\n', "`by` must be a list"),
    "a column out of order": (GROUP + 'collect = "a"\nby = [{ from = "b", with = "c" }]\n', "a column of `by`"),
    "a column with no such transform": (
        GROUP + 'collect = "a[]"\nby = [{ from = "b", using = "c" }]\n' + INNER,
        "unknown transform 'c'",
    ),
    "a take nobody knows": (GROUP + 'collect = "a"\ntake = "some"\n', "unknown take 'some'"),
    "a pick without its reason": (GROUP + 'each = "a"\npick = true\n', "`pick` stands alone"),
    "a pick that is no truth": (GROUP + 'each = "a"\npick = "yes"\nothers = "x"\n', "'pick' must be true or false"),
    "an emit nobody knows": (GROUP + 'emit = "never"\n', "unknown emit 'never'"),
    "times that are no texts": (GROUP + "times = [1]\n", "`times` must be a list of texts"),
    "a group on a leaf": ('[[group]]\nto = "worry"\n', "a group cannot make worry"),
    "a group deep in a list": ('[[group]]\nto = "children[].address"\n', "a group cannot make"),
    "a row outside its zip": (
        GROUP + 'zip = ["a"]\n' + INNER + '[[group.field]]\nfrom = "b"\nto = "family_name"\n',
        'add "b" to `zip`',
    ),
    "a zip nobody reads": (GROUP + 'zip = ["a", "b"]\n' + INNER, "no row reads the zipped list 'b'"),
    "a list inside a zip": (
        GROUP
        + 'zip = ["a"]\n'
        + INNER
        + '[[group.group]]\nto = "address"\neach = "c"\n[[group.group.field]]\nfrom = "d"\nto = "town"\n',
        "a list inside parallel lists",
    ),
    "a choice without branches": (CHOOSE, "a choice without branches"),
    "a choice on nothing": ("[[choose]]\n" + WHEN, "'on' is missing"),
    "a branch with two questions": (CHOOSE + WHEN + 'equals = "x"\n', "a branch asks one question"),
    "a branch that asks for nothing": (CHOOSE + "[[choose.when]]\npresent = false\n", "a branch asks one question"),
    "a branch without a question": (CHOOSE + "[[choose.when]]\n", "a branch asks one question"),
    "an edition of no range": (CHOOSE + "[[choose.when]]\nedition = { since = 1 }\n", "unknown key 'since'"),
    "an else nobody knows": (CHOOSE + WHEN + "[choose.else]\nfields = 1\n", "unknown key 'fields'"),
    "a copy of unlike parts": ('[[same]]\nfrom = "r"\nto = "worry"\n', "have not the same parts"),
    "a copy of one to many": ('[[same]]\nfrom = "r"\nto = "parents[]"\n', "one side is a list"),
    "a copy that leaves out nothing there is": (
        '[[same]]\nfrom = "r"\nto = "referrer"\nexcept = ["nam"]\n',
        "the model has no nam to leave out",
    ),
    "a path through a key that stops short": (KEY + '[[field]]\nfrom = "q.a"\nto = "worry"\n', "write key.id.part"),
    "a path through a key from inside a list": (
        KEY + GROUP + 'each = "kids[]"\n[[group.field]]\nfrom = "q.a.b"\nto = "given_names"\n',
        "from inside a list",
    ),
}


@pytest.mark.parametrize(("rows", "says"), BLOCK_FAULTS.values(), ids=BLOCK_FAULTS)
def test_rows_that_do_not_fit_together_are_refused(rows: str, says: str) -> None:
    with pytest.raises(MappingError) as refused:
        load(IN + rows)

    assert says in refused.value.message


def test_a_row_deep_inside_is_found_by_its_whole_address() -> None:
    inside = '[[group.group]]\nto = "address"\n[[group.group.field]]\nfrom = "x"\nto = "twon"\n'

    with pytest.raises(MappingError, match=r"group 2, group 1, field 1 \(line 14\): the model has no twon"):
        load(IN + GROUP + INNER + GROUP + inside)


@pytest.mark.parametrize(
    "rows",
    [
        CHOOSE + WHEN + '[[choose.when.field]]\nfrom = "b"\nto = "worry"\n'
        '[choose.else]\n[[choose.else.field]]\nfrom = "c"\nto = "worry"\n',
        (GROUP + INNER) * 2,
        '[[same]]\nfrom = "p[]"\nto = "parents[]"\n[[same]]\nfrom = "c[]"\nto = "parents[]"\n',
    ],
    ids=["two branches", "two groups that add to a list", "two copies that add to a list"],
)
def test_rows_that_never_meet_may_write_one_path(rows: str) -> None:
    assert load(IN + rows).inbound is not None


FEEDBACK = (
    "reference", "step", "mash_reference", "at", "outcome", "outcome_in_words", "service", "contact", "next_step",
    "missing[]", "disagree",
)  # fmt: skip


def feedback(*names: str) -> str:
    return "".join(f'[[field]]\nfrom = "{name}"\nto = "{name}"\nshares = "CAT-ROUTING"\n' for name in names)


@pytest.mark.parametrize("dropped", FEEDBACK)
def test_a_canonical_leaf_that_nobody_maps_outbound_is_refused(dropped: str) -> None:
    kept = [name for name in FEEDBACK if name != dropped]

    with pytest.raises(MappingError) as refused:
        load(OUT + feedback(*kept))

    assert f"{dropped} of mash.feedback is neither mapped nor listed" in refused.value.message


def test_outbound_a_row_reads_one_value_too() -> None:
    with pytest.raises(MappingError, match="referrer is a group of values"):
        load(OUT.replace("mash.feedback", "mash.referral") + '[[field]]\nfrom = "referrer"\nto = "Who"\n')


def test_a_leaf_may_stay_behind_if_the_mapping_says_why() -> None:
    stated = '[[not_carried]]\npath = "disagree"\nwhy = "the partner has no such field"\n'

    assert load(OUT + feedback(*FEEDBACK[:-1]) + stated).outbound is not None


def test_outbound_a_row_says_what_it_shares() -> None:
    with pytest.raises(MappingError, match='`shares` is missing; add shares = "CAT-ROUTING"'):
        load(OUT + feedback(*FEEDBACK).replace('shares = "CAT-ROUTING"\n', "", 1))


def test_a_projection_must_be_total_too() -> None:
    with pytest.raises(MappingError, match=r"source_id of sims\.pupil is neither mapped"):
        load(PROJECT + '[[same]]\nfrom = "child"\nto = "child"\n')


@pytest.mark.parametrize(
    ("source", "target", "category"),
    [
        ("consent.signatory", "requested_by.name", "CAT-CONSENT"),
        ("child.schooling.year_group", "child.schooling.house", "CAT-ID"),
        ("contacts[].school", "family[].relationship", "CAT-FAMILY"),
        ("child.special_requirements", "child.general_practice", "CAT-HEALTH-G"),
    ],
)
def test_a_projection_moves_no_value_to_where_it_is_less_guarded(source: str, target: str, category: str) -> None:
    row = f'from = "{source.removeprefix("contacts[].")}"\nto = "{target.removeprefix("family[].")}"\n'
    row += f'shares = "{category}"\n'
    each = '[[group]]\nto = "family[]"\neach = "contacts[]"\n[[group.field]]\n'

    with pytest.raises(MappingError, match=r"not as guarded|not what the model says"):
        load(PROJECT + (each if "contacts" in source else "[[field]]\n") + row)


TURN_FAULTS = {
    "a row that gathers": ('[[field]]\nfrom = ["a", "b"]\nto = "missing[]"\n', "gathers several values"),
    "a transform nothing undoes": (
        '[[field]]\nfrom = "a"\nto = "missing[]"\nusing = "lines"\n',
        "nothing undoes the transform 'lines'",
    ),
    "a group by key": ('[[group]]\nto = "."\ncollect = "r[]"\n', "only a group with `each`"),
    "a choice": (CHOOSE + WHEN, "a choice cannot be turned round"),
}


@pytest.mark.parametrize(("rows", "says"), TURN_FAULTS.values(), ids=TURN_FAULTS)
def test_what_nothing_undoes_is_refused_both_ways(rows: str, says: str) -> None:
    with pytest.raises(MappingError) as refused:
        load(BOTH + rows)

    assert says in refused.value.message


def test_a_group_that_adds_one_element_cannot_be_turned_round() -> None:
    with pytest.raises(MappingError, match="adds one element to a list"):
        load(BOTH.replace("mash.feedback", "mash.referral") + GROUP + INNER)


def test_a_mapping_s_digest_changes_with_its_text_and_with_its_code_lists() -> None:
    one = load(IN + ROW)
    other = load(IN + ROW + "# a word more\n")
    coded = IN + field(to='"form_name"', codes='"colour"')
    more = CodeLists({"colour": b"ours,theirs,system,valid_from,valid_to,source,note\nB,Blue,,,,here,\n"})

    assert one.digest != other.digest
    assert load(coded).digest != load_mapping("mash/try-1.inbound.toml", coded.encode(), codes=more).digest
    assert load(coded).digest == load(coded).digest
