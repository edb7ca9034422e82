"""Hostile archives on demand: invalid ones, and decompression bombs."""

import io
from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Final
from zipfile import ZIP_DEFLATED, ZipFile

from simulators.trans_banjarmasin.export import archive, tables

_MEGABYTE: Final = b" " * 1_000_000


def _packed(parts: Mapping[str, str]) -> bytes:
    made = io.BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return made.getvalue()


def _bomb(today: date) -> bytes:
    made = io.BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as packed:
        for name, content in tables(today).items():
            with packed.open(name, "w") as part:
                part.write(content.encode())
                for _ in range(80 if name == "stop_times.txt" else 0):
                    part.write(_MEGABYTE)
    return made.getvalue()


def _endless_headway(today: date) -> bytes:
    parts = tables(today)
    parts["frequencies.txt"] = parts["frequencies.txt"].replace("1800", "1").replace("10 menit", "1")
    return _packed(parts)


def _without(name: str) -> Callable[[date], bytes]:
    return lambda today: _packed({known: content for known, content in tables(today).items() if known != name})


ARCHIVES: Final[Mapping[str, Callable[[date], bytes]]] = MappingProxyType(
    {
        "bomb": _bomb,
        "many-parts": lambda today: _packed({**tables(today), **{f"{at}.txt": "" for at in range(5_000)}}),
        "cut-short": lambda today: archive(today)[:-200],
        "no-stop-times": _without("stop_times.txt"),
        "other-dialect": lambda today: _packed(
            {**tables(today), "stops.txt": tables(today)["stops.txt"].replace(";", "\t")}
        ),
        "endless-headway": _endless_headway,
    }
)
