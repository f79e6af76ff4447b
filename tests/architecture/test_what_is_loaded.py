"""Does a process load only what it uses?"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
_LOADED = """
import sys, gateway.app.cli, gateway.app.processes.up
heavy = {"sqlalchemy", "alembic", "psycopg", "psycopg_pool", "paramiko"}
print([name for name in sys.modules if name.partition(".")[0] in heavy])
"""


def test_a_gateway_on_a_file_of_its_own_loads_neither_a_database_driver_nor_an_ssh_client() -> None:
    told = subprocess.run([sys.executable, "-c", _LOADED], cwd=ROOT, capture_output=True, text=True, check=True)

    assert told.stdout.strip() == "[]"
