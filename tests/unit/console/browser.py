"""A visitor of the console without a browser: follows links, fills in forms, keeps cookies."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
from starlette.applications import Starlette
from starlette.routing import Mount

from gateway.app.console.application import build_console
from gateway.app.processes.http_server import ServerThread
from tests.unit.operations.house import PASSWORD, House, a_caller

ADA = a_caller("ADMINISTRATOR", user="a.administrator")
_WORD = re.compile(r'name="word" value="([0-9a-f]+)"')


@dataclass
class Visitor:
    """Somebody at a browser."""

    client: httpx.Client

    def word(self, path: str) -> str:
        """Return the word that the form on a page must bring back."""
        found = _WORD.search(self.client.get(path).text)
        assert found is not None
        return found[1]

    def sign_in(self, user: str, password: str = PASSWORD) -> None:
        answer = self.client.post(
            "/console/sign-in", data={"word": self.word("/console/sign-in"), "user": user, "password": password}
        )
        assert answer.status_code == 200
        assert "Sign out" in answer.text


@dataclass
class Site:
    """The console, served."""

    house: House
    url: str
    visitors: list[Visitor]

    def visitor(self) -> Visitor:
        """Return somebody who is not signed in."""
        self.visitors.append(Visitor(httpx.Client(base_url=self.url, follow_redirects=True, timeout=30.0)))
        return self.visitors[-1]

    def signed_in(self, *roles: str, user: str = "t.exampleton") -> Visitor:
        """Return somebody who is signed in with these roles."""
        self.house.order(ADA, "users.add", user=user, name="Testina Exampleton", password=PASSWORD, roles=list(roles))
        visitor = self.visitor()
        visitor.sign_in(user)
        return visitor


@contextmanager
def a_site(house: House) -> Iterator[Site]:
    """Yield the console of *house* on a port of this machine."""
    app = Starlette(routes=[Mount("/console", build_console(house.application, house.sessions()))])
    server = ServerThread(app, house.application.settings)
    server.start()
    site = Site(house=house, url=f"http://127.0.0.1:{server.server.port}", visitors=[])
    try:
        yield site
    finally:
        for visitor in site.visitors:
            visitor.client.close()
        server.stop()
