"""Keys as bytes: each has one encoding, short for the forms that systems use, and other bytes are refused."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.records.key_encoding import KeyEncodingError, decode_key, encode_key

DIGEST = hashlib.sha256(b"1").hexdigest()
characters = st.characters(exclude_categories=())
"""Any character, also a lone surrogate: a system's JSON may contain one."""
shaped = st.one_of(
    st.text(characters, max_size=90),
    st.text(max_size=40).map(str.upper),
    st.text("0123456789./-", max_size=70),
    st.text("0123456789abcdef-/.~", max_size=70),
    st.text("0123456789abcdefghijklmnopqrstuvwxyz /-:.~_+,()&#@*=", max_size=70),
    st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ /-:.~_+,()&#@*=", max_size=70),
    st.from_regex(r"[0-9A-P./-]{0,30}~[0-9a-f]{16}", fullmatch=True),
    st.lists(st.sampled_from((".00", ".0", "0", ":00", ":0", "~", "\0", "\1", "A", "a", DIGEST[:16])), max_size=12).map(
        "".join
    ),
)


@given(key=shaped)
def test_a_key_is_decoded_unchanged(key):
    assert decode_key(encode_key(key)) == key


@given(one=shaped, other=shaped)
def test_different_keys_have_different_bytes(one, other):
    assert (encode_key(one) == encode_key(other)) is (one == other)


@given(content=st.binary(max_size=40) | st.integers(0, 999).map(lambda number: number.to_bytes(2, "big")))
def test_other_bytes_are_refused_or_are_the_one_encoding_of_a_key(content):
    try:
        key = decode_key(content)
    except KeyEncodingError:
        return
    assert encode_key(key) == content


def encoded(form, number):
    """The bytes of a number in one of the six forms."""
    return (6 * number + form).to_bytes(40, "big").lstrip(b"\0")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0",
        bytes(99),
        b"\xff" * 99,
        b"\0" + encode_key("7"),
        encoded(0, 0x2A),  # begins with another digit than 1
        encoded(0, 0x1F),  # the first half of a rare character
        encoded(1, int("11", 20)),  # digits only, for which there is a shorter form
        encoded(2, int("1zz", 36)),  # no such rare character
        encoded(3, int("1100", 35)),  # digits only again
        encoded(4, 1 << 63),  # a digest without a number before it
        encoded(5, 0x161),  # UTF-8 for which there is a shorter form
        encoded(5, 0x2C3A9),  # begins with another byte than 1
        encoded(5, 0x1FF),  # not UTF-8
        encoded(5, 1),  # the empty key, for which there is a shorter form
    ],
)
def test_bytes_that_are_no_key_are_refused(content):
    with pytest.raises(KeyEncodingError):
        decode_key(content)


@pytest.mark.parametrize(
    "key", ["", "1", "x" * 64, "x" * 65, "0" * 64, "0" * 65, "9" * 5000, "é" * 500, "\ud800", "１"]
)
def test_empty_long_and_odd_keys_are_decoded_unchanged(key):
    assert decode_key(encode_key(key)) == key


@given(key=shaped)
def test_no_key_takes_more_than_a_byte_more_than_utf_8(key):
    assert len(encode_key(key)) <= len(key.encode("utf-8", "surrogatepass")) + 1


@pytest.mark.parametrize(
    ("key", "size"),
    [
        ("1100413", 4),
        ("17990102", 5),
        ("2025/2.11.0.00.0.00.01.0000/2.11.11.2.01.0004", 17),
        ("637199000100200345-2026", 12),
        (DIGEST[:32], 18),
        (f"{DIGEST[:24]}~{DIGEST[:8]}.2", 20),
        ("5f0c6f6e-8f5a-4a7e-9d4c-2c7a3e1b0d9f", 20),
        ("2026-12-02/001/A-001~" + DIGEST[:16], 19),
        ("17990102011226P00100312345", 14),
        ("20261203/K 2 PULANG/18:45:00/12", 20),
        ("surat/0007", 7),
        ("surat_ktm_sekolah/0123", 15),
    ],
)
def test_keys_of_the_usual_forms_are_short(key, size):
    assert len(encode_key(key)) == size
