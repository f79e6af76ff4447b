"""What do people see, and who sees nothing?"""

import pytest

from gateway.app.console.headers import HEADERS
from gateway.app.console.pages import ROUTES
from tests.unit.console.browser import Site, Visitor
from tests.unit.operations.house import PASSWORD, House, a_caller, a_form, two_pupils_who_may_be_one

FORM = "mash/govuk-forms-1"
WHY = "The school confirmed by telephone that the birthday was mistyped."
ENGINEER = a_caller("INTEGRATION_ENGINEER")
GETS = [path for method, path, _ in ROUTES if method == "GET"]
POSTS = [path for method, path, _ in ROUTES if method == "POST"]
PLAIN = [
    "/",
    "/reviews",
    "/duties",
    "/messages",
    "/stuck",
    "/labels",
    "/partners",
    "/health",
    "/account",
    "/people",
    "/log",
]


def an_open_question(house: House) -> str:
    first, second = two_pupils_who_may_be_one()
    house.receive("school-example", "sims/superstar-1", first)
    house.work()
    house.receive("school-example", "sims/superstar-1", second)
    house.work()
    listed = house.order(ENGINEER, "reviews.list")["reviews"]
    assert isinstance(listed, list)
    asked = [one for one in listed if isinstance(one, dict) and "same" in str(one["choices"])]
    return str(asked[0]["review"])


@pytest.mark.parametrize("path", GETS)
def test_who_is_not_signed_in_is_sent_to_sign_in_and_back(shared_site: Site, path: str) -> None:
    answer = shared_site.visitor().client.get(f"/console{path}", follow_redirects=False)

    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/console/sign-in?next=/")


@pytest.mark.parametrize("path", POSTS)
def test_who_is_not_signed_in_changes_nothing(shared_site: Site, path: str) -> None:
    answer = shared_site.visitor().client.post(f"/console{path}", data={}, follow_redirects=False)

    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/console/sign-in")


def test_a_wrong_password_says_so_and_nothing_else(shared_site: Site) -> None:
    visitor = shared_site.visitor()
    word = visitor.word("/console/sign-in")

    answer = visitor.client.post(
        "/console/sign-in", data={"word": word, "user": "a.administrator", "password": "no such password"}
    )

    assert answer.status_code == 401
    assert "The account name or the password is not right." in answer.text
    assert "gateway_session" not in visitor.client.cookies


def test_a_sign_in_form_from_another_browser_is_refused(shared_site: Site) -> None:
    word = shared_site.visitor().word("/console/sign-in")
    other = shared_site.visitor()
    other.client.get("/console/sign-in")

    answer = other.client.post("/console/sign-in", data={"word": word, "user": "a.administrator", "password": PASSWORD})

    assert answer.status_code == 403
    assert "gateway_session" not in other.client.cookies


def test_the_session_cookie_is_kept_from_scripts_and_other_sites(shared_site: Site) -> None:
    visitor = shared_site.visitor()
    word = visitor.word("/console/sign-in")

    answer = visitor.client.post(
        "/console/sign-in",
        data={"word": word, "user": "a.administrator", "password": PASSWORD},
        follow_redirects=False,
    )

    kept = next(one for one in answer.headers.get_list("set-cookie") if one.startswith("gateway_session="))
    assert "HttpOnly" in kept
    assert "SameSite=strict" in kept
    assert "Path=/console" in kept
    assert "Max-Age=3600" in kept


def test_beyond_this_machine_the_cookie_travels_over_https_only(shared_site: Site) -> None:
    visitor = shared_site.visitor()

    answer = visitor.client.get("/console/sign-in", headers={"host": "gateway.example"})

    assert "Secure" in answer.headers["set-cookie"]


@pytest.mark.parametrize("path", ["/sign-in", "/", "/static/console.css", "/nowhere"])
def test_every_answer_forbids_framing_caching_and_foreign_scripts(shared_site: Site, path: str) -> None:
    answer = shared_site.visitor().client.get(f"/console{path}", follow_redirects=False)

    assert {name: answer.headers.get(name) for name in HEADERS} == dict(HEADERS)
    assert set(answer.headers["content-security-policy"].split("; ")) >= {
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    }
    assert answer.headers["cache-control"] == "no-store"


def test_no_page_holds_a_script_or_a_style_of_its_own(manager: Visitor) -> None:
    pages = [manager.client.get(f"/console{path}").text for path in PLAIN]

    assert all("<script>" not in page and " style=" not in page and " onclick=" not in page for page in pages)


@pytest.mark.parametrize("path", PLAIN)
def test_every_page_can_be_drawn(manager: Visitor, path: str) -> None:
    answer = manager.client.get(f"/console{path}")

    assert answer.status_code == 200
    assert "<h1" in answer.text


def test_lists_show_no_name_and_no_word_of_a_form(site: Site) -> None:
    site.house.add_administrator()
    message = site.house.receive("referral-portal", FORM, a_form("safeguarding-unknown-child.json"))
    site.house.work()
    visitor = site.signed_in("MASH_SCREENER")

    shown = "".join(visitor.client.get(f"/console{path}").text for path in ("/", "/messages", f"/messages/{message}"))

    assert "Referral to the MASH" in shown
    assert "Nobodyson" not in shown


def test_a_review_is_answered_with_its_reason(site: Site) -> None:
    review = an_open_question(site.house)
    visitor = site.signed_in("MASH_SCREENER")
    page = visitor.client.get(f"/console/reviews/{review}")

    answer = visitor.client.post(
        f"/console/reviews/{review}",
        data={"word": visitor.word(f"/console/reviews/{review}"), "choice": "different", "rationale": WHY},
    )

    assert "Side by side" in page.text
    assert "Decided: this is another child." in answer.text
    assert "Nothing waits for anybody." in answer.text


def test_an_answer_without_a_reason_comes_back_with_what_was_chosen(site: Site) -> None:
    review = an_open_question(site.house)
    visitor = site.signed_in("MASH_SCREENER")

    answer = visitor.client.post(
        f"/console/reviews/{review}",
        data={"word": visitor.word(f"/console/reviews/{review}"), "choice": "same", "rationale": "<b>short"},
    )

    assert answer.status_code == 422
    assert "There is a problem" in answer.text
    assert 'value="same" required checked' in answer.text
    assert "&lt;b&gt;short" in answer.text


def test_who_may_not_answer_is_told_so_and_has_no_form(site: Site) -> None:
    review = an_open_question(site.house)
    visitor = site.signed_in("CAF_COORDINATOR")

    page = visitor.client.get(f"/console/reviews/{review}").text

    assert "Not yours to decide" in page
    assert 'name="rationale"' not in page
    assert "Exampleton, " not in page


@pytest.mark.parametrize(
    ("headers", "word"),
    [
        pytest.param({}, "", id="no word"),
        pytest.param({}, "0" * 64, id="another word"),
        pytest.param({"sec-fetch-site": "cross-site"}, None, id="another site by its own account"),
        pytest.param({"origin": "https://evil.example"}, None, id="another origin"),
    ],
)
def test_a_form_from_somebody_elses_page_is_refused(site: Site, headers: dict[str, str], word: str | None) -> None:
    review = an_open_question(site.house)
    visitor = site.signed_in("MASH_SCREENER")
    path = f"/console/reviews/{review}"

    answer = visitor.client.post(
        path,
        data={"word": visitor.word(path) if word is None else word, "choice": "same", "rationale": WHY},
        headers=headers,
    )

    assert answer.status_code == 403
    assert "not sent from our own page" in answer.text
    assert site.house.order(ENGINEER, "reviews.list")["reviews"] != []


def test_what_is_stuck_can_be_tried_again(site: Site) -> None:
    site.house.letterbox.is_open = False
    site.house.receive("referral-portal", FORM, a_form("early-help-refused.json"))
    site.house.work()
    site.house.letterbox.is_open = True
    listed = site.house.order(ENGINEER, "dead-letters.list")["dead_letters"]
    assert isinstance(listed, list)
    assert isinstance(listed[0], dict)
    visitor = site.signed_in("INTEGRATION_ENGINEER")

    answer = visitor.client.post(
        f"/console/stuck/{listed[0]['id']}/replay", data={"word": visitor.word("/console/stuck")}
    )

    site.house.work()
    assert "Put back to work." in answer.text
    assert len(site.house.letterbox.taken) == 1


def test_a_page_a_role_may_not_open_says_why(site: Site) -> None:
    visitor = site.signed_in("DSL")

    answer = visitor.client.get("/console/partners")

    assert answer.status_code == 403
    assert "partners.read" in answer.text


def test_the_menu_offers_only_what_works(site: Site) -> None:
    visitor = site.signed_in("ADMINISTRATOR")

    page = visitor.client.get("/console/")

    assert page.status_code == 200
    assert "<h1>People</h1>" in page.text
    assert "/console/messages" not in page.text


def test_signing_out_ends_the_session_itself(site: Site) -> None:
    visitor = site.signed_in("MASH_SCREENER")
    token = visitor.client.cookies["gateway_session"]
    visitor.client.post("/console/sign-out", data={"word": visitor.word("/console/")})

    visitor.client.cookies.set("gateway_session", token, domain="127.0.0.1", path="/console")
    answer = visitor.client.get("/console/", follow_redirects=False)

    assert answer.status_code == 303


@pytest.mark.parametrize(
    "next_page",
    [
        pytest.param("https://evil.example/", id="address"),
        pytest.param("//evil.example/", id="address without scheme"),
        pytest.param("/\\evil.example", id="backslash"),
        pytest.param("/x\r\nset-cookie: a=b", id="line break"),
    ],
)
def test_after_signing_in_nobody_is_sent_elsewhere(shared_site: Site, next_page: str) -> None:
    visitor = shared_site.visitor()
    word = visitor.word("/console/sign-in")

    answer = visitor.client.post(
        "/console/sign-in",
        data={"word": word, "user": "a.administrator", "password": PASSWORD, "next": next_page},
        follow_redirects=False,
    )

    assert answer.headers["location"] == "/console/"


def test_an_address_that_is_not_there_has_a_page_too(shared_site: Site) -> None:
    answer = shared_site.visitor().client.get("/console/no/such/page")

    assert answer.status_code == 404
    assert "There is no such page" in answer.text


def test_a_form_that_is_far_too_long_is_refused(shared_site: Site) -> None:
    answer = shared_site.visitor().client.post("/console/sign-in", content=b"x" * 70_000)

    assert answer.status_code == 413


def test_consent_can_be_withdrawn_and_protection_set(site: Site) -> None:
    message = site.house.receive("referral-portal", FORM, a_form("early-help-with-consent.json"))
    site.house.work()
    child = site.house.application.store.read(lambda uow: uow.records.of_message(message))[0].subjects[0]
    visitor = site.signed_in("MASH_MANAGER")
    path = f"/console/children/{child}"

    withdrawn = visitor.client.post(f"{path}/withdraw", data={"word": visitor.word(path)})
    flagged = visitor.client.post(
        f"{path}/flags",
        data={"word": visitor.word(path), "flag": "ADDRESS_WITHHELD", "need_list": "barnet-mash, csc-1"},
    )

    assert "Consent withdrawn" in withdrawn.text
    assert "Address withheld" in flagged.text
    assert "only barnet-mash, csc-1 may see behind it" in flagged.text


def test_what_was_ordered_and_weighed_about_a_child_stands_beside_its_consents(site: Site) -> None:
    message = site.house.receive("referral-portal", FORM, a_form("early-help-with-consent.json"))
    site.house.work()
    child = site.house.application.store.read(lambda uow: uow.records.of_message(message))[0].subjects[0]
    towards = {"child": child, "recipients": ["barnet-ecaf"]}
    order = {"kind": "prohibits_disclosure", "court": "Nowhere Court", "reference": "ZZ1", "made_on": "2026-11-20"}
    weighed = {"purposes": ["COORDINATE"], "relevant": "yes", "rationale": "Because it is so."}
    site.house.order(a_caller("MASH_MANAGER"), "court-orders.record", **towards, **order)
    site.house.order(a_caller("MASH_MANAGER"), "weighings.record", **towards, **weighed)

    page = site.signed_in("MASH_MANAGER").client.get(f"/console/children/{child}").text

    assert "A court forbids to tell" in page
    assert "barnet-ecaf, Nowhere Court, ZZ1, not verified" in page
    assert "Weighed: relevant to the child" in page
    assert "harm not weighed yet: Because it is so." in page


def test_a_mis_send_is_recalled_and_its_duties_are_kept_in_the_console(site: Site) -> None:
    site.house.add_administrator()
    message = site.house.receive("referral-portal", FORM, a_form("safeguarding-unknown-child.json"))
    site.house.work()
    visitor = site.signed_in("MASH_MANAGER")
    deliveries = site.house.order(a_caller("MASH_MANAGER"), "messages.show", message=message)["deliveries"]
    assert isinstance(deliveries, list)
    assert isinstance(deliveries[0], dict)
    page = f"/console/messages/{message}/deliveries/{deliveries[0]['delivery']}"

    told = {"word": visitor.word(page), "rationale": WHY, "lesson": "wrong-child"}
    recalled = visitor.client.post(f"{page}/recall", data=told)
    listed = visitor.client.get("/console/duties")

    assert "asked to purge it" in recalled.text
    assert "Get the certificate" in listed.text
    assert "Nowhere Lane" not in listed.text
