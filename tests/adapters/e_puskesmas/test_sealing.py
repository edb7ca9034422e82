"""Signatures and sealed answers, against the published vector of made-up credentials."""

import tracemalloc
from datetime import UTC, datetime
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.e_puskesmas.answers import opened
from adapters.e_puskesmas.sealing import headers, timestamp, unsealed
from adapters.e_puskesmas.settings import Settings
from adapters.errors import UpstreamMalformedError
from simulators.e_puskesmas.sealing import Credentials, sealed_text

SETTINGS = Settings.model_validate(
    {
        "base_url": "http://127.0.0.1:9",
        "cons_id": "99999",
        "secret_key": "0aSECRET9",
        "username": "demo-user",
        "password": "demo-pass",
        "user_key": "a-key",
    }
)
STAMP = "1518652800"
PLAIN = '{"noKartu":"0001234567890","nama":"UJI É","tglLahir":"05-02-1990","aktif":true}'
SEALED = (
    "c3ZYRo+WuI8Oyu+FtIWxFI983z1ZTLDomJIlxGYu0LwUiq5k6HbjF8uyD8KgjHSFclSNbiM5XOkZMqiWIlH9pfbbMsYpAaplv/UY1p5Mgyv41mIZ"
    "Lj6+RzGBSRLvMJiBsS30/Nn05CJjjwBHi1YxV6gwH9tDUMQCc5AFs8Z7A6U="
)


def test_a_request_is_signed_as_published():
    assert timestamp(datetime.fromtimestamp(1518652800.9, UTC)) == STAMP
    signed = headers(SETTINGS, STAMP)
    assert signed["X-cons-id"] == "99999"
    assert signed["X-timestamp"] == STAMP
    assert signed["X-signature"] == "EkWjjElOyPxqIS9sgri/Eyws8g1kb6OliTU9/MCIMpo="
    assert signed["X-authorization"] == "Basic ZGVtby11c2VyOmRlbW8tcGFzczowOTU="
    assert signed["user_key"] == "a-key"


def test_a_sealed_answer_is_opened_as_published():
    assert unsealed(SEALED, SETTINGS, STAMP) == PLAIN


@pytest.mark.parametrize("wrong", ["", "*", SEALED[:-4], SEALED[:40], SEALED[4:], "QUFB", "A" * 64])
def test_what_cannot_be_opened_is_malformed(wrong):
    with pytest.raises(UpstreamMalformedError) as raised:
        unsealed(wrong, SETTINGS, STAMP)
    assert raised.value.__context__ is None


def test_another_requests_time_does_not_open_it():
    with pytest.raises(UpstreamMalformedError):
        unsealed(SEALED, SETTINGS, "1518652801")


@given(st.integers(0, len(SEALED) - 1), st.sampled_from("ABCxyz019+/=é"))
def test_damage_gives_other_text_or_the_trees_error(place, character):
    try:
        assert isinstance(unsealed(SEALED[:place] + character + SEALED[place + 1 :], SETTINGS, STAMP), str)
    except UpstreamMalformedError:
        return


@pytest.mark.slow
@pytest.mark.parametrize(
    ("inside", "refused"),
    [
        ('{"a":[' * 5_000 + "]}" * 5_000, True),
        ('"' + " " * 3_000_000 + '"', True),
        ("[" + "{}," * 400_000 + "{}]", True),
        # As much as may be, in the form that takes the most memory for each letter.
        ("[" + "{}," * 333_000 + "{}]", False),
    ],
    ids=["10,000 levels", "3 MB of blanks", "too many objects", "as many as may be"],
)
def test_what_is_meant_to_hurt_under_a_seal_costs_little(inside, refused):
    handed = Credentials("99999", "0aSECRET9", "demo-user", "demo-pass", "a-key")
    bomb = sealed_text(inside, handed, STAMP)
    assert len(bomb) < 10_000
    began = process_time()
    tracemalloc.start()
    try:
        assert opened(bomb, SETTINGS, STAMP)
    except UpstreamMalformedError:
        assert refused
    else:
        assert not refused
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 64_000_000
    assert process_time() - began < 2


def test_secrets_are_not_shown():
    assert "SECRET" not in repr(SETTINGS)
    assert "demo-pass" not in repr(SETTINGS)
