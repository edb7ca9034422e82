"""XML from outside: what the parser reads, and what it refuses before it grows."""

import json
import subprocess
import sys
import tracemalloc

import pytest

from adapters.errors import UpstreamMalformedError
from adapters.legacy.hardened_xml import MAX_DEPTH, parse, parse_tree

WHAT = "a document"


class Counting:
    """A target that counts elements."""

    def __init__(self) -> None:
        self.elements = 0

    def start(self, _tag: str, _attributes: dict[str, str]) -> None:
        self.elements += 1

    def data(self, _text: str) -> None:
        """Texts are not counted."""

    def end(self, _tag: str) -> None:
        """Ends are not counted."""


def test_a_tree_has_texts_and_attributes_without_comments_and_instructions():
    root = parse_tree(b"<r k='v'>a<!-- no -->b<?no no?>c<![CDATA[<d>]]>e<x:f xmlns:x='urn:x'/>g</r>", what=WHAT)
    assert (root.tag, root.text, root.attrib) == ("r", "abc<d>e", {"k": "v"})
    assert [(child.tag, child.text, child.tail) for child in root] == [("{urn:x}f", None, "g")]


@pytest.mark.parametrize(
    "content",
    [
        "<r>\u00e9 \u2013</r>".encode(),
        b'<?xml version="1.0" encoding="windows-1252"?><r>\xe9 \x96</r>',
        '<?xml version="1.0" encoding="utf-8"?><r>\u00e9 \u2013</r>'.encode("utf-8-sig"),
        '<?xml version="1.0" encoding="UTF-16"?><r>\u00e9 \u2013</r>'.encode("utf-16"),
        b"\n<r>&#233; &#x2013;</r>\n",
    ],
    ids=["utf-8", "windows-1252", "utf-8-mark", "utf-16", "references"],
)
def test_charsets_that_are_read(content):
    assert parse_tree(content, what=WHAT).text == "\u00e9 \u2013"


HIDDEN = "<r>" + "<a/>" * 9 + "</r>"


@pytest.mark.parametrize("charset", ["utf-7", "cp037", "utf-16-le", "utf-32", "shift_jis", "idna", "hz"])
@pytest.mark.parametrize("declares", ["", '<?xml version="1.0" encoding="{}"?>'], ids=["undeclared", "declared"])
def test_no_charset_hides_tags_from_who_counts_bytes(charset, declares):
    """In UTF-7 or EBCDIC the sign `<` is another byte than 0x3C."""
    content = (declares.format(charset) + HIDDEN).encode("ascii" if charset == "idna" else charset)
    if charset == "utf-7":
        content = content.replace(b"<a/>", b"+ADw-a/+AD4-")
    counting = Counting()
    try:
        parse(content, counting, what=WHAT)
    except UpstreamMalformedError:
        return
    assert counting.elements <= content.count(b"<")


def test_a_declaration_that_stands_too_far_away_chooses_no_charset():
    far = b'<?xml version="1.0"' + b" " * 300 + b'encoding="utf-7"?><r>+ADw-a/+AD4-</r>'
    assert parse_tree(far, what=WHAT).text == "+ADw-a/+AD4-"


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
BIG = "x" * 100_000
REFUSED = {
    "laughs": f'<!DOCTYPE r [<!ENTITY l0 "ha">{LAUGHS}]><r>&l9;</r>',
    "quadratic": f'<!DOCTYPE r [<!ENTITY a "{BIG}">]><r>' + "&a;" * 50_000 + "</r>",
    "default attributes": f'<!DOCTYPE r [<!ATTLIST a x CDATA "{BIG}">]><r>' + "<a/>" * 5_000 + "</r>",
    "external subset": '<!DOCTYPE r SYSTEM "http://127.0.0.1:9/r.dtd"><r/>',
    "external entity": '<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/hostname">]><r>&a;</r>',
    "parameter entity": '<!DOCTYPE r [<!ENTITY % a SYSTEM "file:///etc/hostname">%a;]><r/>',
    "a plain type": "<!DOCTYPE r><r/>",
    "a type after a comment": "<!-- x --><!DOCTYPE r><r/>",
    "an undeclared entity": "<r>&a;</r>",
    "depth": "<r>" * (MAX_DEPTH + 1) + "</r>" * (MAX_DEPTH + 1),
    "great depth": "<r>" * 150_000,
    "an attribute twice": "<r a='1' a='2'/>",
    "a prefix without namespace": "<x:r/>",
    "two roots": "<r/><r/>",
    "nothing": "",
    "half": "<r><a>",
    "a control character": "<r>&#11;</r>",
    "a byte of no charset": "<r>6371995512850999\udcff</r>",
}


REASONS = {"a document is not sound XML", "a document has a document type", "a document nests too deeply"}


@pytest.mark.parametrize("document", REFUSED.values(), ids=REFUSED.keys())
def test_what_is_refused_costs_little_and_is_not_quoted(document):
    content = document.encode("utf-8", "surrogateescape")
    tracemalloc.start()
    with pytest.raises(UpstreamMalformedError) as refused:
        parse_tree(content, what=WHAT)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 24_000_000
    assert str(refused.value) in REASONS
    assert refused.value.__context__ is None


def test_the_bound_on_depth_is_exact():
    assert parse_tree(b"<r>" * MAX_DEPTH + b"</r>" * MAX_DEPTH, what=WHAT).tag == "r"


def test_a_target_that_stops_is_asked_for_nothing_more():
    class Stopping(Counting):
        def start(self, tag: str, attributes: dict[str, str]) -> None:
            super().start(tag, attributes)
            if self.elements == 3:
                raise UpstreamMalformedError("enough")

    stopping = Stopping()
    with pytest.raises(UpstreamMalformedError, match="enough"):
        parse(b"<r>" + b"<a/>" * 1_000 + b"</r>", stopping, what=WHAT)
    assert stopping.elements == 3


@pytest.mark.processes
@pytest.mark.parametrize(
    "read",
    [
        "from adapters.legacy.hardened_xml import parse_tree\nread = lambda text: parse_tree(text.encode(), what='x')",
        "from gateway.upstream.http.xml import read_element\n"
        "read = lambda text: read_element(text, max_depth=9, max_elements=50_000)",
    ],
    ids=["a document", "a SOAP answer"],
)
def test_names_that_are_new_in_each_document_do_not_fill_the_memory(read):
    """libxml2 keeps names for as long as a thread lives: with lxml, these documents take more than 200 MB."""
    script = f"""
{read}
import json
from conformance.memory import PeakMemory

def document(number):
    return "<r " + " ".join(f"name-of-{{number}}-and-{{place}}=''" for place in range(30_000)) + "/>"

for number in range(5):
    read(document(number))
peak = PeakMemory()
for number in range(5, 65):
    read(document(number))
print(json.dumps(peak.growth()))
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, timeout=120)
    assert json.loads(ran.stdout) < 20_000_000
