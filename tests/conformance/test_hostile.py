"""Adapters that accept damaged answers or files: each fails its rule."""

import io
from contextlib import aclosing, suppress
from dataclasses import replace
from zipfile import BadZipFile, ZipFile

import httpx
import pytest

from adapters.contract import Bad, Batch, Http
from adapters.errors import (
    AdapterError,
    CredentialsRefusedError,
    QueryRefusedError,
    UpstreamMalformedError,
    UpstreamUnavailableError,
)
from adapters.upstream import HttpRequest

pytestmark = pytest.mark.xdist_group("conformance")


def _asking(adapter, catch, instead):
    """Return a spec whose list of residents converts an exception into something else."""
    row = adapter.row("resident")

    async def ask(call, query, mark):
        try:
            return await row.ask(call, query, mark)
        except catch as error:
            return instead(error)

    return adapter.with_row("resident", ask=ask)


def _nothing(_error):
    return Batch(())


def _not_found(error):
    if "404" not in error.reason:
        raise error
    return Batch(())


def _as(kind):
    def instead(error):
        raise kind(error.reason)

    return instead


def _fails(_error):
    raise KeyError("content")


@pytest.mark.parametrize(
    ("kind", "catch", "instead", "words"),
    [
        ("connection", AdapterError, _nothing, "timeout: is taken for a valid answer"),
        ("connection", AdapterError, _as(UpstreamMalformedError), "timeout: raises UpstreamMalformedError instead of"),
        ("connection", AdapterError, _fails, "raises KeyError, which is no AdapterError"),
        ("statuses", UpstreamUnavailableError, _nothing, "503: is taken for a valid answer"),
        ("statuses", CredentialsRefusedError, _as(QueryRefusedError), "401: raises QueryRefusedError instead of"),
        ("pages", UpstreamMalformedError, _nothing, "a page with status 200: is taken for a valid answer"),
        ("bodies", UpstreamMalformedError, _nothing, "half a body: 1 records are missing and 0 of them set aside"),
        ("bodies", UpstreamMalformedError, _fails, "raises KeyError, which is no AdapterError"),
        ("bombs", UpstreamMalformedError, _nothing, "50 MB: is taken for a valid answer"),
    ],
)
def test_an_error_that_is_turned_into_something_else(register, assert_broken, kind, catch, instead, words):
    assert_broken(register.check(f"hostile-{kind}", _asking(register, catch, instead)), words)


def test_not_found_may_be_an_answer_to_a_question_and_never_to_a_feed(letters, register, assert_passed, assert_broken):
    assert_passed(register.check("hostile-statuses", _asking(register, QueryRefusedError, _not_found)))
    row = letters.row("service")

    async def feed(call, mark):
        try:
            async with aclosing(row.feed(call, mark)) as batches:
                async for batch in batches:
                    yield batch
        except QueryRefusedError:
            yield Batch((), whole=True)

    finding = letters.check("hostile-statuses", letters.with_row("service", feed=feed))
    assert_broken(finding, "feed of service, 404: is taken for a valid answer")


def test_rows_that_are_dropped_in_silence(letters, assert_broken):
    row = letters.row("application")

    async def ask(call, query, mark):
        batch = await row.ask(call, query, mark)
        return replace(batch, items=tuple(item for item in batch.items if not isinstance(item, Bad)))

    finding = letters.check("hostile-bodies", letters.with_row("application", ask=ask))
    assert_broken(finding, "wrong types in records: [0-9]+ records are missing and 0 of them set aside")


def test_an_adapter_that_holds_more_than_it_may(register, assert_broken):
    row = register.row("resident")
    spec = register.with_row("resident", transport=replace(row.transport, max_bytes=200_000_000))
    assert_broken(register.check("hostile-bombs", spec), "uses [0-9]+ MB of memory")


def test_an_adapter_that_follows_a_redirect(register, assert_broken):
    row = register.row("resident")

    async def ask(call, query, mark):
        answer = await call.up.send(HttpRequest("POST", "/dukcapil/get_json/X/call_nik", content=b"{}"))
        if "location" in answer.headers:
            async with httpx.AsyncClient(trust_env=False) as client:
                with suppress(httpx.HTTPError):
                    await client.get(answer.headers["location"])
        return await row.ask(call, query, mark)

    assert_broken(register.check("hostile-redirect", _only(register, ask)), "redirect to another origin was followed")


def _only(adapter, ask):
    return adapter.with_row("resident", ask=ask, transport=Http(max_bytes=200_000))


def _leaving_out(adapter, catch):
    """Return a spec whose feed omits what it cannot read, and closes a snapshot."""
    row = adapter.row("enrolment")

    async def feed(call, mark):
        found = []
        try:
            async with aclosing(row.feed(call, mark)) as batches:
                found.extend([batch async for batch in batches])
        except catch:
            yield Batch(tuple(item for batch in found for item in batch.items), whole=True)
            return
        for batch in found:
            yield batch

    return adapter.with_row("enrolment", feed=feed)


def test_a_damaged_file_that_is_left_out(lists, assert_broken):
    finding = lists.check("hostile-files", _leaving_out(lists, UpstreamMalformedError))
    assert_broken(finding, "feed of enrolment, half a file: is taken for a valid answer")


def test_a_folder_that_is_gone_and_taken_for_empty(lists, assert_broken):
    finding = lists.check("hostile-folder", _leaving_out(lists, UpstreamUnavailableError))
    assert_broken(
        finding,
        "feed of enrolment, an empty folder: is taken for a valid answer.*no folder: is taken for a valid answer",
    )


def test_an_adapter_that_unpacks_whatever_comes(lists, assert_broken):
    row = lists.row("enrolment")

    async def feed(call, mark):
        for entry in await call.up.list():
            try:
                with ZipFile(io.BytesIO(await call.up.read(entry))) as archive:
                    parts = [archive.read(name) for name in archive.namelist()]
                del parts
            except BadZipFile:
                pass
        async with aclosing(row.feed(call, mark)) as batches:
            async for batch in batches:
                yield batch

    finding = lists.check("hostile-file-bombs", lists.with_row("enrolment", feed=feed))
    assert_broken(finding, "a decompression bomb: uses [0-9]+ MB of memory")
