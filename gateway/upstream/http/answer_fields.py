"""The header fields of an answer as adapters see them: names in lower case, repeated fields joined, cookies apart."""

from collections.abc import Iterable


def collect_fields(pairs: Iterable[tuple[str, str]]) -> tuple[dict[str, str], dict[str, str]]:
    """The headers and the cookies of an answer.

    Repeated headers are joined by commas (RFC 9110). Cookies are those of `Set-Cookie`, without their attributes.
    """
    headers: dict[str, str] = {}
    cookies: dict[str, str] = {}
    for given_name, value in pairs:
        name = given_name.lower()
        if name == "set-cookie":
            key, _, content = value.partition(";")[0].partition("=")
            cookies[key.strip()] = content.strip()
        else:
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers, cookies
