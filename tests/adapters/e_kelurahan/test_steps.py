"""What an applicant does with an application that is filed already, against the running simulator."""

from dataclasses import replace

import pytest

from adapters.contract import Absent, Refused, Stored
from adapters.e_kelurahan import SPEC
from adapters.errors import UpstreamMalformedError
from schemas.application import APPLICATION, SupplementApplication, WithdrawApplication
from schemas.case import CaseStatus
from schemas.texts import Text
from simulators.people import DEMONSTRATION

pytestmark = pytest.mark.anyio
CODE = "GB-7F3K2Q"
SUPPLEMENT, WITHDRAW = SPEC.writes[1:]
NOTE, REASON = "Fotokopi KK", "Tidak jadi"


def supplement(key):
    return SupplementApplication(application_key=key, note=NOTE)


def withdrawal(key):
    return WithdrawApplication(application_key=key, reason=REASON)


async def take(system, write, command, nik, code=CODE):
    return await write.send(system.call(write.transport, nik=nik), command, code)


async def body_of(system, key):
    row = system.reads(APPLICATION)
    return row.normalise(await row.one(system.call(row.transport), key)).body


async def test_what_was_missing_is_handed_in(system, resident):
    key = system.state.add_record({"kind": "permohonan", "nik": resident, "tahap": "kurang"})
    assert (await body_of(system, key)).status is CaseStatus.NEEDS_COMPLETION
    assert await SUPPLEMENT.look(system.call(SUPPLEMENT.transport, nik=resident), supplement(key), CODE) == Absent()
    stored = await take(system, SUPPLEMENT, supplement(key), resident)
    assert stored == Stored(key, f"S-{key[-4:]}")
    body = await body_of(system, key)
    assert body.status is CaseStatus.SUBMITTED
    assert (body.history[-1].status, body.history[-1].status_text.id) == (CaseStatus.SUBMITTED, "Dilengkapi")
    assert body.history[-1].by == Text(id="Pemohon", en="Applicant")
    # The receipt code is the gateway's own affair.
    assert body.history[-1].text == NOTE
    assert await SUPPLEMENT.look(system.call(SUPPLEMENT.transport, nik=resident), supplement(key), CODE) == stored
    assert [write["code"] for write in system.state.ledger.writes] == [CODE]


async def test_a_withdrawn_application_stays_withdrawn(system, resident):
    key = system.state.add_record({"kind": "permohonan", "nik": resident})
    assert isinstance(await take(system, WITHDRAW, withdrawal(key), resident), Stored)
    assert (await body_of(system, key)).status is CaseStatus.WITHDRAWN
    again = await take(system, WITHDRAW, withdrawal(key), resident, "GB-OTHER1")
    late = await take(system, SUPPLEMENT, supplement(key), resident, "GB-OTHER2")
    assert {again.code, late.code} == {"too-late"}
    assert len(system.state.ledger.writes) == 1
    # Another one's withdrawal is not taken for ours.
    call = system.call(WITHDRAW.transport, nik=resident)
    assert await WITHDRAW.look(call, withdrawal(key), "GB-OTHER1") == Absent()


@pytest.mark.parametrize("stage", ["disetujui", "diambil", "ditolak", "dicabut"])
async def test_what_is_decided_is_decided(system, resident, stage):
    key = system.state.add_record({"kind": "permohonan", "nik": resident, "tahap": stage})
    refused = await take(system, WITHDRAW, withdrawal(key), resident)
    assert isinstance(refused, Refused)
    assert refused.code == "too-late"
    assert system.state.ledger.writes == ()


async def test_somebody_elses_application_is_refused_as_if_it_were_not_there(system, resident):
    key = system.state.add_record({"kind": "permohonan", "nik": DEMONSTRATION["resident-renamed"].nik})
    answers = [
        await take(system, WITHDRAW, withdrawal(wanted), resident)
        for wanted in (key, "surat/9999", "surat/../../layanan", "penduduk/0001")
    ]
    assert {answer.code for answer in answers} == {"application-unknown"}
    assert len({answer.reason for answer in answers}) == 1
    assert not [r for r in system.state.received.as_json() if r["path"].endswith("/tindak")]
    assert system.state.ledger.writes == ()


class Deciding:
    """The way to the system; the office deletes the application just before the step arrives."""

    def __init__(self, up, state, key):
        self._up, self._state, self._key = up, state, key

    async def send(self, request):
        if request.path.endswith("/tindak"):
            self._state.withdraw_record(self._key)
        return await self._up.send(request)


async def test_an_application_that_is_gone_meanwhile_is_no_success(system, resident):
    key = system.state.add_record({"kind": "permohonan", "nik": resident})
    call = system.call(WITHDRAW.transport, nik=resident)
    with pytest.raises(UpstreamMalformedError, match="neither a redirect nor a reason"):
        await WITHDRAW.send(replace(call, up=Deciding(call.up, system.state, key)), withdrawal(key), CODE)
    assert system.state.ledger.writes == ()
