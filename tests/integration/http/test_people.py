"""How do people sign in over the API and give orders?"""

import pytest

from tests.integration.http.house import SCHOOL, SECRET
from tests.integration.http.whole_gateway import ADMINISTRATOR, PASSWORD, Gateway


def test_a_person_signs_in_and_gives_an_order(gateway: Gateway) -> None:
    signed_in = gateway.client.post("/v1/sessions", json={"user": ADMINISTRATOR, "password": PASSWORD})

    answer = gateway.client.post(
        "/v1/control/partners.list", json={}, headers={"Authorization": f"Bearer {signed_in.json()['token']}"}
    )

    assert signed_in.status_code == 201
    assert signed_in.json()["expires_at"].endswith("Z")
    assert signed_in.headers["cache-control"] == "no-store"
    assert [partner["organisation"] for partner in answer.json()["partners"]] == ["other-school", "school-example"]


def test_an_order_without_arguments_needs_no_body(gateway: Gateway) -> None:
    answer = gateway.client.post("/v1/control/partners.list", headers=gateway.sign_in())

    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("user", "password"),
    [(ADMINISTRATOR, "another four invented words"), ("n.obody", PASSWORD), ("x" * 10_000, PASSWORD)],
)
def test_a_wrong_name_or_password_is_refused_alike(gateway: Gateway, user: str, password: str) -> None:
    answer = gateway.client.post("/v1/sessions", json={"user": user, "password": password})

    assert answer.status_code == 401
    assert answer.json()["detail"] == "account name or password is not right"
    assert password not in answer.text


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"{}", 422),
        (b'{"user": "a.dministrator"}', 422),
        (b'{"user": 7, "password": "x"}', 422),
        (b'{"user": "a", "user": "b", "password": "x"}', 400),
        (b"[]", 400),
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b"[" * 1000, 413),
        (b" " * 300_000, 413),
    ],
)
def test_a_sign_in_that_makes_no_sense_is_a_problem(gateway: Gateway, body: bytes, status: int) -> None:
    answer = gateway.client.post("/v1/sessions", content=body)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "authorization", ["", "Bearer", "Bearer x", "Bearer a.b", f"Bearer {SCHOOL}.{SECRET}", "Basic eDp4", "Bearer \xe9"]
)
def test_who_is_not_signed_in_gives_no_orders(gateway: Gateway, authorization: str) -> None:
    answer = gateway.client.post(
        "/v1/control/partners.list", json={}, headers=[(b"Authorization", authorization.encode("latin-1"))]
    )

    assert answer.status_code == 401


def test_signing_out_ends_the_session(gateway: Gateway) -> None:
    headers = gateway.sign_in()

    ended = gateway.client.delete("/v1/sessions/current", headers=headers)

    assert ended.status_code == 204
    assert gateway.client.post("/v1/control/partners.list", json={}, headers=headers).status_code == 401


def test_an_order_nobody_knows_is_not_found(gateway: Gateway) -> None:
    answer = gateway.client.post("/v1/control/tea.make", json={}, headers=gateway.sign_in())

    assert (answer.status_code, answer.json()["code"]) == (404, "unknown-operation")


def test_an_order_the_roles_do_not_carry_is_refused(gateway: Gateway) -> None:
    answer = gateway.client.post("/v1/control/reviews.decide", json={}, headers=gateway.sign_in())

    assert answer.status_code == 403


def test_an_order_with_odd_arguments_names_the_one(gateway: Gateway) -> None:
    answer = gateway.client.post("/v1/control/partners.show", json={"organisation": 7}, headers=gateway.sign_in())

    assert (answer.status_code, answer.json()["path"]) == (422, "organisation")


def test_too_many_wrong_passwords_have_to_wait(gateway: Gateway) -> None:
    answers = [gateway.client.post("/v1/sessions", json={"user": "b.rute", "password": "x" * 12}) for _ in range(6)]

    assert [answer.status_code for answer in answers] == [401] * 5 + [429]
    assert int(answers[-1].headers["retry-after"]) >= 1
