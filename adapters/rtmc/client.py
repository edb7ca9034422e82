"""Speaks to the traffic management centre: three operations, and faults that come with status 200."""

from collections.abc import AsyncIterator, Iterable
from typing import Final

from pydantic import TypeAdapter

from adapters.contract import Batch, Call
from adapters.errors import (
    AdapterError,
    CredentialsRefusedError,
    QueryRefusedError,
    UpstreamMalformedError,
    UpstreamUnavailableError,
)
from adapters.legacy.booleans import flag
from adapters.legacy.dates import day_first_time
from adapters.legacy.elements import members
from adapters.legacy.envelopes import read_rows, read_value
from adapters.rtmc.settings import Settings
from adapters.rtmc.wire import CekLayananResponse, DaftarKejadianResponse, Kejadian, KondisiLalinResponse, Ruas
from adapters.upstream import SoapElement, SoapFault, SoapRequest, SoapUpstream

OurCall = Call[Settings, SoapUpstream]

NAMESPACE: Final = "urn:polda-kalsel:rtmc:layanan:2"
PAGE: Final = 25
_PATH: Final = "/rtmc/layanan"
_CHECKED: Final = TypeAdapter(CekLayananResponse)
_PAGE: Final = TypeAdapter(DaftarKejadianResponse)
_ROADS: Final = TypeAdapter(KondisiLalinResponse)
_INCIDENT: Final = TypeAdapter(Kejadian)
_ROAD: Final = TypeAdapter(Ruas)
_REFUSE_US: Final = frozenset({"401", "403"})


async def probe(call: OurCall) -> None:
    """Whether the centre is there and knows us."""
    checked = read_value(members(await _answer(call, "CekLayanan")), _CHECKED)
    if checked.status.strip().upper() != "OK":
        raise UpstreamUnavailableError("the centre says that its service is not well")


async def feed_incidents(call: OurCall, mark: str | None) -> AsyncIterator[Batch[Kejadian]]:
    """The incidents of the last two days, in the order of their ids; a mark is the id after which to go on."""
    more = True
    while more:
        parameters = (("setelah", mark or ""), ("jumlah", str(PAGE)))
        answer = await _answer(call, "DaftarKejadian", parameters)
        page = read_value(_beside(answer, "kejadian"), _PAGE)
        more = bool(_more(page.adaLagi))
        found = [members(row) for row in answer.named("kejadian")]
        mark = _next(found[-1].get("idKejadian") if found else None, mark) if more else None
        rows = read_rows(found, _INCIDENT)
        yield Batch(rows, as_of=day_first_time(page.waktuData, separator="/").value, next=mark, whole=True)


async def feed_conditions(call: OurCall, _mark: str | None) -> AsyncIterator[Batch[Ruas]]:
    """Every stretch of road that the centre watches, in each direction."""
    answer = await _answer(call, "KondisiLalin")
    roads = read_value(_beside(answer, "ruas"), _ROADS)
    rows = read_rows((members(row) for row in answer.named("ruas")), _ROAD)
    yield Batch(rows, as_of=day_first_time(roads.waktuData, separator="/").value, whole=True)


def _beside(answer: SoapElement, rows: str) -> object:
    """What stands in an answer beside its rows."""
    return members(SoapElement(answer.name, children=tuple(part for part in answer.children if part.name != rows)))


def _more(written: str) -> bool:
    more = flag(written, yes="Y", no="T").value
    if more is None:
        raise UpstreamMalformedError("the answer does not say whether there is more")
    return more


def _next(last: object, mark: str | None) -> str:
    """The mark of the following page. Ids only grow; otherwise the feed would go in circles."""
    if not isinstance(last, str) or last <= (mark or ""):
        raise UpstreamMalformedError("there is more, but nothing says after what")
    return last


async def _answer(call: OurCall, operation: str, parameters: Iterable[tuple[str, str]] = ()) -> SoapElement:
    """Call an operation; a fault in place of its answer is raised as what it means."""
    answer = await call.up.call(
        SoapRequest(
            path=_PATH,
            action=f"{NAMESPACE}/{operation}",
            body=_element(operation, parameters),
            header=(
                _element(
                    "Otentikasi",
                    (("mitra", call.settings.partner), ("sandi", call.settings.password.get_secret_value())),
                ),
            ),
        )
    )
    if isinstance(answer, SoapFault):
        raise _error(answer)
    return answer


def _element(name: str, texts: Iterable[tuple[str, str]]) -> SoapElement:
    children = tuple(SoapElement(part, NAMESPACE, text) for part, text in texts)
    return SoapElement(name, NAMESPACE, children=children)


def _error(fault: SoapFault) -> AdapterError:
    """What a fault means. Its own words stay here: nobody knows what may stand in them."""
    code = next((part.text for block in fault.detail for part in block.named("kode")), None) or ""
    if code.strip() in _REFUSE_US:
        return CredentialsRefusedError(f"the centre refuses us with code {code.strip()}")
    if fault.ours:
        return QueryRefusedError("the centre refuses the call")
    return UpstreamUnavailableError("the centre answers a fault of its own")
