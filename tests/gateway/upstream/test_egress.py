"""Whatever an adapter puts into a request, it goes to its office's origin and below its path, or nowhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import HttpUrl

from adapters.errors import QueryRefusedError
from adapters.upstream import HttpRequest
from gateway.upstream.http.egress import Origin

HOSTILE = st.lists(
    st.sampled_from(
        [
            "/",
            "//",
            "..",
            ".",
            "%2e",
            "%2E%2e",
            "\\",
            "@",
            ":",
            "?",
            "#",
            "evil.example",
            "http:",
            "\r\n",
            "a",
            "é",
            "\0",
            "%00",
            "%0d%0a",
            " ",
        ]
    ),
    max_size=6,
).map("".join)

TEXT = st.text(st.characters(codec=None) | st.just("\ud800"), max_size=4)


@given(
    path=HOSTILE | HOSTILE.map(lambda path: f"/{path}") | st.text(),
    query=st.lists(st.tuples(TEXT, TEXT), max_size=2),
)
def test_no_path_leads_elsewhere(path, query):
    origin = Origin(HttpUrl("http://10.1.2.3:8080/simpus"))
    refused = None
    try:
        address = origin.address(HttpRequest("GET", path, query=query))
    except QueryRefusedError as error:
        refused = error
    if refused is not None:
        assert refused.reason == "the question cannot be put as an address of this system"
        assert refused.__context__ is None
        return
    assert (address.scheme, address.raw_host, address.port) == ("http", "10.1.2.3", 8080)
    assert address.raw_path == f"/simpus{path}"
    assert list(address.query.items()) == list(query)
    assert not address.raw_fragment


@pytest.mark.parametrize(
    "path",
    [
        "pasien",
        "/a/../b",
        "/..",
        "/%2e%2E/b",
        "/a?b",
        "/a#b",
        "/a b",
        "/a\\b",
        "/a%0d%0ab",
        "",
        "/a/..%2f..%2Fb",
        "/a%2f..",
        "/a/%2e%2e%5cb",
        "/a%5C../b",
        "/a/..;/b",
        "/.;v=1/b",
        "/..%3b/b",
    ],
)
def test_an_address_that_could_be_read_otherwise_is_refused(path):
    with pytest.raises(QueryRefusedError):
        Origin(HttpUrl("http://10.1.2.3/simpus")).address(HttpRequest("GET", path))


@pytest.mark.parametrize(
    "path", ["/", "/a//b", "/a..b/.c", "/a:b@c", "/%C3%A9", "/...", "/a;v=1,2", "/470%2F12%2FKEL", "/a..%2f", "/...;"]
)
def test_an_ordinary_address_passes(path):
    assert Origin(HttpUrl("https://10.1.2.3/x/")).address(HttpRequest("GET", path)).raw_path == f"/x{path}"


@pytest.mark.parametrize("base", ["http://user:secret@host/", "http://host/?key=secret", "http://host/#x"])
def test_a_base_url_holds_no_secret(base):
    with pytest.raises(ValueError, match="without credentials") as caught:
        Origin(HttpUrl(base))
    assert "user:secret" not in str(caught.value)
