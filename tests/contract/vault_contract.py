"""Does a vault keep the promises of `gateway.flows.ports.Vault`? Every real one runs the same tests."""

import pytest

from gateway.errors import IntegrityError
from gateway.flows.ports import Vault

PLACE = "record/rec_1/sealed/v1"
PLAIN = b"Testina Exampleton, 1 Nowhere Lane"


class VaultContract:
    """A subclass gives the fixtures `vault` and `neighbour`, the vault of another authority over the same keys."""

    @pytest.fixture
    def vault(self) -> Vault:
        raise NotImplementedError

    @pytest.fixture
    def neighbour(self) -> Vault:
        raise NotImplementedError

    @pytest.mark.parametrize("plain", [b"", PLAIN, bytes(256 * 1024)], ids=["nothing", "a line", "a chunk"])
    def test_what_was_sealed_opens_in_its_place(self, vault: Vault, plain: bytes) -> None:
        key = vault.new_key()

        assert vault.open(key, PLACE, vault.seal(key, PLACE, plain)) == plain

    def test_nothing_of_what_was_sealed_can_be_read(self, vault: Vault) -> None:
        sealed = vault.seal(vault.new_key(), PLACE, PLAIN)

        assert not [word for word in (b"Testina", b"Exampleton", b"Nowhere") if word in sealed]

    def test_the_same_bytes_are_never_sealed_alike(self, vault: Vault) -> None:
        key = vault.new_key()

        assert len({vault.seal(key, PLACE, PLAIN) for _ in range(100)}) == 100

    def test_keys_are_never_alike(self, vault: Vault) -> None:
        assert len({vault.new_key() for _ in range(100)}) == 100

    @pytest.mark.parametrize(
        "place",
        ["record/rec_2/sealed/v1", "record/rec_1/note/v1", "record/rec_1/sealed/v2", "record/rec_1/sealed/v10", ""],
        ids=["another row", "another column", "a later version", "a longer name", "no place"],
    )
    def test_sealed_bytes_that_were_moved_do_not_open(self, vault: Vault, place: str) -> None:
        key = vault.new_key()
        sealed = vault.seal(key, PLACE, PLAIN)

        with pytest.raises(IntegrityError):
            vault.open(key, place, sealed)

    def test_another_key_does_not_open_it(self, vault: Vault) -> None:
        sealed = vault.seal(vault.new_key(), PLACE, PLAIN)

        with pytest.raises(IntegrityError):
            vault.open(vault.new_key(), PLACE, sealed)

    def test_another_authority_does_not_open_it(self, vault: Vault, neighbour: Vault) -> None:
        key = vault.new_key()
        sealed = vault.seal(key, PLACE, PLAIN)

        with pytest.raises(IntegrityError):
            neighbour.open(key, PLACE, sealed)

    def test_every_changed_bit_is_noticed(self, vault: Vault) -> None:
        key = vault.new_key()
        sealed = vault.seal(key, PLACE, b"plain")

        opened = [self._opens(vault, key, _flipped(sealed, bit)) for bit in range(8 * len(sealed))]

        assert not any(opened)

    def test_every_changed_bit_of_a_key_is_noticed(self, vault: Vault) -> None:
        key = vault.new_key()
        sealed = vault.seal(key, PLACE, b"plain")

        opened = [self._opens(vault, _flipped(key, bit), sealed) for bit in range(8 * len(key))]

        assert not any(opened)

    def test_what_was_cut_short_or_added_to_does_not_open(self, vault: Vault) -> None:
        key = vault.new_key()
        sealed = vault.seal(key, PLACE, b"plain")

        opened = [self._opens(vault, key, sealed[:length]) for length in range(len(sealed))]

        assert not any(opened)
        assert not self._opens(vault, key, sealed + b"\x00")
        assert not self._opens(vault, key[:-1], sealed)
        assert not self._opens(vault, b"", sealed)

    def test_no_error_repeats_what_was_sealed(self, vault: Vault) -> None:
        key = vault.new_key()
        sealed = vault.seal(key, PLACE, PLAIN)

        with pytest.raises(IntegrityError) as refusal:
            vault.open(key, "elsewhere", sealed)

        assert "Testina" not in f"{refusal.value} {refusal.value.found} {refusal.value.expected}"

    def test_a_blinded_value_is_the_same_every_time(self, vault: Vault) -> None:
        assert vault.blind("upn", "B801200005001") == vault.blind("upn", "B801200005001")
        assert len(vault.blind("upn", "B801200005001")) == 32

    def test_a_blinded_value_is_of_one_index_and_one_authority(self, vault: Vault, neighbour: Vault) -> None:
        blinded = {
            vault.blind("upn", "B801200005001"),
            vault.blind("upn", "R201100018042"),
            vault.blind("nhs", "B801200005001"),
            neighbour.blind("upn", "B801200005001"),
        }

        assert len(blinded) == 4

    def test_a_tag_is_of_one_label_and_one_key(self, vault: Vault) -> None:
        key, other = vault.new_key(), vault.new_key()

        tags = {vault.tag(key, "1"), vault.tag(key, "2"), vault.tag(other, "1")}

        assert len(tags) == 3
        assert vault.tag(key, "1") in tags
        assert {len(tag) for tag in tags} == {32}

    def test_without_its_key_no_tag_can_be_made_again(self, vault: Vault, neighbour: Vault) -> None:
        with pytest.raises(IntegrityError):
            neighbour.tag(vault.new_key(), "1")

    def test_noise_is_as_long_as_asked_for_and_never_alike(self, vault: Vault) -> None:
        assert {len(vault.noise(size)) for size in (16, 32)} == {16, 32}
        assert len({vault.noise(32) for _ in range(100)}) == 100

    @staticmethod
    def _opens(vault: Vault, key: bytes, sealed: bytes) -> bool:
        """Tell whether it opens; anything but an IntegrityError is a fault."""
        try:
            vault.open(key, PLACE, sealed)
        except IntegrityError:
            return False
        return True


def _flipped(value: bytes, bit: int) -> bytes:
    """Return *value* with one bit turned."""
    turned = bytearray(value)
    turned[bit // 8] ^= 1 << bit % 8
    return bytes(turned)
