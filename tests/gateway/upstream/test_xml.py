"""XML that was written to hurt is refused soon and cheaply; all other XML is read as it stands."""

import json
import subprocess
import sys
import textwrap
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.errors import UpstreamMalformedError
from adapters.upstream import SoapElement, SoapRequest
from gateway.upstream.http.soap_envelope import ENVELOPE, build_envelope
from gateway.upstream.http.xml import decode_document, read_element

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


def _read(content: bytes, **bounds: int) -> SoapElement:
    return read_element(decode_document(content), **({"max_depth": 64, "max_elements": 1_000} | bounds))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (f'<!DOCTYPE r [<!ENTITY l0 "ha">{LAUGHS}]><r>&l9;</r>'.encode(), "document type"),
        (b'<!DOCTYPE r SYSTEM "http://127.0.0.1:9/r.dtd"><r/>', "document type"),
        (b'<!-- x --><!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/hostname">]><r>&a;</r>', "document type"),
        (b"<r>&a;</r>", "not well-formed XML"),
        (b'<?xml-stylesheet href="x"?><r/>', "processing instruction"),
        (b"<r><?php x ?></r>", "processing instruction"),
        (b"<r>" * 65 + b"</r>" * 65, "too deeply"),
        (b"<r>" * 10_000 + b"</r>" * 10_000, "more elements"),
        (b"<r>" + b"<a/>" * 1_000 + b"</r>", "more elements"),
        (b"<r " + b" ".join(b'a%d=""' % n for n in range(3_001)) + b"/>", "attributes"),
        (b'<r xmlns:x="http://www.w3.org/2004/08/xop/include"><x:Include href="cid:1"/></r>', "attachments"),
        (b"", "not well-formed XML"),
        (b" \n", "not well-formed XML"),
        (b"<a/><b/>", "not well-formed XML"),
        (b"<a><b></a>", "not well-formed XML"),
        (b"<r>&#11;</r>", "not well-formed XML"),
        (b'<r><?xml version="1.0"?></r>', "not well-formed XML"),
        (b'<?xml version="1.0" encoding="UTF-7"?><r/>', "charset"),
        (b'<?xml version="1.0" encoding="idna"?><r/>', "charset"),
    ],
    ids=range(19),
)
def test_what_none_may_have_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(UpstreamMalformedError, match=reason) as refused:
        _read(content)
    assert refused.value.__context__ is None
    assert refused.value.__cause__ is None


def test_the_bounds_are_exact() -> None:
    assert _read(b"<r>" * 64 + b"</r>" * 64)
    assert len(_read(b"<r>" + b"<a/>" * 999 + b"</r>").children) == 999


@pytest.mark.processes
def test_bombs_cost_little() -> None:
    """One after the other in one process: under 2 s of the processor each, and never more than 64 MB at once."""
    script = f"""
        import json, resource
        from time import process_time
        from adapters.errors import UpstreamMalformedError
        from gateway.upstream.http.xml import read_element, decode_document

        size = 4_000_000
        bombs = {{
            "laughs": b'<!DOCTYPE r [<!ENTITY l0 "ha">{LAUGHS}]><r>&l9;</r>',
            "quadratic": b'<!DOCTYPE r [<!ENTITY a "' + b"x" * 100_000 + b'">]><r>' + b"&a;" * 100_000 + b"</r>",
            "deep": b"<r>" * 10_000 + b"</r>" * 10_000,
            "deeper": b"<r>" * (size // 3),
            "many": b"<r>" + b"<a/>" * (size // 4),
            "as many as may be": b"<r>" + b"<a>12345678</a>" * 49_999 + b"</r>",
            "attributes": b"<r " + b" ".join(b'a%d=""' % n for n in range(size // 12)) + b"/>",
            "namespaces": b"<r " + b" ".join(b'xmlns:a%d="u"' % n for n in range(140_000)) + b"/>",
            "text": b"<r>" + b"x" * size + b"</r>",
            "blanks": b"<r>" + b" " * size + b"</r>",
            "blanks before": b" " * size + b"<r/>",
            "references": b"<r>" + b"&#8211;" * (size // 7) + b"</r>",
            "name": b"<" + b"x" * size + b"/>",
            "comment": b"<!--" + b"x" * size + b"--><r/>",
        }}
        found, before = {{}}, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for name, content in bombs.items():
            began = process_time()
            try:
                read_element(decode_document(content), max_depth=64, max_elements=50_000)
            except UpstreamMalformedError:
                pass
            grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
            found[name] = [process_time() - began, grown // 1024]
        print(json.dumps(found))
    """
    # Put together in a new process, whose highest mark no other test has pushed up.
    ran = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], capture_output=True, check=True, timeout=60)
    for name, (seconds, megabytes) in json.loads(ran.stdout).items():
        assert seconds < 2, name
        assert megabytes < 64, name


@pytest.mark.parametrize(
    ("content", "header", "declared"),
    [
        ("<r>é – “x”</r>".encode(), None, None),
        ("<r>é – “x”</r>".encode("utf-8-sig"), "iso-8859-1", None),
        ('<?xml version="1.0" encoding="ISO-8859-1"?><r>é – “x”</r>'.encode("cp1252"), None, None),
        ('<?xml version="1.0" encoding="ISO-8859-1"?><r>é – “x”</r>'.encode("cp1252"), "utf-8", "windows-1252"),
        ('<?xml version="1.0" encoding="ISO-8859-1"?><r>é – “x”</r>'.encode(), '"UTF-8"', None),
        ('<?xml version="1.0" encoding="windows-1252"?><r>é – “x”</r>'.encode("utf-16"), "utf-8", "windows-1252"),
        ('\n  <?xml version="1.0" encoding="utf-8" ?>\n<r>é – “x”</r>\n'.encode(), None, None),
    ],
    ids=range(7),
)
def test_the_charset_is_decided_in_one_order(content: bytes, header: str | None, declared: str | None) -> None:
    text = decode_document(content, header=header, declared=declared)
    assert read_element(text, max_depth=2, max_elements=2).text == "é – “x”"


def test_a_byte_that_means_nothing_costs_one_character() -> None:
    assert _read(b"<r>Jl. A\xff\x0b</r>").text == "Jl. A\ufffd\ufffd"


def test_what_stands_there_is_what_is_read() -> None:
    root = _read(
        b'<a:r xmlns:a="urn:a" xmlns="urn:b" xmlns:i="http://www.w3.org/2001/XMLSchema-instance">'
        b' <n i:nil="true"/><e/><!-- no --><t k="v" a:k="w"> 1 &lt; <![CDATA[<2>]]> </t></a:r>'
    )
    assert (root.name, root.namespace, root.text) == ("r", "urn:a", None)
    nil, empty, text = root.children
    assert (nil.text, empty.text, text.text) == (None, "", " 1 < <2> ")
    assert (text.namespace, text.attributes) == ("urn:b", {"k": "v", "{urn:a}k": "w"})
    assert root.named("t") == (text,)
    assert "<2>" not in repr(root)


NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_.-]{0,8}", fullmatch=True)
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff\ufeff"), max_size=20)
ELEMENTS = st.recursive(
    st.builds(SoapElement, NAMES, st.sampled_from(["", "urn:a", "urn:b"]), TEXTS),
    lambda inner: st.builds(
        SoapElement,
        NAMES,
        st.sampled_from(["", "urn:a"]),
        st.none(),
        st.lists(inner, min_size=1, max_size=3).map(tuple),
    ),
    max_leaves=8,
)


@given(body=ELEMENTS)
def test_what_is_written_is_read_again(body: SoapElement) -> None:
    envelope = _read(build_envelope(SoapRequest("/", "urn:a", body)))
    assert envelope.namespace == ENVELOPE
    assert envelope.children[0].children == (body,)


@given(content=st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    for whole in (content, b"<r>" + content + b"</r>"):
        with suppress(UpstreamMalformedError):
            _read(whole)
