"""Headers of a page of a list: links, file name, and states of the sources; and the URL that links repeat."""

from typing import Final
from urllib.parse import parse_qs, quote

from fastapi import Request
from starlette.datastructures import URL

from gateway.api.formats.page import JSON, ListPage, Representation
from gateway.api.sources import PublicSources
from schemas.envelope import Source, UnansweredOffice

_IN_PATH: Final = "/-._~!$&'()*+,;=:@"
_IN_QUERY: Final = _IN_PATH + "?%"
"""Characters that a query may contain unescaped (RFC 3986, section 3.4), and `%`, which begins existing escapes."""


def relative_url(request: Request) -> URL:
    """Return the path and query of the request, without the host, in ASCII.

    `request.url` raises if the query is not UTF-8. Bytes that are not ASCII are read as Latin-1, as Starlette reads the
    parameters, so that a link built from this URL repeats the same request.
    """
    path = quote(request.scope["path"], safe=_IN_PATH, errors="replace")
    query = quote(request.scope["query_string"].decode("latin-1"), safe=_IN_QUERY)
    return URL(f"{path}?{query}" if query else path)


def page_headers(url: URL, page: ListPage, representation: Representation) -> dict[str, str]:
    """Return the headers of this page of the list at `url`.

    The sources are in headers for formats that do not contain them, and for pages that a client may revalidate: the 304
    says how fresh the client's copy is.
    """
    headers = {}
    if representation is not JSON:
        headers["Content-Type"] = representation.content_type or representation.media_type
    links = []
    if page.next:
        links.append(f'<{_link_target(url.include_query_params(cursor=page.next))}>; rel="next"')
    if not representation.carries_sources or (page.edition and page.edition.id is not None):
        headers |= source_headers(page.sources)
    if not representation.carries_sources:
        links.append(f'<{_link_target(url)}>; rel="alternate"; type="{JSON.media_type}"')
    if representation.extension:
        name = url.path.rpartition("/")[2] + _filename_suffix(url, page)
        headers["Content-Disposition"] = f'attachment; filename="{name}.{representation.extension}"'
    if links:
        headers["Link"] = ", ".join(links)
    return headers


def source_headers(sources: PublicSources) -> dict[str, str]:
    """Return the sources and whether the answer is complete, as headers."""
    headers = {"Gerbang-Complete": "?1" if sources.complete else "?0"}
    if sources.sources:
        headers["Gerbang-Sources"] = ", ".join(_source_member(*member) for member in sources.flat())
    return headers


def _filename_suffix(url: URL, page: ListPage) -> str:
    """Return a suffix of the file name for partial or incomplete lists, since a saved file loses its headers."""
    is_partial = page.next is not None or "cursor" in parse_qs(url.query)
    return ("-sebagian" if is_partial else "") + ("" if page.sources.complete else "-tidak-lengkap")


def _link_target(url: URL) -> str:
    return f"{url.path}?{url.query}" if url.query else url.path


def _source_member(system: str, source: Source | UnansweredOffice) -> str:
    """Return a source as a list member of RFC 9651: the system, with the other fields as parameters.

    Names are left out, because a string of RFC 9651 has ASCII only.
    """
    fields = source.model_dump(mode="json", exclude_none=True, exclude={"system", "name", "offices"})
    parameters = (
        f"{name}={value}" if isinstance(value, int) else f'{name}="{value}"' for name, value in fields.items()
    )
    return ";".join((system, *parameters))
