"""Which servers are there for tests of partners' files? OpenSSH's own SFTP server, and an S3 server; both real."""

import os
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.adapters.files.s3_place import S3Place
from gateway.adapters.files.s3_shelf import S3Shelf
from gateway.adapters.files.sftp_connection import SftpPlace
from gateway.adapters.files.sftp_shelf import SftpShelf
from gateway.app.bootstrap import Application, World, assemble
from gateway.app.ids import SortableIds
from gateway.app.settings import Settings
from tests.engines.s3 import REGION, S3Server
from tests.engines.sshd import SshServer
from tests.fakes.clock import SteppedClock
from tests.integration.files.elsewhere import FORM
from tests.integration.files.test_drop_folder import NoWayOut
from tests.integration.http.house import some_settings


@dataclass
class SftpGround:
    """A folder on an SFTP server."""

    server: SshServer
    root: Path

    def __post_init__(self) -> None:
        (self.root / FORM).mkdir(parents=True)

    @property
    def place(self) -> SftpPlace:
        return SftpPlace(
            organisation="school-example",
            host="127.0.0.1",
            port=self.server.port,
            user=self.server.user,
            folder=str(self.root),
            host_key=self.server.host_key,
            key_file=self.server.key_file,
        )

    def shelf(self, *, seconds: float) -> SftpShelf:
        return SftpShelf(self.place, seconds=seconds)

    def put(self, name: str, content: bytes) -> None:
        (self.root / FORM / name).write_bytes(content)

    def read(self, name: str) -> bytes:
        return (self.root / FORM / name).read_bytes()

    def files(self) -> list[str]:
        found = (path.relative_to(self.root) for path in self.root.rglob("*") if path.is_file() or path.is_symlink())
        return sorted(str(path) for path in found)

    def lose(self) -> None:
        self.server.stop()

    def find(self) -> None:
        self.server.start()


@dataclass
class S3Ground:
    """A part of a bucket on an S3 server."""

    server: S3Server
    prefix: str = "for us/"

    def __post_init__(self) -> None:
        self.bucket = self.server.new_bucket()
        self.client: Any = self.server.client()

    @property
    def place(self) -> S3Place:
        return S3Place(
            organisation="school-example",
            endpoint=self.server.endpoint,
            region=REGION,
            bucket=self.bucket,
            prefix=self.prefix,
            key_file=self.server.key_file,
            authority_file=self.server.certificates.authority if self.server.certificates else None,
        )

    def shelf(self, *, seconds: float) -> S3Shelf:
        return S3Shelf(self.place, seconds=seconds)

    def put(self, name: str, content: bytes) -> None:
        self.put_at(f"{self.prefix}{FORM}/{name}", content)

    def put_at(self, key: str, content: bytes) -> None:
        self.client.put_object(Bucket=self.bucket, Key=key, Body=content)

    def read(self, name: str) -> bytes:
        return self.read_at(f"{self.prefix}{FORM}/{name}")

    def read_at(self, key: str) -> bytes:
        content: bytes = self.client.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        return content

    def keys_there(self) -> list[str]:
        return sorted(one["Key"] for one in self.client.list_objects_v2(Bucket=self.bucket).get("Contents", ()))

    def files(self) -> list[str]:
        return [key.removeprefix(self.prefix) for key in self.keys_there()]

    def lose(self) -> None:
        assert self.server.process is not None
        os.kill(self.server.process.pid, signal.SIGSTOP)

    def find(self) -> None:
        assert self.server.process is not None
        os.kill(self.server.process.pid, signal.SIGCONT)


def settings_in(folder: Path, keys_of_server: Path) -> Settings:
    """Return the settings of a gateway in *folder* that opens partners' servers with the keys in *keys_of_server*."""
    return some_settings(folder, partner_tokens_folder=keys_of_server)


def opened(settings: Settings) -> tuple[Application, SteppedClock]:
    """Return that gateway, which sends to nobody, and its clock."""
    clock = SteppedClock()
    return assemble(settings, World(clock=clock, ids=SortableIds(clock), outlet=NoWayOut())), clock
