"""Damaged and malicious bodies: decompression bombs, deep nesting, HTML pages, JSON of the wrong types."""

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
_PROTECTED_ESCAPE: Final = b"\0u"

PAGE: Final = (
    "<!DOCTYPE html>\n<html><head><title>Pemeliharaan</title></head><body><h1>Service Unavailable</h1>"
    f"<p>Mohon maaf, sistem sedang dalam pemeliharaan. NIK {CANARY}.</p></body></html>\n"
).encode()

LOGIN_PAGE: Final = (
    '<!DOCTYPE html>\n<html><head><title>Masuk</title></head><body><form method="post" action="/login">'
    f'<input name="user" value="{CANARY}"><input type="password" name="password"></form></body></html>\n'
).encode()

GARBAGE: Final = bytes((seven * 151 + 7) % 256 for seven in range(4096))


def deep(original: bytes) -> bytes:
    """Return ten thousand nested levels in the format of the original body."""
    if b"<?xml" in original[:64] or b"Envelope" in original[:512]:
        return deep_xml()
    if _is_markup(original):
        return b"<!DOCTYPE html><html><body>" + b"<div>" * LEVELS + b"</div>" * LEVELS + b"</body></html>"
    return b'{"a":' * (LEVELS // 2) + b"[" * (LEVELS // 2) + b"]" * (LEVELS // 2) + b"}" * (LEVELS // 2)


@lru_cache(maxsize=1)
def gzip_bomb() -> bytes:
    """Return a small body that unpacks to 64 MB."""
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0) as bomb:
        for _ in range(_BOMB_BYTES // len(_CHUNK)):
            bomb.write(_CHUNK)
    return buffer.getvalue()


def xml_bomb() -> bytes:
    """Return a "billion laughs" document: each entity expands to ten of the previous one."""
    entities = '<!ENTITY l0 "ha">' + "".join(
        f'<!ENTITY l{level} "{f"&l{level - 1};" * 10}">' for level in range(1, _ENTITIES + 1)
    )
    return f'<?xml version="1.0"?><!DOCTYPE r [{entities}]><r>&l{_ENTITIES};</r>'.encode()


def deep_xml() -> bytes:
    """Return ten thousand nested elements."""
    return b"<r>" * LEVELS + b"</r>" * LEVELS


def with_part(archive: bytes, content: Callable[[str, bytes], bytes | None]) -> bytes | None:
    """Return the same archive with changed parts; None if it is no archive.

    `content` returns a part's new bytes, or None to leave it unchanged.
    """
    buffer = io.BytesIO()
    try:
        with ZipFile(io.BytesIO(archive)) as before, ZipFile(buffer, "w", ZIP_DEFLATED) as after:
            for name in before.namelist():
                own = before.read(name)
                new = content(name, own)
                after.writestr(name, own if new is None else new)
    except (BadZipFile, zlib.error, NotImplementedError):
        return None
    return buffer.getvalue()


@lru_cache(maxsize=8)
def zip_bomb(archive: bytes) -> bytes | None:
    """Return the same archive with its largest XML or text part unpacking to 100 MB.

    None if it is no archive, or has no such part.
    """
    buffer = io.BytesIO()
    try:
        with ZipFile(io.BytesIO(archive)) as before, ZipFile(buffer, "w", ZIP_DEFLATED, compresslevel=1) as after:
            parts = [part for part in before.infolist() if part.filename.endswith((".xml", ".txt", ".csv"))]
            largest = max(parts, key=lambda part: part.file_size, default=None)
            for part in before.infolist():
                with after.open(part.filename, "w") as written:
                    written.write(before.read(part)[:_HEAD] if part is largest else before.read(part))
                    # In chunks, because the memory of this process is measured as well.
                    for _ in range(_PART_BYTES // len(_CHUNK) if part is largest else 0):
                        written.write(_CHUNK)
    except (BadZipFile, zlib.error, NotImplementedError):
        return None
    return buffer.getvalue() if largest else None


def retyped(body: bytes, change: Callable[[Any], Any], *, records_only: bool = False) -> bytes | None:
    """Return JSON with every single value changed, or only those of objects in lists.

    None if nothing would change.
    """
    read = json_of(body)
    changed = _changed(read, change, within=not records_only)
    return None if changed == read else written_json(changed)


def json_of(body: bytes) -> Any:  # noqa: ANN401 - JSON
    """Parse a JSON object or list, leaving every text byte as it is, in any charset; None for anything else."""
    protected = body.removeprefix(b"\xef\xbb\xbf").replace(_ESCAPE, _PROTECTED_ESCAPE)
    try:
        read = json.loads(protected.decode("latin-1"), strict=False)
    except (ValueError, RecursionError):
        return None
    return read if isinstance(read, dict | list) else None


def written_json(value: Any) -> bytes:  # noqa: ANN401 - JSON
    """Serialise a value that `json_of` has parsed."""
    written = json.dumps(value, ensure_ascii=False).encode("latin-1")
    return written.replace(json.dumps(_PROTECTED_ESCAPE.decode("ascii"))[1:-1].encode("ascii"), _ESCAPE)


def _changed(value: Any, change: Callable[[Any], Any], *, within: bool) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, dict):
        return {name: _changed(inner, change, within=within) for name, inner in value.items()}
    if isinstance(value, list):
        return [_changed(inner, change, within=within or isinstance(inner, dict)) for inner in value]
    return change(value) if within and value is not None else value


def with_more_fields(body: bytes) -> bytes | None:
    """Return JSON with an undeclared member in every object; None if the body is no JSON object or list."""
    read = json_of(body)
    return None if read is None else written_json(_added(read))


def _added(value: Any) -> Any:  # noqa: ANN401 - JSON
    if isinstance(value, dict):
        return {**{name: _added(inner) for name, inner in value.items()}, "tambahan_baru": {"nik": CANARY}}
    return [_added(inner) for inner in value] if isinstance(value, list) else value


def is_text(body: bytes) -> bool:
    """Whether a body is text rather than a PDF, an archive or other binary data."""
    return b"\0" not in body[:4096] and not body.startswith((b"%PDF", b"PK\x03\x04"))


def in_utf_16(body: bytes) -> bytes | None:
    """Return the same text in an undeclared charset; None if the body is no text."""
    return body.decode("cp1252", "replace").encode("utf-16") if is_text(body) else None


def _is_markup(body: bytes) -> bool:
    return body.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<")
