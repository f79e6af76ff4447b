"""How do we reach an SFTP server, sure that it is the one we mean, and by a key alone?

Its host key is pinned in the partner's profile: with another key nothing is said to it. There is no
password, no agent and no key found lying about.
"""

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.errors import PartnerUnavailableError

if TYPE_CHECKING:
    from paramiko import PKey, SFTPClient, SSHClient

# paramiko is 8 MB that only who fetches from such servers has to pay. So it is imported where it is used.
_SSH_PORT = 22
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True, kw_only=True)
class SftpPlace:
    """A partner's folder on a server.

    Shape: `host_key` is `<type> <base64>`, as a server's own `.pub` file has it. `key_file` holds our private key,
    for its owner's eyes only, without a passphrase.
    """

    organisation: str
    host: str
    port: int
    user: str
    folder: str
    host_key: str
    key_file: Path


@contextmanager
def connected(place: SftpPlace, *, seconds: float) -> Iterator["SFTPClient"]:
    """Yield a session with the server of *place*, on which no answer takes longer than so many *seconds*.

    Raises:
        PartnerUnavailableError: code `host-key` (another server answered), `login` (it does not know our key), `key`
            (ours cannot be read, or others can), `unreachable`, or `cut-off` once we had got through.
    """
    from paramiko import AuthenticationException, BadHostKeyException, SSHClient, SSHException  # noqa: PLC0415

    key = _key_of(place.key_file)
    with SSHClient() as client:
        _pin(client, place)
        try:
            client.connect(
                place.host,
                place.port,
                place.user,
                pkey=key,
                look_for_keys=False,
                allow_agent=False,
                timeout=seconds,
                banner_timeout=seconds,
                auth_timeout=seconds,
                channel_timeout=seconds,
            )
            session = client.open_sftp()
        except BadHostKeyException:
            raise _unavailable("the server has another host key than the profile says", "host-key") from None
        except AuthenticationException:
            raise _unavailable("the server does not let our key in", "login") from None
        except (OSError, EOFError, SSHException) as error:
            raise _unavailable(f"the server was not reached ({type(error).__name__})", "unreachable") from None
        channel = session.get_channel()
        if channel is not None:
            channel.settimeout(seconds)
        yield session


@contextmanager
def told_when_cut_off(session: "SFTPClient") -> Iterator[None]:
    """Let through what a file system would say, and say of everything else that the connection was lost."""
    from paramiko import SSHException  # noqa: PLC0415

    try:
        yield
    except (EOFError, SSHException, TimeoutError, ConnectionError):
        raise _cut_off() from None
    except UnicodeDecodeError:
        raise OSError("a name that is not UTF-8") from None
    except OSError:
        channel = session.get_channel()
        if channel is None or channel.closed:
            raise _cut_off() from None
        raise


def check_host_key(text: str) -> str:
    """Return *text* if it is a host key that can be pinned, or raise ValueError."""
    from paramiko.hostkeys import HostKeyEntry  # noqa: PLC0415

    try:
        entry = HostKeyEntry.from_line(f"host {text}")
    except Exception:  # noqa: BLE001  # the library has a different exception for each way to be no key
        entry = None
    if entry is None or entry.key is None:
        raise ValueError("write the server's public host key as `<type> <base64>`")
    return text


def _pin(client: "SSHClient", place: SftpPlace) -> None:
    from paramiko import RejectPolicy  # noqa: PLC0415
    from paramiko.hostkeys import HostKeyEntry  # noqa: PLC0415

    name = place.host if place.port == _SSH_PORT else f"[{place.host}]:{place.port}"
    entry = HostKeyEntry.from_line(f"host {place.host_key}")
    if entry is None or entry.key is None:
        raise _unavailable("the pinned host key cannot be read", "host-key")
    client.get_host_keys().add(name, entry.key.get_name(), entry.key)
    client.set_missing_host_key_policy(RejectPolicy())


def _key_of(file: Path) -> "PKey":
    from paramiko import PKey  # noqa: PLC0415

    try:
        is_open, key = bool(file.stat().st_mode & _OTHERS), PKey.from_path(file)
    except Exception as error:  # noqa: BLE001  # whatever is wrong with it, its text may be of the key
        raise _unavailable(f"our private key cannot be read ({type(error).__name__})", "key") from None
    if is_open:
        raise _unavailable("others can read our private key: take their permission away", "key")
    return key


def _cut_off() -> PartnerUnavailableError:
    return _unavailable("the connection to the server was lost", "cut-off")


def _unavailable(message: str, code: str) -> PartnerUnavailableError:
    return PartnerUnavailableError(message, code=code)
