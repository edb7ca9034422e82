"""Bodies that are meant to hurt: bombs, depths, pages, and JSON of the wrong types."""

import gzip
import io
import json
import zlib
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile

from conformance.leaks import CANARY

LEVELS: Final = 10_000
_BOMB_BYTES: Final = 64_000_000
_CHUNK: Final = b" " * 1_000_000
_ENTITIES: Final = 9
_PART_BYTES: Final = 100_000_000
_HEAD: Final = 200
_ESCAPE: Final = b"\\u"
_KEPT: Final = b"\0u"

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
    if b"<?xml" in like[:64] or b"Envelope" in like[:512]:
        return deep_xml()
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
    """The same archive with parts changed: `content` gives a part's new bytes, or None. None for what is no archive."""
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


@lru_cache(maxsize=8)
def zip_bomb(archive: bytes) -> bytes | None:
    """The same archive, of which the largest part of XML or text holds 100 MB of nothing. None for what is none."""
    made = io.BytesIO()
    try:
        with ZipFile(io.BytesIO(archive)) as before, ZipFile(made, "w", ZIP_DEFLATED, compresslevel=1) as after:
            parts = [part for part in before.infolist() if part.filename.endswith((".xml", ".txt", ".csv"))]
            largest = max(parts, key=lambda part: part.file_size, default=None)
            for part in before.infolist():
                with after.open(part.filename, "w") as written:
                    written.write(before.read(part)[:_HEAD] if part is largest else before.read(part))
                    # Bit by bit, since whoever makes it is measured as well.
                    for _ in range(_PART_BYTES // len(_CHUNK) if part is largest else 0):
                        written.write(_CHUNK)
    except (BadZipFile, zlib.error, NotImplementedError):
        return None
    return made.getvalue() if largest else None


def retyped(body: bytes, change: Callable[[Any], Any], *, records_only: bool = False) -> bytes | None:
    """JSON with every single value changed, or only those of objects in lists. None where nothing is to be changed."""
    read = json_of(body)
    changed = _changed(read, change, within=not records_only)
    return None if changed == read else written_json(changed)


def json_of(body: bytes) -> Any:  # noqa: ANN401 - JSON
    """A JSON object or list, its texts byte for byte as they are (in whichever charset); None for anything else."""
    kept = body.removeprefix(b"\xef\xbb\xbf").replace(_ESCAPE, _KEPT)
    try:
        read = json.loads(kept.decode("latin-1"), strict=False)
    except (ValueError, RecursionError):
        return None
    return read if isinstance(read, dict | list) else None


def written_json(value: Any) -> bytes:  # noqa: ANN401 - JSON
    """What `json_of` has read, put together again."""
    written = json.dumps(value, ensure_ascii=False).encode("latin-1")
    return written.replace(json.dumps(_KEPT.decode("ascii"))[1:-1].encode("ascii"), _ESCAPE)


def _changed(value: Any, change: Callable[[Any], Any], *, within: bool) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, dict):
        return {name: _changed(inner, change, within=within) for name, inner in value.items()}
    if isinstance(value, list):
        return [_changed(inner, change, within=within or isinstance(inner, dict)) for inner in value]
    return change(value) if within and value is not None else value


def with_more_fields(body: bytes) -> bytes | None:
    """JSON in which every object has a member that nobody declared; None when the body is no JSON object or list."""
    read = json_of(body)
    return None if read is None else written_json(_added(read))


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
