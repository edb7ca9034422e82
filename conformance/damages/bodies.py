"""Bodies that are meant to hurt: bombs, depths, pages, and JSON of the wrong types."""

import gzip
import io
import json
import zlib
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

from conformance.watching import CANARY

LEVELS: Final = 10_000
_BOMB_BYTES: Final = 64_000_000
_CHUNK: Final = b" " * 1_000_000
_ENTITIES: Final = 9

PAGE: Final = (
    "<!DOCTYPE html>\n<html><head><title>Pemeliharaan</title></head><body><h1>Service Unavailable</h1>"
    f"<p>Mohon maaf, sistem sedang dalam pemeliharaan. NIK {CANARY}.</p></body></html>\n"
).encode()

LOGIN_PAGE: Final = (
    '<!DOCTYPE html>\n<html><head><title>Masuk</title></head><body><form method="post" action="/login">'
    f'<input name="user" value="{CANARY}"><input type="password" name="password"></form></body></html>\n'
).encode()

GARBAGE: Final = bytes((seven * 151 + 7) % 256 for seven in range(4096))


def deep(like: bytes) -> bytes:
    """Ten thousand levels in the language of the body that it stands for."""
    if _is_markup(like):
        return b"<!DOCTYPE html><html><body>" + b"<div>" * LEVELS + b"</div>" * LEVELS + b"</body></html>"
    return b'{"a":' * (LEVELS // 2) + b"[" * (LEVELS // 2) + b"]" * (LEVELS // 2) + b"}" * (LEVELS // 2)


@lru_cache(maxsize=1)
def gzip_bomb() -> bytes:
    """A small body that unpacks to 64 MB."""
    made = io.BytesIO()
    with gzip.GzipFile(fileobj=made, mode="wb", mtime=0) as bomb:
        for _ in range(_BOMB_BYTES // len(_CHUNK)):
            bomb.write(_CHUNK)
    return made.getvalue()


def xml_bomb() -> bytes:
    """A billion laughs: entities that stand for ten of the one before."""
    entities = '<!ENTITY l0 "ha">' + "".join(
        f'<!ENTITY l{level} "{f"&l{level - 1};" * 10}">' for level in range(1, _ENTITIES + 1)
    )
    return f'<?xml version="1.0"?><!DOCTYPE r [{entities}]><r>&l{_ENTITIES};</r>'.encode()


def deep_xml() -> bytes:
    """Ten thousand elements within each other."""
    return b"<r>" * LEVELS + b"</r>" * LEVELS


def with_part(archive: bytes, content: Callable[[str, bytes], bytes | None]) -> bytes | None:
    """The same archive with parts changed; `content` gives the new bytes of a part, None for its own. None for no zip."""
    made = io.BytesIO()
    try:
        with ZipFile(io.BytesIO(archive)) as before, ZipFile(made, "w", ZIP_DEFLATED) as after:
            for name in before.namelist():
                own = before.read(name)
                new = content(name, own)
                after.writestr(name, own if new is None else new)
    except (BadZipFile, zlib.error, NotImplementedError):
        return None
    return made.getvalue()


def retyped(body: bytes, change: Callable[[Any], Any]) -> bytes | None:
    """JSON with every single value changed; None when the body is no JSON object or list."""
    try:
        read = json.loads(body.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
    return json.dumps(_changed(read, change)).encode() if isinstance(read, dict | list) else None


def _changed(value: Any, change: Callable[[Any], Any]) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, dict):
        return {name: _changed(inner, change) for name, inner in value.items()}
    return [_changed(inner, change) for inner in value] if isinstance(value, list) else change(value)


def with_more_fields(body: bytes) -> bytes | None:
    """JSON in which every object has a member that nobody declared; None when the body is no JSON object or list."""
    try:
        read = json.loads(body.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
    return json.dumps(_added(read)).encode() if isinstance(read, dict | list) else None


def _added(value: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, dict):
        return {**{name: _added(inner) for name, inner in value.items()}, "tambahan_baru": {"nik": CANARY}}
    return [_added(inner) for inner in value] if isinstance(value, list) else value


def is_text(body: bytes) -> bool:
    """Whether a body is text rather than a document or an archive."""
    return b"\0" not in body[:4096] and not body.startswith((b"%PDF", b"PK\x03\x04"))


def in_utf_16(body: bytes) -> bytes | None:
    """The same text in a charset that nobody declared; None for what is no text."""
    return body.decode("cp1252", "replace").encode("utf-16") if is_text(body) else None


def _is_markup(body: bytes) -> bool:
    return body.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<")
