"""Leak detection: collect logs, reasons, tracebacks and `repr` texts, and search them for secrets."""

import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from pydantic import BaseModel, SecretStr

from adapters.contract import OfficeSettings
from schemas.classes import Classed, DataClass, class_of

CANARY: Final = "6371995512850999"
"""A synthetic NIK in every made-up answer of the suite, used nowhere else."""

_SHORTEST: Final = 6
_STANDARD: Final = frozenset(logging.makeLogRecord({}).__dict__)
_FORMATTER: Final = logging.Formatter()


class LeakDetector(logging.Handler):
    """Collects every log line of the process while it is active, and every other text that it receives."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self._texts_by_source: dict[str, set[str]] = {"a log line": set()}
        self._level = logging.NOTSET

    def emit(self, record: logging.LogRecord) -> None:
        """Store the message with its extra fields and its traceback."""
        extra = {name: value for name, value in record.__dict__.items() if name not in _STANDARD}
        raised = _FORMATTER.formatException(record.exc_info) if record.exc_info and record.exc_info[0] else ""
        self._texts_by_source["a log line"].add(f"{record.name} {_message(record)} {extra or ''} {raised}")

    def add_texts(self, where: str, texts: Iterable[str]) -> None:
        """Store texts that were found at `where`."""
        self._texts_by_source.setdefault(where, set()).update(texts)

    def __enter__(self) -> "LeakDetector":
        """Attach to the root logger, at every level."""
        root = logging.getLogger()
        self._level = root.level
        root.setLevel(logging.DEBUG)
        root.addHandler(self)
        return self

    def __exit__(self, *_error: object) -> None:
        """Detach from the root logger."""
        root = logging.getLogger()
        root.removeHandler(self)
        root.setLevel(self._level)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Detach while the gateway's own database works: its libraries log everything at this level."""
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
    def text_count(self) -> int:
        """How many texts were collected."""
        return sum(len(texts) for texts in self._texts_by_source.values())

    def leaks(self, secrets: Mapping[str, str]) -> list[str]:
        """Return which secrets (text to name) were found, and where."""
        return [
            f"{name} is leaked by {where}"
            for where, texts in self._texts_by_source.items()
            for secret, name in secrets.items()
            if len(secret) >= _SHORTEST and any(secret in text for text in texts)
        ]


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except Exception:  # noqa: BLE001 - a line with unfit arguments is stored unformatted, and does not fail the logging call
        return f"{record.msg} {record.args}"


def secrets_of(settings: OfficeSettings) -> dict[str, str]:
    """Return the secret settings of an office, by name."""
    return {name: value.get_secret_value() for name, value in settings if isinstance(value, SecretStr)}


def personal_texts(body: BaseModel) -> dict[str, str]:
    """Return the texts in personal or specific fields of a canonical body, each with its field's name."""
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
