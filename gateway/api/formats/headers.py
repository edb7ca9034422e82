"""The headers that belong to a page in one of its forms: the next page, the file's name, the account of the sources."""

from urllib.parse import parse_qs

from starlette.datastructures import URL

from gateway.api.formats.page import JSON, ListPage, Representation
from schemas.envelope import Source


def headers_of(url: URL, page: ListPage, form: Representation) -> dict[str, str]:
    """The headers of this page of the list at `url`. What the form itself has no room for is told by them."""
    headers = {}
    if form is not JSON:
        headers["Content-Type"] = form.content_type or form.media_type
    links = []
    if page.next:
        links.append(f'<{_target(url.include_query_params(cursor=page.next))}>; rel="next"')
    if not form.accounts:
        headers["Gerbang-Complete"] = "?1" if page.complete else "?0"
        if page.sources:
            headers["Gerbang-Sources"] = ", ".join(_told(source) for source in page.sources)
        links.append(f'<{_target(url)}>; rel="alternate"; type="{JSON.media_type}"')
    if form.extension:
        name = url.path.rpartition("/")[2] + _reservations(url, page)
        headers["Content-Disposition"] = f'attachment; filename="{name}.{form.extension}"'
    if links:
        headers["Link"] = ", ".join(links)
    return headers


def _reservations(url: URL, page: ListPage) -> str:
    """Who saves a file loses its headers, so that its name says the most important of what they said."""
    one_of_several = page.next is not None or "cursor" in parse_qs(url.query)
    return ("-sebagian" if one_of_several else "") + ("" if page.complete else "-tidak-lengkap")


def _target(url: URL) -> str:
    return f"{url.path}?{url.query}" if url.query else url.path


def _told(source: Source) -> str:
    """A source as a member of a list of RFC 9651: the system, with everything else as its parameters."""
    said = source.model_dump(mode="json", exclude_none=True, exclude={"system"})
    parameters = (f"{name}={value}" if isinstance(value, int) else f'{name}="{value}"' for name, value in said.items())
    return ";".join((source.system, *parameters))
