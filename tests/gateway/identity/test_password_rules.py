"""Passwords by ASVS 5.0, V6.2: length and commonness, no composition."""

import pytest
from argon2 import PasswordHasher

from gateway.identity.password_rules import Weakness, find_weakness
from gateway.identity.passwords import Passwords

pytestmark = pytest.mark.anyio

NAMES = ("galuh.kenanga", "Galuh Kenanga Pelangi")


@pytest.mark.parametrize(
    ("password", "staff", "refused"),
    [
        ("x7!kQ2z", False, Weakness.SHORT),
        ("vq7kmw2t", False, None),
        ("vq7kmw2t", True, Weakness.SHORT),
        ("sungai martapura sore itu", True, None),
        ("x" * 129, False, Weakness.LONG),
        ("Jukung di Kuin " * 8, False, None),
        ("password", False, Weakness.COMMON),
        ("ｐａｓｓｗｏｒｄ１２３", False, Weakness.COMMON),
        ("Ⅷ" * 4 + "ﷺ" * 8, False, Weakness.LONG),
        ("PASSWORD123", False, Weakness.COMMON),
        ("p@ssw0rd1", False, Weakness.COMMON),
        ("qwertyuiop", False, Weakness.COMMON),
        ("12345678", False, Weakness.COMMON),
        ("aaaaaaaaaaaa", True, Weakness.COMMON),
        ("banjarmasin2026", False, Weakness.COMMON),
        ("galuhkenanga", False, Weakness.COMMON),
        ("kenanga1990", False, Weakness.COMMON),
    ],
)
async def test_f47_short_long_and_common_passwords_are_refused(password, staff, refused):
    assert await find_weakness(password, NAMES, staff=staff) is refused


async def test_what_a_keyboard_composes_otherwise_is_the_same_password(passwords):
    kept = await passwords.hash("caf\u00e9 di Kuin")
    assert await passwords.check(kept, "cafe\u0301 di Kuin")
    assert not await passwords.check(kept, "cafe di Kuin")


async def test_argon2id_with_parameters_of_its_own(monkeypatch):
    monkeypatch.setattr("gateway.identity.passwords.PasswordHasher", PasswordHasher)
    assert (await Passwords().hash("correct horse")).startswith("$argon2id$v=19$m=65536,t=3,p=4$")
