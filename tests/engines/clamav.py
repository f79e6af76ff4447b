"""Which scanner do tests use? A private clamd, with one signature of our own and nothing from the network.

Debian's binary, a folder and a socket of its own, ended by its process id. What it knows as malware is the test string
of EICAR, which does no harm; no file of this repository holds it whole, lest somebody's scanner take the file away.
"""

import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

from gateway.adapters.clamd.address import parse_address
from gateway.adapters.clamd.client import Clamd

BINARY = Path("/usr/sbin/clamd")
SIGNATURE = "Local.Test.Eicar.UNOFFICIAL"
"""What it calls the test string: clamd marks signatures that are not ClamAV's own."""
STREAM_BYTES = 2**20
_PREFIX = "gateway-clamd-"
_SETTINGS = {
    "Foreground": "yes",
    "LogTime": "yes",
    "ScanArchive": "yes",
    "Bytecode": "no",
    "SelfCheck": "0",
    "ExitOnOOM": "yes",
    "MaxThreads": "4",
    "StreamMaxLength": str(STREAM_BYTES),
}
_FIRST_HALF = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR"
_SECOND_HALF = rb"-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def eicar() -> bytes:
    """Return the test string that every scanner takes for malware. Source: EICAR, "Anti malware testfile"."""
    return _FIRST_HALF + _SECOND_HALF


@dataclass(slots=True, kw_only=True)
class ClamdServer:
    """One private clamd, at rest or running."""

    folder: Path
    process: subprocess.Popen[bytes] | None = None

    @classmethod
    def made(cls) -> "ClamdServer":
        """Return one at rest, whose only signature is the test string's."""
        folder = Path(mkdtemp(prefix=_PREFIX))
        (folder / "signatures").mkdir()
        (folder / "work").mkdir()
        (folder / "signatures" / "local.ndb").write_text(f"Local.Test.Eicar:0:*:{eicar().hex()}\n")
        return cls(folder=folder)

    @property
    def socket_path(self) -> Path:
        """Return where it listens, once it does."""
        return self.folder / "clamd.ctl"

    @property
    def setting(self) -> str:
        """Return what GATEWAY_SCANNER says of it."""
        return f"unix:{self.socket_path}"

    def client(self, *, seconds: float = 10.0, limit_bytes: int = STREAM_BYTES) -> Clamd:
        """Return our side of it."""
        return Clamd(parse_address(self.setting), seconds=seconds, limit_bytes=limit_bytes)

    def start(self, **more: str) -> None:
        """Return when it answers; *more* are settings beside ours, such as a port."""
        told = {
            **_SETTINGS,
            "LocalSocket": str(self.socket_path),
            "DatabaseDirectory": str(self.folder / "signatures"),
            "TemporaryDirectory": str(self.folder / "work"),
            **more,
        }
        (self.folder / "clamd.conf").write_text("".join(f"{name} {value}\n" for name, value in told.items()))
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [BINARY, "-c", self.folder / "clamd.conf"],
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,
            )
        self._wait_until_it_answers()

    def _wait_until_it_answers(self) -> None:
        client = self.client()
        for _ in range(400):
            if client.trouble() is None:
                return
            time.sleep(0.05)
        raise TimeoutError((self.folder / "log").read_text()[-2000:])

    def stop(self) -> None:
        """End it; what it was scanning is not answered."""
        process, self.process = self.process, None
        if process is not None:
            process.kill()
            process.wait(30)
        self.socket_path.unlink(missing_ok=True)

    def remove(self) -> None:
        """End it and forget its folder."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
