"""Every fault of the simulator in front of each implementation, contained as any system's is."""

import pytest

from adapters.contract import Subject
from adapters.errors import (
    AdapterError,
    CredentialsRefusedError,
    UpstreamMalformedError,
    UpstreamTimeoutError,
    UpstreamUnavailableError,
)
from simulators.people import DEMONSTRATION
from tests.adapters.pbb.conftest import OverPbb

pytestmark = pytest.mark.anyio

FAULTS: dict[str, type[AdapterError]] = {
    "slow": UpstreamTimeoutError,
    "hang": UpstreamTimeoutError,
    "drip": UpstreamTimeoutError,
    "reset": UpstreamUnavailableError,
    "500": UpstreamUnavailableError,
    "html": UpstreamMalformedError,
    "malformed": UpstreamMalformedError,
    "oversized": UpstreamMalformedError,
    "rate-limited": UpstreamUnavailableError,
    "redirect": UpstreamMalformedError,
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_each_fault_is_told_and_heals(pbb: OverPbb, fault: str) -> None:
    row = pbb.spec.reads[0]
    assert row.ask is not None
    await pbb.control("PUT", "/fault", {"kind": fault})
    with pytest.raises(FAULTS[fault]):
        await row.ask(pbb.call(Subject(nik=DEMONSTRATION["resident"].nik), within=0.7), row.resource.query(), None)
    await pbb.control("PUT", "/fault", {"kind": "none"})
    if fault != "rate-limited":  # then the system itself has said when to come back
        assert len(await pbb.bills(DEMONSTRATION["resident"].nik)) == 3


@pytest.mark.parametrize("fault", ["login", "clock-skew"])
@pytest.mark.parametrize("pbb", ["python"], indirect=True)
async def test_an_adapter_that_does_not_know_us(pbb: OverPbb, fault: str) -> None:
    await pbb.control("PUT", "/fault", {"kind": fault, "times": 1})
    with pytest.raises(CredentialsRefusedError):
        await pbb.bills(DEMONSTRATION["resident"].nik)
    assert len(await pbb.bills(DEMONSTRATION["resident"].nik)) == 3


async def test_a_killed_adapter_is_unavailable(pbb: OverPbb) -> None:
    pbb.simulator.state.closing.close()
    with pytest.raises(UpstreamUnavailableError):
        await pbb.bills(DEMONSTRATION["resident"].nik)
