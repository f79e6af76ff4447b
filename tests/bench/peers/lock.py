"""Which exact packages is a peer made of? Its two locks: versions and hashes, no addresses. Part of `make lock`."""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench.peers.environment import HOME, LOCK, PACKAGES

_KEPT = {
    "name",
    "version",
    "integrity",
    "bin",
    "bundleDependencies",
    "dependencies",
    "optionalDependencies",
    "peerDependencies",
    "peerDependenciesMeta",
    "optional",
    "os",
    "cpu",
    "libc",
}
"""What `npm ci` needs of a package; licences, funding and engines it does not."""


def main() -> None:
    """Write both locks anew; that of Node-RED only where npm is."""
    _python()
    if shutil.which("npm"):
        _npm()
    else:
        print("no npm here: the lock of Node-RED stays as it is", file=sys.stderr)


def _python() -> None:
    plain = ("--generate-hashes", "--no-emit-index-url", "--no-emit-find-links", "--no-header", "--no-annotate")
    uv = [str(Path(sys.executable).parent / "uv"), "pip", "compile", "--quiet", "--python-version", "3.11"]
    subprocess.run([*uv, *plain, str(LOCK.with_suffix(".in")), "-o", str(LOCK)], check=True)


def _npm() -> None:
    wanted, lock = PACKAGES
    quiet = ("--no-audit", "--no-fund", "--loglevel=error", "--cache", str(HOME / "npm-cache"))
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(wanted, folder)
        subprocess.run(["npm", "install", "--package-lock-only", "--ignore-scripts", *quiet], cwd=folder, check=True)
        found = json.loads(Path(folder, lock.name).read_text(encoding="utf-8"))
    lock.write_text(written(found), encoding="utf-8")


def written(found: dict[str, dict[str, dict[str, object]]]) -> str:
    """Return npm's lock with one line a package; what comes inside another package's archive has that one's hash."""
    packages = {name: told for name, told in found["packages"].items() if not told.get("inBundle")}
    lines = [
        f"  {json.dumps(name)}: {json.dumps({key: value for key, value in told.items() if key in _KEPT})}"
        for name, told in packages.items()
    ]
    head = json.dumps({"name": found["name"], "lockfileVersion": 3, "requires": True}).removesuffix("}")
    return head + ', "packages": {\n' + ",\n".join(lines) + "\n}}\n"


if __name__ == "__main__":
    main()
