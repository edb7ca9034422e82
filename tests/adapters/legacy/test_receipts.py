"""The receipt code at the end of a text: put there, found, and taken off again."""

import time

from hypothesis import given
from hypothesis import strategies as st

from adapters.legacy.receipts import ends_with_code, mark, with_code, without_code

CODE = "GB-7F3K2Q"


@given(st.text(max_size=80))
def test_what_is_put_there_is_found_and_comes_off_again(text):
    written = with_code(text, CODE)
    assert written.endswith(mark(CODE))
    assert ends_with_code(f"{written} \n", CODE)
    assert without_code(f"{written} \n") == text.rstrip()


def test_only_the_end_counts():
    for text in ("", "Jalan [GB-7F3K2Q] rusak", "Jalan [rusak]", "Jalan [GB-7f3k2q]", "GB-7F3K2Q]", "[", "a [GB-123]"):
        assert without_code(text) == text
        assert not ends_with_code(text, CODE)
    assert without_code("Jalan [GB-AAAA] [GB-7F3K2Q]") == "Jalan [GB-AAAA]"
    assert not ends_with_code(None, CODE)


def test_blanks_without_end_take_no_time():
    text = "a" + " " * 200_000 + "b"
    began = time.process_time()
    assert without_code(text) == text
    assert time.process_time() - began < 0.5
