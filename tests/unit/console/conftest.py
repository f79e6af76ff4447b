"""A console for each test that changes what others would see, and one for all those that do not."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.console.browser import Site, Visitor, a_site
from tests.unit.operations.house import a_form, a_house


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with a_house(tmp_path) as house, a_site(house) as found:
        yield found


@pytest.fixture(scope="module")
def shared_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A console with an administrator's account and one document that was delivered."""
    with a_house(tmp_path_factory.mktemp("house")) as house, a_site(house) as found:
        house.add_administrator()
        house.receive("referral-portal", "mash/govuk-forms-1", a_form("two-siblings.json"))
        house.work()
        house.sign()
        yield found


@pytest.fixture(scope="module")
def manager(shared_site: Site) -> Visitor:
    """Somebody who may open every page."""
    return shared_site.signed_in("MASH_MANAGER", "INTEGRATION_ENGINEER", "AUDITOR", user="m.manager")
