"""What is meant to hurt costs under 64 MB and 2 s of the processor, over each transport, and ends in the right error.

Each is asked for in a process of its own (`bombed`), so that neither the server nor another test is measured with it.
"""

import asyncio
import gzip
import io
import json
import os
import sqlite3
import sys
import zlib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import psycopg
import pytest
from sqlalchemy import URL

from conformance.damages import bodies
from conformance.damages.files import FILES
from gateway.upstream.files.sftp import SftpFiles
from tests.gateway.sftp_servers import Server as Sftp
from tests.gateway.sftp_servers import asyncssh_server
from tests.gateway.upstream.conftest import Seen, Server

pytestmark = [pytest.mark.anyio, pytest.mark.processes]

ROOT = Path(__file__).resolve().parents[3]
MOST_BYTES = 64_000_000
MOST_SECONDS = 2.0
FIFTY_MB = 50_000_000
LEVELS = 10_000
MALFORMED = "UpstreamMalformedError"
DAMAGES = [one.id for one in FILES["bombs"]]
Reply = Callable[[Seen], Any]


async def costs(ask: str, harmless: dict[str, Any], cases: dict[str, dict[str, Any]]) -> dict[str, str]:
    """What came of each, once it is known to have cost little."""
    asking = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.gateway.upstream.bombed"),
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    given = {"ask": ask, "harmless": harmless, "cases": cases}
    written, _ = await asking.communicate(json.dumps(given).encode())
    assert asking.returncode == 0
    told = json.loads(written)
    assert list(told) == list(cases)
    assert {name: one for name, one in told.items() if one["bytes"] >= MOST_BYTES} == {}
    assert {name: one for name, one in told.items() if one["seconds"] >= MOST_SECONDS} == {}
    return {name: one["came"] for name, one in told.items()}


def body(content: bytes, **headers: str) -> Reply:
    return lambda seen: seen.reply(content, headers={name.replace("_", "-"): value for name, value in headers.items()})


async def chunked(seen: Seen) -> None:
    await seen.raw(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(FIFTY_MB // 50_000):
        await seen.raw(b"c350\r\n" + b" " * 50_000 + b"\r\n")
    await seen.raw(b"0\r\n\r\n")


@lru_cache(maxsize=1)
def deflated() -> bytes:
    return zlib.compress(b" " * 64_000_000)


def enveloped(inside: bytes, before: bytes = b"") -> bytes:
    return (
        b'<?xml version="1.0"?>' + before + b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
        b'<xResponse xmlns="urn:x">' + inside + b"</xResponse></s:Body></s:Envelope>"
    )


LAUGHS = b'<!DOCTYPE r [<!ENTITY l0 "ha">' + b"".join(
    b'<!ENTITY l%d "%s">' % (level, b"&l%d;" % (level - 1) * 10) for level in range(1, 10)
)
QUADRATIC = b'<!DOCTYPE r [<!ENTITY a "' + b"x" * 100_000 + b'">]>'

OVER_HTTP: dict[str, Callable[[], Reply]] = {
    "50 MB": lambda: body(b" " * FIFTY_MB),
    "50 MB in chunks": lambda: chunked,
    "gzip": lambda: body(bodies.gzip_bomb(), Content_Encoding="gzip"),
    "deflate": lambda: body(deflated(), Content_Encoding="deflate"),
    "gzip in gzip": lambda: body(gzip.compress(bodies.gzip_bomb()), Content_Encoding="gzip, gzip"),
    "a coding that nobody accepts": lambda: body(bodies.gzip_bomb(), Content_Encoding="zstd"),
    "10,000 levels": lambda: body(b'{"a":[' * (LEVELS // 2) + b"]}" * (LEVELS // 2)),
    "10,000 levels, pressed": lambda: body(gzip.compress(b"[" * LEVELS + b"]" * LEVELS), Content_Encoding="gzip"),
}
IN_XML: dict[str, Callable[[], Reply]] = {
    "a billion laughs": lambda: body(enveloped(b"&l9;", LAUGHS + b"]>")),
    "a quadratic bomb": lambda: body(enveloped(b"&a;" * 100_000, QUADRATIC)),
    "10,000 elements deep": lambda: body(enveloped(b"<r>" * LEVELS + b"</r>" * LEVELS)),
    "10,000 elements deep, pressed": lambda: body(
        gzip.compress(enveloped(b"<r>" * LEVELS + b"</r>" * LEVELS)), Content_Encoding="gzip"
    ),
}
HARMLESS = {"http": b"{}", "soap": enveloped(b"<a>1</a>")}


async def asked(
    server: Server, ask: str, harmless: bytes, bombs: dict[str, Callable[[], Reply]], **tuning: str
) -> dict[str, str]:
    """What came of each bomb over HTTP; each was really asked for."""
    replies = [make() for make in bombs.values()]
    seen = set()

    async def script(request: Seen) -> None:
        place = request.target.split("/")[1]
        seen.add(place)
        await (body(harmless) if place == "harmless" else replies[int(place)])(request)

    server.script = script
    cases = {name: {"url": f"{server.url}/{number}", **tuning} for number, name in enumerate(bombs)}
    came = await costs(ask, {"url": f"{server.url}/harmless", **tuning}, cases)
    assert seen == {"harmless", *map(str, range(len(replies)))}
    return came


def all_malformed(bombs: Any) -> dict[str, str]:
    return dict.fromkeys(bombs, MALFORMED)


async def tiny_chunks(seen: Seen) -> None:
    """A chunk for each byte."""
    await seen.raw(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(100):
        await seen.raw(b"1\r\n \r\n" * 10_000)
    await seen.raw(b"0\r\n\r\n")


async def long_extensions(seen: Seen) -> None:
    await seen.raw(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(1000):
        await seen.raw(b"1;" + b"x" * 50_000 + b"\r\n \r\n")
    await seen.raw(b"0\r\n\r\n")


async def long_trailers(seen: Seen) -> None:
    await seen.raw(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n")
    for _ in range(50_000):
        await seen.raw(b"X-Filler: " + b"x" * 1000 + b"\r\n")


IN_FRAMING: dict[str, Callable[[], Reply]] = {
    "a chunk for each byte": lambda: tiny_chunks,
    "long chunk extensions": lambda: long_extensions,
    "long trailers": lambda: long_trailers,
    "a long header": lambda: body(b"", X_Filler="x" * FIFTY_MB),
}


@pytest.mark.parametrize("engine", ["lean", "aiohttp"])
async def test_over_http(engine: str, server: Server) -> None:
    came = await asked(server, "http", HARMLESS["http"], OVER_HTTP, engine=engine)
    assert came == all_malformed(OVER_HTTP)


async def test_framing_over_http(server: Server) -> None:
    """Only our engine bounds these: aiohttp reads chunks, extensions and trailers to their end."""
    assert await asked(server, "http", HARMLESS["http"], IN_FRAMING) == all_malformed(IN_FRAMING)


async def test_over_soap(server: Server) -> None:
    bombs = OVER_HTTP | IN_XML
    assert await asked(server, "soap", HARMLESS["soap"], bombs) == all_malformed(bombs)


async def test_what_is_harmless_is_an_answer(server: Server) -> None:
    for ask, harmless in {**HARMLESS, "workbook": a_workbook()}.items():
        sound = {"sound": lambda harmless=harmless: body(harmless)}
        assert await asked(server, ask, harmless, sound) == {"sound": "an answer"}


@lru_cache(maxsize=1)
def a_workbook() -> bytes:
    made, written = openpyxl.Workbook(), io.BytesIO()
    for number in range(50):
        made.active.append([number, f"baris {number}"])
    made.save(written)
    return written.getvalue()


@lru_cache(maxsize=1)
def a_timetable() -> bytes:
    return packed({"routes.txt": b"route_id,route_type\nK 1,3\n", "agency.txt": b"agency_name\nA\n"})


def packed(parts: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return made.getvalue()


def lying(content: bytes) -> bytes:
    """The same archive, of which every part says in the directory that it is small."""
    said, at = bytearray(content), 0
    while (at := said.find(b"PK\x01\x02", at)) >= 0:
        said[at + 24 : at + 28] = (1000).to_bytes(4, "little")
        at += 4
    return bytes(said)


@lru_cache(maxsize=1)
def hundred_mb() -> bytes:
    return packed({"routes.txt": b"route_id\n" + b"K" * 100_000_000, "agency.txt": b"agency_name\nA\n"})


ARCHIVES: dict[str, Callable[[], bytes]] = {
    "100 MB in a part": hundred_mb,
    "100 MB that are said to be little": lambda: lying(hundred_mb()),
    "an archive in an archive": lambda: packed({"routes.txt": hundred_mb(), "agency.txt": hundred_mb()}),
    "many parts": lambda: packed({f"{number}.txt": b"x" for number in range(20_000)}),
    "as much as may be, in few columns": lambda: packed(
        {"routes.txt": b"route_id\n" + os.urandom(1_000_000).hex().encode()}
    ),
}


async def test_an_archive_in_an_answer_over_http(server: Server) -> None:
    bombs = {name: lambda made=made: body(made()) for name, made in ARCHIVES.items()}
    assert await asked(server, "timetable", a_timetable(), bombs) == all_malformed(ARCHIVES)


async def test_a_workbook_in_an_answer_over_http(server: Server, tmp_path: Path) -> None:
    bombs = {one: lambda one=one: body(bombed(tmp_path, one).read_bytes()) for one in DAMAGES}
    assert await asked(server, "workbook", a_workbook(), bombs) == all_malformed(DAMAGES)


NAME = "peserta_dinas-sosial_2019.xlsx"


def bombed(folder: Path, damage: str) -> Path:
    """A workbook, damaged as the suite damages files of a folder."""
    folder.mkdir(exist_ok=True)
    path = folder / NAME
    path.write_bytes(a_workbook())
    (act,) = (one.act for one in FILES["bombs"] if one.id == damage)
    assert act(path)
    os.utime(path, (1_700_000_000, 1_700_000_000))
    return path


@pytest.fixture
async def sftp(anyio_backend: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(SftpFiles, "extra_settle", 0.0)
    async with asyncssh_server() as running:
        yield running


def office(folder: Path, server: Sftp) -> dict[str, Any]:
    return {"settings": {"folder": str(folder), "sftp": server.settings()}}


def sound(folder: Path) -> Path:
    folder.mkdir()
    (folder / NAME).write_bytes(a_workbook())
    os.utime(folder / NAME, (1_700_000_000, 1_700_000_000))
    return folder


async def test_files_over_sftp(sftp: Sftp, tmp_path: Path) -> None:
    cases = {one: office(bombed(tmp_path / one, one).parent, sftp) for one in DAMAGES}
    harmless = office(sound(tmp_path / "sound"), sftp)
    assert await costs("files", harmless, cases) == all_malformed(DAMAGES)
    # What is small enough is read, and hurts only who takes it apart; what is too large is not even read.
    read = dict.fromkeys(DAMAGES, "an answer") | {"50 MB": MALFORMED}
    assert await costs("raw_files", harmless, cases) == read


async def test_a_file_over_sftp_that_grows_while_it_is_read(sftp: Sftp, tmp_path: Path) -> None:
    path = bombed(tmp_path / "grows", "an XML bomb")

    def grow(_session: Any, request: str, opened: bytes) -> None:
        if request == "read" and os.fsdecode(opened) == str(path):
            os.truncate(path, FIFTY_MB)
            os.utime(path, (1_700_000_000, 1_700_000_000))

    sftp.before = grow
    harmless = office(sound(tmp_path / "sound"), sftp)
    came = await costs("files", harmless, {"grows": office(path.parent, sftp)})
    assert path.stat().st_size == FIFTY_MB
    assert came == {"grows": "UpstreamUnavailableError"}


DEEP = {
    "sqlite": "SELECT replace(hex(zeroblob(5000)), '0', '[') AS x",
    "mariadb": "SELECT repeat('[', 10000) AS x",
    "postgresql": "SELECT repeat('[', 10000) AS x",
}


def in_sqlite(folder: Path) -> str:
    with sqlite3.connect(folder / "big.sqlite3") as database:
        database.execute("CREATE TABLE big AS SELECT replace(hex(zeroblob(25000000)), '0', 'x') AS x")
    database.close()
    return f"sqlite:///{folder / 'big.sqlite3'}"


async def of_a_cell(url: str, statement: str, kind: str) -> tuple[str, str]:
    """What comes of a huge cell, and of JSON in a cell that is nested deeply."""
    huge = await costs(
        "sql", {"url": url, "statement": "SELECT 1 AS x"}, {"huge": {"url": url, "statement": statement}}
    )
    deep = {"deep": {"url": url, "statement": DEEP[kind]}}
    form = await costs("form", {"url": url, "statement": "SELECT '{}' AS x"}, deep)
    return huge["huge"], form["deep"]


async def test_a_cell_of_sqlite(tmp_path: Path, anyio_backend: str) -> None:
    assert await of_a_cell(in_sqlite(tmp_path), "SELECT x FROM big", "sqlite") == (MALFORMED, "text-encoding")


@pytest.mark.mariadb
async def test_a_cell_of_mariadb(mariadb: URL, anyio_backend: str) -> None:
    url = mariadb.set(drivername="mariadb", query={}).render_as_string(hide_password=False)
    # No cell may be larger than the server's own bound of 16 MB, so that it takes three and a little.
    statement = " UNION ALL ".join(f"SELECT repeat('{letter}', 16000000) AS x" for letter in "abcd")
    assert await of_a_cell(url, statement, "mariadb") == (MALFORMED, "text-encoding")


@pytest.mark.postgres
async def test_a_cell_of_postgresql(postgres: str, anyio_backend: str) -> None:
    with psycopg.connect(postgres, autocommit=True) as server:
        server.execute("CREATE TABLE big AS SELECT repeat('x', 50000000) AS x")
    assert await of_a_cell(postgres, "SELECT x FROM big", "postgresql") == (MALFORMED, "text-encoding")
