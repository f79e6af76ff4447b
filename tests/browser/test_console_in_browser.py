"""Does the console work in a real browser, with its policies in force?"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from gateway.app.http.readiness import Readiness
from gateway.app.processes.http_server import ServerThread
from gateway.app.processes.serve import http_side
from tests.unit.operations.house import PASSWORD, House, a_caller, a_form, a_house, two_pupils_who_may_be_one

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
ADA = a_caller("ADMINISTRATOR", user="a.administrator")
WHY = "The school confirmed by telephone that the birthday was mistyped."


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    assert chromium is not None, "Chromium is missing: make browser installs it"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A gateway with a delivered referral and a question whether two pupils are one child."""
    with a_house(tmp_path) as found:
        found.order(
            ADA, "users.add", user="t.exampleton", name="Testina Exampleton", password=PASSWORD, roles=["MASH_SCREENER"]
        )
        for report in two_pupils_who_may_be_one():
            found.receive("school-example", "sims/superstar-1", report)
            found.work()
        found.receive("referral-portal", "mash/govuk-forms-1", a_form("safeguarding-unknown-child.json"))
        found.work()
        found.sign()
        yield found


@pytest.fixture
def address(house: House) -> Iterator[str]:
    readiness = Readiness()
    server = ServerThread(http_side(house.application, readiness), house.application.settings)
    server.start()
    readiness.open()
    yield f"http://127.0.0.1:{server.server.port}/console/"
    server.stop()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A page on which somebody has signed in; whatever the browser complains about fails the test."""
    complaints: list[str] = []
    context = browser.new_context()
    opened = context.new_page()
    opened.set_default_timeout(20_000)
    opened.on("console", lambda message: complaints.append(message.text))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.goto(address)
    opened.get_by_label("Account name").fill("t.exampleton")
    opened.get_by_label("Password").fill(PASSWORD)
    opened.get_by_role("button", name="Sign in").click()
    opened.get_by_role("heading", name="What needs you now").wait_for()
    yield opened
    context.close()
    assert complaints == []


def test_a_screener_signs_in_sees_a_question_and_answers_it(page: Page, house: House) -> None:
    page.get_by_role("link", name="Is this the same child?").click()
    page.get_by_role("heading", name="Side by side").wait_for()
    differing = page.locator("tr.differs").inner_text()

    page.get_by_label("Different child").check()
    page.get_by_label("Why?").fill(WHY)
    page.get_by_role("button", name="Record my decision").click()

    page.get_by_role("status").wait_for()
    assert "15 June 2016" in differing
    assert "this is another child" in page.get_by_role("status").inner_text()
    assert house.order(a_caller("MASH_SCREENER"), "reviews.list")["reviews"] == []


def test_an_answer_without_a_reason_does_not_leave_the_browser(page: Page, house: House) -> None:
    page.get_by_role("link", name="Is this the same child?").click()
    page.get_by_label("Same child").check()

    page.get_by_role("button", name="Record my decision").click()

    assert page.get_by_role("button", name="Record my decision").is_visible()
    assert house.order(a_caller("MASH_SCREENER"), "reviews.list")["reviews"] != []


def test_the_story_of_a_document_can_be_read_with_the_keyboard_alone(page: Page) -> None:
    page.keyboard.press("Tab")
    skip = page.evaluate("document.activeElement.textContent")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Documents", exact=True).focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Documents").wait_for()

    page.locator("tbody a").first.focus()
    page.keyboard.press("Enter")

    page.get_by_role("heading", name="What happened").wait_for()
    assert skip == "Skip to the content"


def test_a_page_that_stays_open_shows_what_has_changed_since(page: Page, house: House) -> None:
    page.clock.install()
    page.reload()
    house.receive("referral-portal", "mash/govuk-forms-1", a_form("two-siblings.json"))

    page.clock.fast_forward(31_000)

    page.get_by_role("listitem").filter(has_text="documents came today").filter(has_text="4").wait_for()


def test_a_page_somebody_works_on_with_the_keyboard_stays_as_it_is(page: Page, house: House) -> None:
    page.clock.install()
    page.reload()
    house.receive("referral-portal", "mash/govuk-forms-1", a_form("two-siblings.json"))
    page.get_by_role("link", name="Is this the same child?").focus()

    page.clock.fast_forward(31_000)

    assert page.get_by_role("listitem").filter(has_text="documents came today").inner_text().startswith("3")


def test_every_form_field_has_a_label_and_every_page_one_heading(page: Page, address: str) -> None:
    addresses = [f"{address}{path}" for path in ("", "reviews", "messages", "stuck", "labels", "partners", "account")]

    found = [_unlabelled(page, one) for one in addresses]

    assert found == [(0, 1)] * len(addresses)


def _unlabelled(page: Page, address: str) -> tuple[int, int]:
    page.goto(address)
    unlabelled = page.evaluate(
        "[...document.querySelectorAll('input:not([type=hidden]):not([hidden]),select,textarea')]"
        ".filter(one => !one.labels.length && !one.getAttribute('aria-label')).length"
    )
    return int(unlabelled), page.locator("h1").count()


def test_it_fits_a_narrow_window(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 740})

    assert page.evaluate("document.documentElement.scrollWidth") <= 360
