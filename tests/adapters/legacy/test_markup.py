"""Whole answers in XML: what is read, and what is refused without a word of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.errors import UpstreamMalformedError
from adapters.legacy.markup import MOST_TAGS, read_xml, text_at
from adapters.upstream import HttpAnswer

GOOD = '<?xml version="1.0" encoding="UTF-8"?><r><a> é </a><b><c>1</c></b><d/></r>'.encode()


def read(content: bytes):
    return read_xml(HttpAnswer(200, {"content-type": "text/plain"}, content), "r")


def test_texts_are_read_by_their_place():
    root = read(b"\xef\xbb\xbf" + GOOD)
    assert [text_at(root, path) for path in ("a", "b/c", "d", "none")] == ["é", "1", None, None]


BOMB = b'<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><r>&b;</r>'


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"<r>",
        b"<q/>",
        BOMB,
        b'<!DOCTYPE r SYSTEM "http://127.0.0.1/x"><r/>',
        b"<r>&undefined;</r>",
        b"<r>" * (MOST_TAGS // 2 + 1) + b"</r>" * (MOST_TAGS // 2 + 1),
        b'<?xml version="1.0" encoding="no-such"?><r/>',
        b"<!DOCTYPE html><html><body>6371995512850999</body></html>",
        b"<r>6371995512850999\xff</r>",
    ],
)
def test_what_is_no_such_document_is_malformed(content):
    with pytest.raises(UpstreamMalformedError) as raised:
        read(content)
    assert "637199" not in str(raised.value)
    assert raised.value.__context__ is None


@given(place=st.integers(0, len(GOOD) - 1), byte=st.integers(0, 255))
def test_a_changed_byte_is_read_or_refused(place, byte):
    try:
        text_at(read(GOOD[:place] + bytes([byte]) + GOOD[place + 1 :]), "b/c")
    except UpstreamMalformedError:
        return
