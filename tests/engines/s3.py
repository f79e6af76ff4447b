"""Which S3 server do tests use? moto's, private: a process, a port and keys of its own, on loopback, in memory."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError
from botocore.session import Session

from gateway.demo.engines.ports import free_port
from gateway.demo.engines.rabbitmq import Certificates

REGION = "eu-west-2"
_ALL = {"Effect": "Allow", "Action": ["s3:*", "iam:*"], "Resource": "*"}


@dataclass(slots=True, kw_only=True)
class S3Server:
    """One private server, at rest or running; it lets in whoever has a key it made."""

    folder: Path
    port: int
    certificates: Certificates | None = None
    process: subprocess.Popen[bytes] | None = None
    ours: tuple[str, str] = ("none", "none")
    buckets: int = 0

    @property
    def endpoint(self) -> str:
        """Return its address."""
        return f"{'https' if self.certificates else 'http'}://127.0.0.1:{self.port}"

    @property
    def key_file(self) -> Path:
        """Return the file of a key that may do everything."""
        return self.kept("ours", *self.ours)

    @property
    def requests(self) -> list[str]:
        """Return every request it was asked so far."""
        return [line for line in (self.folder / "log").read_text().splitlines() if " HTTP/1.1" in line]

    def kept(self, name: str, *lines: str) -> Path:
        """Return a file with such lines, as a partner's profile names it."""
        file = self.folder / name
        file.write_text("".join(f"{line}\n" for line in lines))
        file.chmod(0o600)
        return file

    def client(self, service: str = "s3") -> Any:
        """Return a way to it with that key, for senders and whoever runs the server."""
        authority = str(self.certificates.authority) if self.certificates else None
        return Session().create_client(
            service,
            region_name=REGION,
            endpoint_url=self.endpoint,
            aws_access_key_id=self.ours[0],
            aws_secret_access_key=self.ours[1],
            verify=authority,
            config=Config(s3={"addressing_style": "path"}, proxies={}),
        )

    def new_bucket(self) -> str:
        """Return the name of an empty bucket."""
        self.buckets += 1
        name = f"council-forms-{self.buckets}"
        self.client().create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        return name

    def new_key(self, *statements: dict[str, Any]) -> tuple[str, str]:
        """Return the id and the secret of a key for somebody who may do that much."""
        directory, name = self.client("iam"), f"somebody-{time.monotonic_ns()}"
        directory.create_user(UserName=name)
        policy = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        directory.put_user_policy(UserName=name, PolicyName="all", PolicyDocument=policy)
        made = directory.create_access_key(UserName=name)["AccessKey"]
        return made["AccessKeyId"], made["SecretAccessKey"]

    def start(self) -> None:
        """Return when it answers, and looks who is there."""
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)]
        if self.certificates:
            command += ["--ssl-cert", str(self.certificates.server), "--ssl-key", str(self.certificates.server_key)]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, env={**os.environ, "AWS_CONFIG_FILE": os.devnull}
            )
        ends = time.monotonic() + 50
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > ends:
                raise AssertionError((self.folder / "log").read_text())
            time.sleep(0.1)
        self.ours = self.new_key(_ALL)
        if self.certificates is None:
            self.guard()

    def guard(self, *, after: int = 0) -> None:
        """Have it look who is there, from so many requests on."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request("POST", "/moto-api/reset-auth", str(after).encode())
        assert connection.getresponse().status == 200
        connection.close()

    def stop(self) -> None:
        """End it; what it held is gone."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def _answers(self) -> bool:
        try:
            self.client().list_buckets()
        except BotoCoreError:
            return False
        return True


@contextmanager
def s3_server(certificates: Certificates | None = None) -> Iterator[S3Server]:
    """Give a running server, and end it."""
    with TemporaryDirectory(prefix="gateway-s3-") as folder:
        server = S3Server(folder=Path(folder), port=free_port(), certificates=certificates)
        try:
            server.start()
            yield server
        finally:
            server.stop()
