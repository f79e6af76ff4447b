from pathlib import Path

import pytest

from gateway.adapters.keys.file_vault import open_vault
from gateway.adapters.keys.key_files import create_keys
from gateway.flows.ports import Vault
from gateway.model.identifiers import Authority
from tests.contract.vault_contract import VaultContract


class TestFileVault(VaultContract):
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        create_keys(tmp_path / "keys")
        return tmp_path / "keys"

    @pytest.fixture
    def vault(self, folder: Path) -> Vault:
        return open_vault(folder, Authority("E09000003"))

    @pytest.fixture
    def neighbour(self, folder: Path) -> Vault:
        return open_vault(folder, Authority("E08000005"))
