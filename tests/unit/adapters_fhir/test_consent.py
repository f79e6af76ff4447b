"""Does a permission come back from FHIR as it went, and never wider, whatever a Consent cannot say?"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.adapters.fhir.consent_in import read_consent
from gateway.adapters.fhir.consent_out import write_consent
from gateway.consent.case import Case
from gateway.consent.conditions_of_family import consent_covers_recipient
from gateway.consent.permission import Competence, Objection, Permission, Withdrawal, words_of
from gateway.consent.permission_json import permission_from_json
from gateway.consent.question import Purpose
from gateway.errors import SchemaViolationError
from gateway.model.category import Category
from gateway.model.tree import Group
from tests.unit.consent.questions import POLICY, a_question

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
CHILD = "chd_01m80000000000000000000000"
START = datetime(2026, 9, 1, tzinfo=UTC)

KINDS = st.lists(st.sampled_from(["SHARE", "TRANSFER", "ASSESS"]), min_size=1, max_size=3, unique=True).map(tuple)
PURPOSES = st.lists(st.sampled_from(["COORDINATE", "SCHOOL_EXPORT", "REQUEST_EH"]), max_size=3, unique=True).map(tuple)
AGENCIES = st.lists(st.sampled_from(["health", "school", "camhs", "clinic-example"]), max_size=2, unique=True).map(
    tuple
)
CATEGORIES = st.lists(st.sampled_from(["CAT-ID", "CAT-EDU", "CAT-FIN"]), max_size=2, unique=True).map(tuple)
TIMES = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds are naive
WITHDRAWALS = st.builds(
    Withdrawal,
    at=st.datetimes(datetime(2026, 1, 1), datetime(2026, 11, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - as above
    kinds=st.lists(st.sampled_from(["TRANSFER"]), max_size=1).map(tuple),
    purposes=st.lists(st.sampled_from(["SCHOOL_EXPORT"]), max_size=1).map(tuple),
    agencies=AGENCIES,
    categories=CATEGORIES,
    by=st.none() | st.just("the mother"),
    reason=st.none() | st.just("no more"),
)
PERMISSIONS = st.builds(
    Permission,
    consent_id=st.just("consent/con_1"),
    status=st.sampled_from(["GIVEN", "GIVEN_LIMITED", "REFUSED", "WITHDRAWN", "EXPIRED", "SUPERSEDED"]),
    giver=st.none() | st.just("Mother Exampleton"),
    giver_capacity=st.sampled_from(["PARENT_PR", "CARER", "CHILD_COMPETENT"]),
    competence=st.none() | st.builds(Competence, by=st.just("GP"), on=st.just(START), outcome=st.just("COMPETENT")),
    kinds=KINDS,
    purposes=PURPOSES,
    mode=st.sampled_from(["WRITTEN_SIGNED", "ELECTRONIC", "VERBAL_WITNESSED"]),
    witness=st.none() | st.just("Teacher Exampleton"),
    statement_version=st.none() | st.just("nowhere-2026"),
    evidence_sha256=st.none() | st.just("0" * 64),
    language=st.none() | st.just("cy"),
    agencies_allowed=AGENCIES,
    agencies_denied=AGENCIES,
    categories_allowed=CATEGORIES,
    categories_denied=CATEGORIES,
    persons_excluded=st.lists(st.just("the father"), max_size=1).map(tuple),
    given_at=st.none() | TIMES,
    effective_from=TIMES,
    expires_on=st.none() | TIMES,
    review_on=st.none() | TIMES,
    withdrawals=st.lists(WITHDRAWALS, max_size=2).map(tuple),
    conflict=st.none() | st.booleans(),
    objections=st.lists(st.builds(Objection, capacity=st.just("PARENT_PR"), at=st.just(START)), max_size=1).map(tuple),
)


def there_and_back(permission: Permission) -> tuple[Permission, set[str]]:
    """Return what comes back of *permission*, and the fields that were reported as lost."""
    resource, lost = write_consent(permission, CHILD)
    body, child, _ = read_consent(resource, at=AT)
    assert child == CHILD
    return permission_from_json({**body, "consent_id": permission.consent_id}), {one.path for one in lost} | {"source"}


def case_of(permission: Permission, purpose: Purpose, agency: str, at: datetime) -> Case:
    recipient = {"organisation": "clinic-example", "type": agency}
    asked = (Category.ID, Category.EDU, Category.FIN)
    words = words_of(permission)
    return Case(
        a_question(purpose=purpose, at=at, consents=words, recipient=recipient, categories=asked), POLICY.tables
    )


@given(PERMISSIONS)
@settings(max_examples=150, deadline=None)
def test_every_field_comes_back_but_those_that_were_reported(permission: Permission) -> None:
    back, lost = there_and_back(permission)

    differing = {name for name in Permission.__slots__ if getattr(back, name) != getattr(permission, name)}
    assert differing <= lost


@given(
    PERMISSIONS,
    st.sampled_from([Purpose.COORDINATE, Purpose.SCHOOL_EXPORT, Purpose.REQUEST_EH, Purpose.TRANSFER]),
    st.sampled_from(["health", "school", "camhs", "parent"]),
    TIMES,
)
@settings(max_examples=300, deadline=None)
def test_what_comes_back_is_never_wider(permission: Permission, purpose: Purpose, agency: str, at: datetime) -> None:
    back, _ = there_and_back(permission)

    before, after = (case_of(one, purpose, agency, at) for one in (permission, back))
    assert consent_covers_recipient(before) or not consent_covers_recipient(after)
    assert before.denied_by_consent <= after.denied_by_consent or not consent_covers_recipient(after)
    assert after.standing.withdrawn or not before.standing.withdrawn


def a_resource(**changes: Any) -> Group:
    given_ = Permission(
        consent_id="consent/con_1",
        status="GIVEN",
        giver_capacity="PARENT_PR",
        kinds=("SHARE",),
        purposes=("COORDINATE",),
        mode="WRITTEN_SIGNED",
        effective_from=START,
        expires_on=START + timedelta(days=365),
        conflict=False,
    )
    return {**write_consent(given_, CHILD)[0], **changes}


def in_root(**changes: Any) -> Group:
    resource = a_resource()
    root = resource["provision"]
    assert isinstance(root, dict)
    return {**resource, "provision": {**root, **changes}}


FOREIGN = {"coding": [{"system": "http://snomed.info/sct", "code": "1"}]}


@pytest.mark.parametrize(
    ("path", "resource"),
    [
        pytest.param(
            "modifierExtension", a_resource(modifierExtension=[{"url": "urn:x", "valueBoolean": True}]), id="a modifier"
        ),
        pytest.param("implicitRules", a_resource(implicitRules="urn:x"), id="rules of somebody's own"),
        pytest.param("status", a_resource(status="draft"), id="a draft"),
        pytest.param("status", a_resource(status="entered-in-error"), id="a mistake"),
        pytest.param("scope", a_resource(scope=FOREIGN), id="another scope"),
        pytest.param("policyRule", a_resource(policyRule=FOREIGN), id="another base policy"),
        pytest.param("policy[0]", a_resource(policy=[{"uri": "urn:theirs"}]), id="a policy nobody knows"),
        pytest.param("category[0].coding[0]", a_resource(category=[FOREIGN]), id="a category of another system"),
        pytest.param("provision.type", in_root(type="deny"), id="a yes that denies"),
        pytest.param("provision.action", in_root(action=[FOREIGN]), id="only some actions"),
        pytest.param("provision.securityLabel", in_root(securityLabel=[FOREIGN["coding"][0]]), id="a label"),
        pytest.param("provision.dataPeriod", in_root(dataPeriod={"start": "2026-01-01"}), id="data of some time"),
        pytest.param("provision.code[0].coding[0]", in_root(code=[FOREIGN]), id="information of another system"),
        pytest.param(
            "provision.code[0]",
            in_root(
                code=[
                    {
                        "coding": [
                            {"system": "urn:ecaf-gateway:information", "code": one} for one in ("CAT-ID", "CAT-FIN")
                        ]
                    }
                ]
            ),
            id="two meanings at once",
        ),
        pytest.param("provision.period (effective_from)", in_root(period={"start": "2026-09"}), id="a month"),
        pytest.param(
            "provision.period (effective_from)",
            in_root(period={"start": "0001-01-01T00:00:00+05:00"}),
            id="before the first moment in UTC",
        ),
        pytest.param(
            "provision.provision[0].type", in_root(provision=[{"type": "permit"}]), id="an exception that permits"
        ),
        pytest.param(
            "provision.provision[0].provision",
            in_root(provision=[{"type": "deny", "provision": [{"type": "permit"}]}]),
            id="an exception to an exception",
        ),
        pytest.param(
            "provision.provision[0].period.end",
            in_root(provision=[{"type": "deny", "period": {"end": "2026-12-01T00:00:00Z"}}]),
            id="a no that ends",
        ),
        pytest.param(
            "provision.provision[0]",
            in_root(
                provision=[
                    {
                        "type": "deny",
                        "purpose": [{"system": "urn:ecaf-gateway:purpose", "code": "COORDINATE"}],
                        "code": [{"coding": [{"system": "urn:ecaf-gateway:information", "code": "CAT-ID"}]}],
                    }
                ]
            ),
            id="a no to some of one purpose",
        ),
        pytest.param("verification[0]", a_resource(verification=[{"verified": False}]), id="not verified"),
    ],
)
def test_what_nobody_here_could_weigh_refuses_the_whole_consent(path: str, resource: Group) -> None:
    with pytest.raises(SchemaViolationError) as refused:
        read_consent(resource, at=AT)

    assert refused.value.place.path == path


def test_what_is_no_consent_of_r4_is_refused() -> None:
    with pytest.raises(SchemaViolationError):
        read_consent({"resourceType": "Consent", "status": "active", "decision": "permit"}, at=AT)


def test_an_ordinary_extension_nobody_knows_is_told_as_lost() -> None:
    _, _, losses = read_consent(a_resource(extension=[{"url": "urn:theirs", "valueBoolean": True}]), at=AT)

    assert [one.path for one in losses] == ["extension[0]"]


def test_a_child_found_competent_stays_so() -> None:
    found = Competence(by="GP Exampleton", on=START, outcome="COMPETENT")
    said = Permission(
        consent_id="c", status="GIVEN", kinds=("SHARE",), giver_capacity="CHILD_COMPETENT", competence=found
    )

    assert there_and_back(said)[0].competence == found
