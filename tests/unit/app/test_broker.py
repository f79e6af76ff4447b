"""Is the broker spoken to only where and as it may be?"""

from pathlib import Path
from typing import Any

import pytest

from gateway.adapters.amqp.address import Host
from gateway.app.broker import broker_address, broker_patience
from gateway.app.settings import Settings, SettingsError
from gateway.errors import PermanentError


def settings(folder: Path, **changed: Any) -> Settings:
    """Return what an installation chose, with a password in a file."""
    (folder / "password").write_text("invented\n", encoding="utf-8")
    told: dict[str, Any] = {
        "authority": "E09000003",
        "sender": "barnet-gateway",
        "origin": "gateway.barnet.example/audit/2026",
        "listen_host": "127.0.0.1",
        "listen_port": 0,
        "data_folder": folder / "data",
        "keys_folder": folder / "keys",
        "broker_password_file": folder / "password",
    }
    return Settings(**(told | changed))


def test_without_a_host_there_is_no_broker(tmp_path: Path) -> None:
    assert broker_address(settings(tmp_path)) is None


def test_several_hosts_are_read_and_spoken_to_over_tls(tmp_path: Path) -> None:
    address = broker_address(settings(tmp_path, broker_hosts="one.example, two.example:5999,[::1]:5998"))

    assert address is not None
    assert [(host.name, host.port) for host in address.hosts] == [
        ("one.example", 5671),
        ("two.example", 5999),
        ("::1", 5998),
    ]
    assert address.tls is not None
    assert address.password == "invented"


def test_only_this_machine_is_spoken_to_in_clear(tmp_path: Path) -> None:
    address = broker_address(settings(tmp_path, broker_hosts="127.0.0.1,localhost", broker_tls=False))

    assert address is not None
    assert [host.port for host in address.hosts] == [5672, 5672]
    with pytest.raises(SettingsError, match="TLS"):
        broker_address(settings(tmp_path, broker_hosts="127.0.0.1,one.example", broker_tls=False))


@pytest.mark.parametrize("file", [None, Path("/nonexistent/password")], ids=["not named", "not there"])
def test_a_broker_without_a_password_is_a_fault_of_the_settings(tmp_path: Path, file: Path | None) -> None:
    with pytest.raises(SettingsError, match="GATEWAY_BROKER_PASSWORD_FILE"):
        broker_address(settings(tmp_path, broker_hosts="one.example", broker_password_file=file))


@pytest.mark.parametrize("text", ["one.example:", "one.example:port", "one.example:0", ":5672", "one.example:70000"])
def test_a_host_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(PermanentError) as refusal:
        Host.of(text, default_port=5672)

    assert refusal.value.code == "bus-host"


def test_a_confirm_never_takes_longer_than_an_exchange_with_a_partner(tmp_path: Path) -> None:
    assert broker_patience(settings(tmp_path, partner_total_seconds=3)).confirm == 3
