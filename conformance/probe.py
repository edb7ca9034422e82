"""The probe: it says yes to a system that is there and knows us, and no in the right words to one that does not."""

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
from conformance.question_route import Keyring
from conformance.questions import probing
from conformance.rules import Flaws, NotApplicableError

_LETTERS: Final = string.ascii_letters + string.digits


async def answers(context: CheckContext) -> str:
    """Every office is there; one that is not counts as unavailable."""
    flaws = Flaws()
    for office in context.offices:
        where = f" in {office.id}" if office.id else ""
        async with context.way(office) as way:
            outcome = await context.put(probing(context.spec), way)
            flaws.unless(outcome.error is None, f"the probe raises {type(outcome.error).__name__}{where}")
        async with context.way(office, nowhere(office.settings), Keyring()) as way:
            outcome = await context.put(probing(context.spec), way)
            flaws.unless(
                isinstance(outcome.error, UpstreamUnavailableError),
                f"the probe of a system that is not there does not raise UpstreamUnavailableError{where}",
            )
    return flaws.settle(f"{len(context.offices)} offices, there and away")


async def credentials(context: CheckContext) -> str:
    """With any one of the credentials wrong, the probe says that we are refused."""
    office = context.offices[0]
    secrets = secrets_of(office.settings)
    if not secrets or (isinstance(office.settings, SqlOfficeSettings) and not _account(secrets["url"])):
        raise NotApplicableError("the settings hold no credentials")
    flaws = Flaws()
    for name, right in secrets.items():
        wrong = office.settings.model_copy(update={name: SecretStr(_wrong(office.settings, right))})
        async with context.way(office, wrong, Keyring()) as way:
            outcome = await context.put(probing(context.spec), way)
        flaws.unless(
            isinstance(outcome.error, CredentialsRefusedError),
            f"with a wrong {name} the probe "
            + (f"raises {type(outcome.error).__name__}" if outcome.error else "says yes")
            + " in place of CredentialsRefusedError",
        )
    return flaws.settle(", ".join(secrets))


def _wrong(settings: OfficeSettings, right: str) -> str:
    """Another secret in its place; of a database's address, another password."""
    account = _account(right) if isinstance(settings, SqlOfficeSettings) else None
    return right.replace(f":{account}@", f":{_unlike(account)}@") if account else _unlike(right)


def _account(url: str) -> str | None:
    """The password in a database's address, as it is written there."""
    return url.rpartition("@")[0].partition("://")[2].partition(":")[2] or None


def _unlike(secret: str) -> str:
    """Another text of the same length."""
    other = Random(0)  # noqa: S311 - nothing is kept secret by it
    return "".join(other.choice(_LETTERS.replace(letter, "")) for letter in secret) or "wrong"


def nowhere(settings: OfficeSettings) -> OfficeSettings:
    """The same office where nobody answers."""
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
    """A port of loopback on which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
