"""Are passwords and secrets kept so that what is kept opens nothing?"""

import pytest

from gateway.adapters.keys.passwords import hash_password, verify_password
from gateway.adapters.keys.tokens import hash_secret, new_secret, secret_matches


@pytest.fixture(scope="module")
def stored() -> str:
    return hash_password("correct horse battery staple")


def test_the_right_password_is_told(stored: str) -> None:
    assert verify_password(stored, "correct horse battery staple") is True


@pytest.mark.parametrize("password", ["", "Correct horse battery staple", "correct horse battery staple "], ids=repr)
def test_any_other_password_is_not(stored: str, password: str) -> None:
    assert verify_password(stored, password) is False


def test_what_is_kept_is_argon2id_and_never_alike(stored: str) -> None:
    assert stored.startswith("$argon2id$v=19$")
    assert "horse" not in stored
    assert hash_password("correct horse battery staple") != stored


@pytest.mark.parametrize("broken", ["", "$argon2id$", "plain"], ids=repr)
def test_a_hash_that_is_none_lets_nobody_in(broken: str) -> None:
    assert verify_password(broken, broken) is False


def test_an_account_that_does_not_exist_lets_nobody_in() -> None:
    assert verify_password(None, "correct horse battery staple") is False


def test_secrets_are_long_and_never_alike() -> None:
    secrets = {new_secret() for _ in range(100)}

    assert len(secrets) == 100
    assert {len(secret) for secret in secrets} == {43}


def test_a_secret_is_known_by_its_hash() -> None:
    secret = new_secret()
    kept = hash_secret(secret)

    assert len(kept) == 64
    assert secret not in kept
    assert secret_matches(secret, kept) is True


@pytest.mark.parametrize("shown", ["", "another", "\ud800", "ü"], ids=repr)
def test_any_other_secret_is_not_let_in(shown: str) -> None:
    assert secret_matches(shown, hash_secret(new_secret())) is False
