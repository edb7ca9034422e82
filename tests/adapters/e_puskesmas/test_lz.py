"""LZ-String: what it gives, with another library as the oracle, and what it refuses."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from lzstring import LZString

from adapters.e_puskesmas.lz import LzError, decompress

# The first plane only: the oracle packs a character beyond it into sixteen bits and so loses it.
PLAIN = st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"]))
PLENTY = 1_000_000


def packed(text):
    return LZString().compressToEncodedURIComponent(text)


@given(PLAIN)
@example("")
@example("a" * 5000)
@example("ab" * 3000 + "é€" * 500)
def test_what_another_library_packed_comes_out_again(text):
    assert decompress(packed(text), at_most=PLENTY) == text


def test_the_published_vector():
    text = '{"noKartu":"0001234567890","nama":"UJI É","tglLahir":"05-02-1990","aktif":true}'
    vector = (
        "N4Igdg9g0ghgTgFwK4gFwgAxYIwCYDMALAKwBsA7ABwCcGIANODALYxogCqAUgJIAEASYYgEAcwA2AGRgALAJZx2GYgFoMuFdmq1hMANYI5AM"
        "zQI4SAKYBfIA"
    )
    assert decompress(vector, at_most=PLENTY) == text
    assert decompress(vector.replace("+", " "), at_most=PLENTY) == text


def test_two_units_make_one_character():
    # As a JavaScript program packs it: each half of the character by itself.
    assert decompress(packed("A\ud83d\ude00B"), at_most=PLENTY) == "A😀B"
    with pytest.raises(LzError):
        decompress(packed("A\ud83dB"), at_most=PLENTY)


def test_a_few_bytes_cannot_become_a_flood():
    bomb = packed("a" * 300_000)
    assert len(bomb) < 2_000
    with pytest.raises(LzError, match="more than the limit"):
        decompress(bomb, at_most=299_999)
    assert len(decompress(bomb, at_most=300_000)) == 300_000


@pytest.mark.parametrize("wrong", ["", "====", "N4I$", "ü", "D", "wA"])
def test_what_is_not_packed_is_refused(wrong):
    with pytest.raises(LzError):
        decompress(wrong, at_most=PLENTY)


@given(PLAIN, st.integers(0, 400), st.sampled_from("ABCxyz019+-$ "))
def test_damage_gives_some_text_or_the_one_error(text, place, character):
    good = packed(text)
    for damaged in (good[: place % (len(good) + 1)], good[:place] + character + good[place + 1 :]):
        try:
            assert isinstance(decompress(damaged, at_most=10_000), str)
        except LzError:
            continue


@given(st.text(alphabet="ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-", max_size=300))
def test_any_letters_give_no_more_than_is_allowed(letters):
    try:
        assert len(decompress(letters, at_most=1000).encode("utf-16-le")) <= 2000
    except LzError:
        return
