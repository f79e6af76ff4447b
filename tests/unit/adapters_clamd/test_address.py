"""Where may a scanner be?"""

import pytest

from gateway.adapters.clamd.address import ClamdAddress, parse_address


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("unix:/run/clamav/clamd.ctl", ClamdAddress(path="/run/clamav/clamd.ctl")),
        ("tcp:127.0.0.1:3310", ClamdAddress(host="127.0.0.1", port=3310)),
        ("tcp:localhost:3310", ClamdAddress(host="127.0.0.1", port=3310)),
        ("tcp:[::1]:3310", ClamdAddress(host="::1", port=3310)),
    ],
)
def test_a_socket_or_a_port_of_this_machine_is_an_address(text: str, address: ClamdAddress) -> None:
    assert parse_address(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/run/clamav/clamd.ctl",
        "unix:clamd.ctl",
        "unix:/" + "a" * 200,
        "tcp:10.0.0.7:3310",
        "tcp:[fe80::1]:3310",
        "tcp:scanner.example:3310",
        "tcp:127.0.0.1",
        "tcp:127.0.0.1:99999",
        "tcp:999.0.0.1:3310",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    """A document would go to another machine in clear."""
    with pytest.raises(ValueError, match=r"."):
        parse_address(text)
