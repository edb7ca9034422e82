"""Asks for answers in a process of its own, and says what came of each and what it cost there.

Reads `{"ask": …, "harmless": {…}, "cases": {name: {…}}}` from its input: one of the functions below, and where to ask.
Writes for each case the name of the error of the tree that it ended in (or what was made of it), the seconds of the
processor, and by how many bytes the process has grown at most since before the first one. Everything is imported, and
a harmless answer was asked for, before anything is measured.
"""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from adapters import trans_banjarmasin, wirausaha_baru
from adapters.contract import Files, Http, HttpOfficeSettings, Soap, Sql, SqlOfficeSettings
from adapters.errors import AdapterError
from adapters.legacy.envelopes import nested_json
from adapters.upstream import HttpRequest, SoapElement, SoapRequest
from adapters.wirausaha_baru.workbook import sheets
from conformance.memory import PeakMemory
from gateway.ground.clock import now
from gateway.ground.deadline import Deadline
from gateway.shared.memory import MemoryShared
from gateway.upstream.settings import UpstreamSettings
from gateway.upstream.upstreams import Upstreams

Given = dict[str, Any]
_HANGING = timedelta(seconds=120)
_SETTLED = {"file_settle": timedelta(0)}


def _up(upstreams: Upstreams, settings: Any, transport: Any, spec: Any = trans_banjarmasin.SPEC) -> Any:
    # What is measured is the processor; the clock bounds only what hangs.
    spec = replace(spec, limits=replace(spec.limits, slowest=_HANGING))
    return upstreams.call(spec, None, settings, transport, deadline=Deadline.after(_HANGING))


async def http(upstreams: Upstreams, given: Given) -> None:
    """An answer over HTTP, as it is."""
    settings = HttpOfficeSettings(base_url=given["url"])
    await _up(upstreams, settings, Http()).up.send(HttpRequest("GET", "/x"))


async def workbook(upstreams: Upstreams, given: Given) -> None:
    """A workbook in the body of an answer over HTTP."""
    settings = HttpOfficeSettings(base_url=given["url"])
    answer = await _up(upstreams, settings, Http()).up.send(HttpRequest("GET", "/x"))
    sheets(answer.content, "")


async def timetable(upstreams: Upstreams, given: Given) -> None:
    """An archive of tables in the body of an answer over HTTP, by the adapter that reads such."""
    spec = trans_banjarmasin.SPEC
    row = next(row for row in spec.reads if row.resource.name == "route")
    settings = spec.settings.model_validate({"base_url": given["url"], "key": "kunci-percobaan"})
    assert row.feed is not None
    async for _ in row.feed(_up(upstreams, settings, row.transport), None):
        pass


async def soap(upstreams: Upstreams, given: Given) -> None:
    """An answer to a SOAP call."""
    settings = HttpOfficeSettings(base_url=given["url"])
    request = SoapRequest("/x", "urn:x", SoapElement("x", "urn:x"))
    await _up(upstreams, settings, Soap()).up.call(request)


async def sql(upstreams: Upstreams, given: Given) -> None:
    """Rows of a database."""
    await _up(upstreams, SqlOfficeSettings(url=given["url"]), Sql()).up.rows(given["statement"], {}, 100)


async def form(upstreams: Upstreams, given: Given) -> str:
    """JSON in a cell of a database: it costs the column, with a doubt, and no more."""
    (row,) = await _up(upstreams, SqlOfficeSettings(url=given["url"]), Sql()).up.rows(given["statement"], {}, 1)
    (cell,) = row.values()
    return "-".join(nested_json(cell).doubts)


async def files(upstreams: Upstreams, given: Given) -> None:
    """Every file of a folder, by the adapter that reads such."""
    spec = wirausaha_baru.SPEC
    row = wirausaha_baru.ENTERPRISES
    assert row.feed is not None
    settings = spec.settings.model_validate(given["settings"])
    async for _ in row.feed(_up(upstreams, settings, row.transport, spec), None):
        pass


async def raw_files(upstreams: Upstreams, given: Given) -> None:
    """Every file of a folder, as it is."""
    spec = wirausaha_baru.SPEC
    settings = spec.settings.model_validate(given["settings"])
    up = _up(upstreams, settings, Files(patterns=("*.xlsx",)), spec).up
    for entry in await up.list():
        await up.read(entry)


ASKS: dict[str, Callable[[Upstreams, Given], Awaitable[str | None]]] = {
    one.__name__: one for one in (http, workbook, timetable, soap, sql, form, files, raw_files)
}


async def _told(ask: Callable[[Upstreams, Given], Awaitable[str | None]], given: Given) -> str:
    tuning = _SETTLED | {name: given[name] for name in ("engine",) if name in given}
    upstreams = Upstreams(MemoryShared(), now, UpstreamSettings.model_validate(tuning))
    try:
        return await ask(upstreams, given) or "an answer"
    except AdapterError as error:
        return next(kind.__name__ for kind in type(error).__mro__ if kind.__module__ == AdapterError.__module__)
    finally:
        await upstreams.aclose()


async def _measured(given: Given) -> Given:
    ask, told = ASKS[given["ask"]], {}
    await _told(ask, given["harmless"])
    peak = PeakMemory()
    for name, case in given["cases"].items():
        began = time.process_time()
        came = await _told(ask, case)
        told[name] = {"came": came, "seconds": time.process_time() - began, "bytes": peak.growth()}
    return told


if __name__ == "__main__":
    sys.stdout.write(json.dumps(asyncio.run(_measured(json.load(sys.stdin)))))
