"""Which answers of e-kelurahan are no answer. It says little by status: a page stands for most of what goes wrong."""

from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

from adapters.errors import UpstreamMalformedError, UpstreamUnavailableError
from adapters.legacy.envelopes import looks_like_login
from adapters.legacy.statuses import refuse_status
from adapters.upstream import HttpAnswer

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})


def goes_to(answer: HttpAnswer) -> str | None:
    """The path to which the answer redirects, or None when it does not."""
    location = answer.headers.get("location")
    if answer.status not in _REDIRECTS or location is None:
        return None
    try:
        return urlsplit(location).path
    except ValueError:
        return None


def asks_to_log_in(answer: HttpAnswer) -> bool:
    """Whether the session has ended: the login page with status 200, or the way to it."""
    path = goes_to(answer)
    return path.rstrip("/").endswith("/login") if path else answer.status == 200 and looks_like_login(answer.content)


def good(answer: HttpAnswer, now: datetime) -> HttpAnswer:
    """The answer, when it is one: status 200 and not the login page. Raises an error of the tree otherwise."""
    if asks_to_log_in(answer):
        raise UpstreamUnavailableError("the system asks to log in again")
    answered(answer, now)
    return answer


def answered(answer: HttpAnswer, now: datetime) -> None:
    """Raise the error of the tree for every status but 200."""
    refuse_status(answer, now)
    if answer.status != 200:
        raise UpstreamMalformedError(f"the system answers status {answer.status}, which it is not known to do")
