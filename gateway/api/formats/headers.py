"""Headers of a page of a list: link to the next page, file name, and states of the sources."""

from urllib.parse import parse_qs

from starlette.datastructures import URL

from gateway.api.formats.page import JSON, ListPage, Representation
from schemas.envelope import Source


def page_headers(url: URL, page: ListPage, representation: Representation) -> dict[str, str]:
    """Return the headers of this page of the list at `url`. Formats without `sources` get them in headers."""
    headers = {}
    if representation is not JSON:
        headers["Content-Type"] = representation.content_type or representation.media_type
    links = []
    if page.next:
        links.append(f'<{_link_target(url.include_query_params(cursor=page.next))}>; rel="next"')
    if not representation.carries_sources:
        headers["Gerbang-Complete"] = "?1" if page.complete else "?0"
        if page.sources:
            headers["Gerbang-Sources"] = ", ".join(_source_member(source) for source in page.sources)
        links.append(f'<{_link_target(url)}>; rel="alternate"; type="{JSON.media_type}"')
    if representation.extension:
        name = url.path.rpartition("/")[2] + _filename_suffix(url, page)
        headers["Content-Disposition"] = f'attachment; filename="{name}.{representation.extension}"'
    if links:
        headers["Link"] = ", ".join(links)
    return headers


def _filename_suffix(url: URL, page: ListPage) -> str:
    """Return a suffix of the file name for partial or incomplete lists, since a saved file loses its headers."""
    is_partial = page.next is not None or "cursor" in parse_qs(url.query)
    return ("-sebagian" if is_partial else "") + ("" if page.complete else "-tidak-lengkap")


def _link_target(url: URL) -> str:
    return f"{url.path}?{url.query}" if url.query else url.path


def _source_member(source: Source) -> str:
    """Return a source as a list member of RFC 9651: the system, with all other fields as parameters."""
    fields = source.model_dump(mode="json", exclude_none=True, exclude={"system"})
    parameters = (
        f"{name}={value}" if isinstance(value, int) else f'{name}="{value}"' for name, value in fields.items()
    )
    return ";".join((source.system, *parameters))
