"""What people type finds what is meant, however the city has written it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.filters import mentions
from schemas.folding import folded
from schemas.texts import Text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Jl. A. Yani", "JALAN A YANI"),
        ("Sei Jingah", "sungai jingah"),
        ("Benua Anyar", "Banua Anyar"),
        ("Mesjid Raya", "masjid raya"),
        ("lampunya", "lampu"),
        ("RS Ulin", "Rumah Sakit Ulin"),
        ("café", "CAFE"),
        ("Soetoyo", "Sutoyo"),
        ("ijin", "izin"),
        ("jalan-jalan", "jalan jalan"),
    ],
)
def test_two_ways_to_write_the_same(one, other):
    assert folded(one) == folded(other) != ()


@pytest.mark.parametrize("word", ["punya", "hanya", "banyak"])
def test_a_word_that_only_looks_as_if_it_ended_in_the_article_stays_whole(word):
    assert folded(word) == (word,)


def test_both_languages_of_a_text_are_looked_into_and_nothing_gives_no_words():
    assert folded(Text(id="Surat", en="Letter"), None, "", "--", Text(id="Blanko")) == ("surat", "letter", "blanko")


def test_every_word_must_begin_a_word():
    assert mentions("lampu jal", "Lampu padam", "Jl. Contoh")
    assert not mentions("lampu jembatan", "Lampu padam", "Jl. Contoh")
    assert not mentions("alan", "Jalan")
    assert mentions(None)
    assert not mentions("jalan", None)


@given(st.text(max_size=80))
def test_folding_twice_changes_nothing_and_nothing_is_too_odd(text):
    once = folded(text)
    assert folded(" ".join(once)) == once
    assert all(word and not word.isspace() for word in once)
