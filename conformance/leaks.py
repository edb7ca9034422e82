"""What must never be told, and everywhere that it could have been: logs, reasons, tracebacks, `repr`."""

import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from pydantic import BaseModel, SecretStr

from adapters.contract import OfficeSettings
from schemas.classes import Classed, DataClass, class_of

CANARY: Final = "6371995512850999"
"""A synthetic NIK that stands in every made-up answer of the suite, and nowhere else."""

_SHORTEST: Final = 6
_STANDARD: Final = frozenset(logging.makeLogRecord({}).__dict__)
_FORMATTER: Final = logging.Formatter()


class Watch(logging.Handler):
    """Hears every log line of the process while it is on, and is handed every other text that could be seen."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self._heard: dict[str, set[str]] = {"a log line": set()}
        self._level = logging.NOTSET

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the message and whatever came with it, also the error of which it tells."""
        extra = {name: value for name, value in record.__dict__.items() if name not in _STANDARD}
        raised = _FORMATTER.formatException(record.exc_info) if record.exc_info and record.exc_info[0] else ""
        self._heard["a log line"].add(f"{record.name} {_message(record)} {extra or ''} {raised}")

    def hear(self, where: str, texts: Iterable[str]) -> None:
        """Keep texts that were seen at `where`."""
        self._heard.setdefault(where, set()).update(texts)

    def __enter__(self) -> "Watch":
        """Listen to all logs, whatever their level."""
        root = logging.getLogger()
        self._level = root.level
        root.setLevel(logging.DEBUG)
        root.addHandler(self)
        return self

    def __exit__(self, *_error: object) -> None:
        """Listen no more."""
        root = logging.getLogger()
        root.removeHandler(self)
        root.setLevel(self._level)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Do not listen while the gateway's own database is at work: its libraries tell everything at this level."""
        root = logging.getLogger()
        on = self in root.handlers
        level = root.level
        if on:
            root.removeHandler(self)
            root.setLevel(self._level)
        try:
            yield
        finally:
            if on:
                root.addHandler(self)
                root.setLevel(level)

    @property
    def heard(self) -> int:
        """How many texts were heard."""
        return sum(len(texts) for texts in self._heard.values())

    def leaks(self, secrets: Mapping[str, str]) -> list[str]:
        """Which of the secrets (what must not be told, and its name) were heard, and where."""
        return [
            f"{name} is told by {where}"
            for where, texts in self._heard.items()
            for secret, name in secrets.items()
            if len(secret) >= _SHORTEST and any(secret in text for text in texts)
        ]


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception:  # noqa: BLE001 - arguments that do not fit are kept one by one, and never stop who logs
        return f"{record.msg} {record.args}"


def secrets_of(settings: OfficeSettings) -> dict[str, str]:
    """The secret settings of an office, by their names."""
    return {name: value.get_secret_value() for name, value in settings if isinstance(value, SecretStr)}


def personal_texts(body: BaseModel) -> dict[str, str]:
    """The texts of a canonical body that stand in fields classed personal or specific, each with its field's name."""
    found: dict[str, str] = {}
    for name, info in type(body).model_fields.items():
        classed = class_of(info) if isinstance(body, Classed) else None
        personal = classed not in (None, DataClass.GENERAL)
        found |= _texts(getattr(body, name), f"{type(body).__name__}.{name}" if personal else None)
    return found


def _texts(value: Any, personal: str | None) -> dict[str, str]:  # noqa: ANN401 - any value of a body
    if isinstance(value, BaseModel):
        return personal_texts(value)
    if isinstance(value, tuple):
        return {text: name for item in value for text, name in _texts(item, personal).items()}
    return {value: personal} if personal and type(value) is str and len(value) >= _SHORTEST else {}
