"""Client of the traffic management centre: three SOAP operations, whose faults may have status 200."""

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
from adapters.legacy.elements import element_to_dict
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
    """Check that the centre is available and accepts our credentials."""
    checked = read_value(element_to_dict(await _answer(call, "CekLayanan")), _CHECKED)
    if checked.status.strip().upper() != "OK":
        raise UpstreamUnavailableError("the centre reports that its service is down")


async def feed_incidents(call: OurCall, mark: str | None) -> AsyncIterator[Batch[Kejadian]]:
    """Yield the incidents of the last two days, ordered by id; a mark is the id after which to continue."""
    more = True
    while more:
        parameters = (("setelah", mark or ""), ("jumlah", str(PAGE)))
        answer = await _answer(call, "DaftarKejadian", parameters)
        page = read_value(_beside(answer, "kejadian"), _PAGE)
        more = bool(_more(page.adaLagi))
        found = [element_to_dict(row) for row in answer.named("kejadian")]
        mark = _next(found[-1].get("idKejadian") if found else None, mark) if more else None
        rows = read_rows(found, _INCIDENT)
        yield Batch(rows, as_of=day_first_time(page.waktuData, separator="/").value, next=mark, whole=True)


async def feed_conditions(call: OurCall, _mark: str | None) -> AsyncIterator[Batch[Ruas]]:
    """Yield every observed stretch of road, in each direction."""
    answer = await _answer(call, "KondisiLalin")
    roads = read_value(_beside(answer, "ruas"), _ROADS)
    rows = read_rows((element_to_dict(row) for row in answer.named("ruas")), _ROAD)
    yield Batch(rows, as_of=day_first_time(roads.waktuData, separator="/").value, whole=True)


def _beside(answer: SoapElement, rows: str) -> object:
    """Return the members of an answer other than its rows."""
    return element_to_dict(
        SoapElement(answer.name, children=tuple(part for part in answer.children if part.name != rows))
    )


def _more(written: str) -> bool:
    more = flag(written, yes="Y", no="T").value
    if more is None:
        raise UpstreamMalformedError("the answer does not state whether there is another page")
    return more


def _next(last: object, mark: str | None) -> str:
    """Return the mark of the following page. Ids must increase; otherwise the feed would loop."""
    if not isinstance(last, str) or last <= (mark or ""):
        raise UpstreamMalformedError("there is another page, but the last id is missing or does not increase")
    return last


async def _answer(call: OurCall, operation: str, parameters: Iterable[tuple[str, str]] = ()) -> SoapElement:
    """Call an operation, and return its answer; a fault is raised as the error that it stands for."""
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
    """Return the error for a fault. Its own text is not passed on, because it may contain personal data."""
    code = next((part.text for block in fault.detail for part in block.named("kode")), None) or ""
    if code.strip() in _REFUSE_US:
        return CredentialsRefusedError(f"the centre refuses us with code {code.strip()}")
    if fault.is_client_fault:
        return QueryRefusedError("the centre refuses the call")
    return UpstreamUnavailableError("the centre answers a server fault")
