"""However long a column is, and whatever it is made to hold, reading it takes time in step with its length."""

import time

import pytest

from adapters.legacy.envelopes import looks_like_login
from adapters.legacy.phones import phones
from adapters.legacy.regions import by_name
from adapters.legacy.texts import plain_text

_LENGTH = 200_000


def _filled(piece: str) -> str:
    return piece * (_LENGTH // len(piece))


def _html(text: str) -> object:
    return plain_text(text, html=True)


@pytest.mark.parametrize(
    ("read", "written"),
    [
        (phones, f"0{_filled(' ')}1"),
        (phones, _filled("dan ")),
        (by_name, _filled("KEL ")),
        (by_name, _filled("KEL. BANJARMASIN ")),
        (lambda text: looks_like_login(f"<html>{text}".encode()), _filled("<form")),
        (lambda text: looks_like_login(f"<html>{text}".encode()), _filled("<input type=")),
        *((_html, _filled(piece)) for piece in ("<a", "<a b='", "<!--", "</", "<![", "<?", "&#", "<script", "<b ")),
        *((_html, f"{start}{_filled(piece)}") for start, piece in (("<script>", "</script "), ("<a ", '"x" '))),
    ],
)
def test_it_takes_no_longer_than_its_length(read, written):
    began = time.process_time()
    read(written)
    assert time.process_time() - began < 2
