"""Detection of failed answers: e-kelurahan reports most errors as a page, with status 200."""

from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from adapters.errors import UpstreamMalformedError, UpstreamUnavailableError
from adapters.legacy.envelopes import looks_like_login
from adapters.legacy.statuses import raise_for_status
from adapters.upstream import HttpAnswer

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})


def goes_to(answer: HttpAnswer) -> str | None:
    """Return the path to which the answer redirects, or None when it does not."""
    location = answer.headers.get("location")
    if answer.status not in _REDIRECTS or location is None:
        return None
    try:
        return urlsplit(location).path
    except ValueError:
        return None


def asks_to_log_in(answer: HttpAnswer) -> bool:
    """Return whether the session has ended: the answer is the login page with status 200, or a redirect to it."""
    path = goes_to(answer)
    return path.rstrip("/").endswith("/login") if path else answer.status == 200 and looks_like_login(answer.content)


def good(answer: HttpAnswer, now: datetime) -> HttpAnswer:
    """Return the answer if its status is 200 and it is not the login page; otherwise raise an error of the tree."""
    if asks_to_log_in(answer):
        raise UpstreamUnavailableError("the system requires another login")
    answered(answer, now)
    return answer


def answered(answer: HttpAnswer, now: datetime) -> None:
    """Raise the error of the tree for every status but 200."""
    raise_for_status(answer, now)
    if answer.status != 200:
        raise UpstreamMalformedError(f"the system answers status {answer.status}, which its interface does not define")
