"""The patterns of personal numbers, tokens, passwords and secrets, and the search for them in texts and databases.

Personal numbers are told by their form, tokens and secrets by the shape in which the gateway makes them: nobody has to
know the value. What has no shape of its own, such as six digits in a message, is not found.
"""

import contextlib
import re
import sqlite3
from collections.abc import Collection, Iterator, Mapping
from typing import Final

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from gateway.identity.passwords import TYPED_ALPHABET
from schemas.numbers import nik

NIK: Final = "a NIK"
TOKEN: Final = "a token"
PASSWORD: Final = "a password"
CODE: Final = "a code, ticket, session or secret"
HEADER: Final = "what proves who is asking"

# Within hexadecimal digits any number may stand by chance; not so the one region that only invented people are from.
_SIXTEEN_DIGITS: Final = re.compile(r"(?<![0-9A-Fa-f])(?<![0-9]\.)[1-9][0-9]{15}(?![0-9A-Fa-f])")
_INVENTED: Final = re.compile(rf"(?<![0-9]){nik.SYNTHETIC_REGION}[0-9]{{10}}(?![0-9])")
_GROUP: Final = f"[{TYPED_ALPHABET}]{{4}}"
_SHAPES: Final = {
    # Header and payload of a JWT; whoever leaves the signature out has told everything else.
    TOKEN: re.compile(r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}"),
    # As `new_password` makes them.
    PASSWORD: re.compile(rf"(?<![\w-]){_GROUP}(?:-{_GROUP}){{3}}(?![\w-])"),
    # 32 random bytes in base64url, or anything that is sealed: never without all three kinds of characters.
    CODE: re.compile(
        r"(?<![\w-])(?=[\w-]{0,200}[A-Z])(?=[\w-]{0,200}[a-z])(?=[\w-]{0,200}[0-9])[A-Za-z0-9_-]{43,}", re.ASCII
    ),
    HEADER: re.compile(
        r"\b(?:authorization|cookie|dpop)['\"]?\s*[:=]\s*['\"]?(?:\w+ )?[\w+/=.-]{8,}"
        r"|\b(?:bearer|basic|dpop)\s+[\w+/=.-]{16,}",
        re.ASCII | re.IGNORECASE,
    ),
}
EVERYTHING: Final = frozenset({NIK, *_SHAPES})
KEPT: Final = frozenset({NIK, TOKEN, PASSWORD})
"""What no column holds in clear. Fingerprints of keys stand in some, and look like codes."""


def told(text: str, kinds: Collection[str] = EVERYTHING) -> set[str]:
    """The kinds of what stands in `text` that should not."""
    found = {kind for kind, shape in _SHAPES.items() if kind in kinds and shape.search(text)}
    if NIK in kinds and _holds_nik(text):
        found.add(NIK)
    return found


def _holds_nik(text: str) -> bool:
    return bool(_INVENTED.search(text)) or any(_is_nik(match[0]) for match in _SIXTEEN_DIGITS.finditer(text))


def _is_nik(digits: str) -> bool:
    return nik.is_valid(digits) and nik.region_validity(digits) is not nik.RegionValidity.UNKNOWN


def leaks(
    where: str, content: bytes, secrets: Mapping[str, bytes], kinds: Collection[str] = frozenset({NIK, TOKEN})
) -> set[str]:
    """What stands in `content` that should not, of these kinds or one of the known secrets, and where."""
    found = {f"{where}: {what}" for what, value in secrets.items() if value in content}
    return found | {f"{where}: {kind}" for kind in told(content.decode("utf-8", "replace"), kinds)}


def kept_in(url: str) -> Iterator[tuple[str, bytes]]:
    """Every value of every row of a database, with its table and column; of a SQLite file or on PostgreSQL."""
    parts = make_url(url)
    connected = _sqlite(parts.database or "") if parts.get_backend_name() == "sqlite" else _postgres(url)
    with contextlib.closing(connected) as rows:
        for table, columns, row in rows:
            for column, value in zip(columns, row, strict=True):
                if value is not None:
                    yield (
                        f"{table}.{column}",
                        bytes(value) if isinstance(value, (bytes, memoryview)) else str(value).encode(),
                    )


def kept_openly(url: str, secrets: Mapping[str, bytes]) -> set[str]:
    """What a database holds in clear that none of its columns is made for."""
    kept = list(kept_in(url))
    if not leaks("anywhere", b"\n".join(value for _, value in kept), secrets, KEPT):
        return set()  # one search through all values is much faster than one for each
    return {leak for where, value in kept for leak in leaks(where, value, secrets, KEPT)}


_Rows = Iterator[tuple[str, list[str], tuple[object, ...]]]


def _sqlite(path: str) -> _Rows:
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
        for (table,) in database.execute("select name from sqlite_master where type = 'table'").fetchall():
            rows = database.execute(f"select * from {table}")  # noqa: S608 - its own names
            columns = [column[0] for column in rows.description]
            yield from ((table, columns, row) for row in rows)


def _postgres(url: str) -> _Rows:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain) as database:
        tables = database.execute("select tablename from pg_tables where schemaname = current_schema()").fetchall()
        for (table,) in tables:
            rows = database.execute(sql.SQL("select * from {}").format(sql.Identifier(table)))
            columns = [column.name for column in rows.description or ()]
            yield from ((table, columns, row) for row in rows)
