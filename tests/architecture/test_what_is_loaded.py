"""Does a process load only what it uses?"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
_LOADED = """
import sys, gateway.app.cli, gateway.app.processes.up
print([name for name in sys.modules if name.partition(".")[0] in {"sqlalchemy", "alembic", "psycopg", "psycopg_pool"}])
"""


def test_a_gateway_on_a_file_of_its_own_loads_no_database_driver() -> None:
    told = subprocess.run([sys.executable, "-c", _LOADED], cwd=ROOT, capture_output=True, text=True, check=True)

    assert told.stdout.strip() == "[]"
