"""The probe: it must succeed for an available system, and raise the matching error for every other case."""

import socket
import string
from pathlib import Path
from random import Random
from typing import Any, Final

from pydantic import HttpUrl, SecretStr

from adapters.contract import FileOfficeSettings, HttpOfficeSettings, OfficeSettings, SqlOfficeSettings
from adapters.errors import CredentialsRefusedError, UpstreamUnavailableError
from conformance.check_context import CheckContext
from conformance.leaks import secrets_of
from conformance.question_route import SessionCache
from conformance.questions import probe_question
from conformance.rules import NotApplicableError, Violations

_LETTERS: Final = string.ascii_letters + string.digits


async def answers(context: CheckContext) -> str:
    """Require that every office answers, and that an unreachable one counts as unavailable."""
    violations = Violations()
    for office in context.offices:
        where = f" in {office.id}" if office.id else ""
        async with context.route(office) as route:
            outcome = await context.ask(probe_question(context.spec), route)
            violations.require(outcome.error is None, f"the probe raises {type(outcome.error).__name__}{where}")
        async with context.route(office, unreachable_settings(office.settings), SessionCache()) as route:
            outcome = await context.ask(probe_question(context.spec), route)
            violations.require(
                isinstance(outcome.error, UpstreamUnavailableError),
                f"the probe of an unreachable system does not raise UpstreamUnavailableError{where}",
            )
    return violations.finish(f"{len(context.offices)} offices, reachable and unreachable")


async def credentials(context: CheckContext) -> str:
    """Require that the probe raises `CredentialsRefusedError` if any one credential is wrong."""
    office = context.offices[0]
    secrets = secrets_of(office.settings)
    if not secrets or (isinstance(office.settings, SqlOfficeSettings) and not _account(secrets["url"])):
        raise NotApplicableError("the settings contain no credentials")
    violations = Violations()
    for name, right in secrets.items():
        wrong = office.settings.model_copy(update={name: SecretStr(_wrong(office.settings, right))})
        async with context.route(office, wrong, SessionCache()) as route:
            outcome = await context.ask(probe_question(context.spec), route)
        violations.require(
            isinstance(outcome.error, CredentialsRefusedError),
            f"with a wrong {name} the probe "
            + (f"raises {type(outcome.error).__name__}" if outcome.error else "succeeds")
            + " instead of raising CredentialsRefusedError",
        )
    return violations.finish(", ".join(secrets))


def _wrong(settings: OfficeSettings, right: str) -> str:
    """Return another secret; for a database URL, the URL with another password."""
    account = _account(right) if isinstance(settings, SqlOfficeSettings) else None
    return right.replace(f":{account}@", f":{_unlike(account)}@") if account else _unlike(right)


def _account(url: str) -> str | None:
    """Return the password in a database URL, as written, or None."""
    return url.rpartition("@")[0].partition("://")[2].partition(":")[2] or None


def _unlike(secret: str) -> str:
    """Return a different text of the same length."""
    other = Random(0)  # noqa: S311 - not used for cryptography
    return "".join(other.choice(_LETTERS.replace(letter, "")) for letter in secret) or "wrong"


def unreachable_settings(settings: OfficeSettings) -> OfficeSettings:
    """Return the settings of the same office at an unreachable address or path."""
    update: dict[str, Any] = {}
    if isinstance(settings, HttpOfficeSettings):
        update["base_url"] = HttpUrl(f"http://127.0.0.1:{_closed_port()}/")
    if isinstance(settings, FileOfficeSettings):
        update["folder"] = Path(settings.folder) / "no-such-folder"
        update["outbox"] = Path("no-such-box")
    if isinstance(settings, SqlOfficeSettings):
        kind, _, place = settings.url.get_secret_value().partition("://")
        away = f"{place}/no-such-file" if kind == "sqlite" else f"nobody:nothing@127.0.0.1:{_closed_port()}/nothing"
        update["url"] = SecretStr(f"{kind}://{away}")
    return settings.model_copy(update=update)


def _closed_port() -> int:
    """Return a loopback port on which nothing listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
