"""The adapter against the running simulator."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

import httpx
import pytest

from adapters.contract import Bad, Batch
from adapters.e_kelurahan import SPEC
from adapters.e_kelurahan.wire import Permohonan
from adapters.errors import (
    AdapterError,
    Cause,
    CredentialsRefusedError,
    QueryRefusedError,
    UpstreamMalformedError,
    UpstreamTimeoutError,
    UpstreamUnavailableError,
)
from schemas.application import APPLICATION, ApplicationAction, ApplicationQuery
from schemas.case import CaseStatus
from schemas.places import RegionLevel, regions
from schemas.service import SERVICE
from schemas.texts import Text
from simulators.e_kelurahan.simulator import SIMULATOR
from simulators.faults import Fault, FaultKind
from simulators.people import DEMONSTRATION, population

pytestmark = pytest.mark.anyio

MANTUIL = "63.71.01.1001"


async def asked(system, query: ApplicationQuery, nik: str | None = None) -> list[Permohonan | Bad]:
    """All stretches of an answer, as the gateway collects them."""
    row, found, mark = system.reads(APPLICATION), [], None
    for _ in range(50):
        batch: Batch[Permohonan] = await row.ask(system.call(row.transport, nik=nik), query, mark)
        found.extend(batch.items)
        mark = batch.next
        if mark is None:
            return found
    raise AssertionError("paging does not come to an end")


async def fed(system, mark: str | None = None) -> list[Batch[Any]]:
    row = system.reads(SERVICE)
    return [batch async for batch in row.feed(system.call(row.transport), mark)]


async def test_a_resident_sees_their_applications_and_nobody_elses(system, resident):
    found = await asked(system, ApplicationQuery(), resident)
    assert len(found) >= 4
    assert {w.nik.strip() for w in found} == {resident}
    keys = [w.key for w in found]
    assert len(set(keys)) == len(keys)
    # The same id in two tables is two applications.
    assert len({w.id for w in found}) < len(keys)
    received = system.state.received.as_json()
    assert not any(resident in request["path"] + request["query"] for request in received)


async def test_whom_the_system_does_not_know_has_nothing(system):
    assert await asked(system, ApplicationQuery(), "6371990101990001") == []
    assert await asked(system, ApplicationQuery(region="63.71.09.1001")) == []


async def test_neither_resident_nor_kelurahan_is_no_question(system):
    with pytest.raises(QueryRefusedError):
        await asked(system, ApplicationQuery())


async def test_a_kelurahan_is_complete_and_without_repetition(system):
    found = await asked(system, ApplicationQuery(region=MANTUIL))
    keys = [w.key for w in found]
    assert len(keys) > 50
    assert len(set(keys)) == len(keys)
    assert {w.kelurahan for w in found} == {"Mantuil"}
    async with httpx.AsyncClient(trust_env=False) as control:
        added = (await control.post(f"{system.simulator.control}/records", json={"kind": "permohonan"})).json()["key"]
    assert {w.key for w in await asked(system, ApplicationQuery(region=MANTUIL))} == {added, *keys}


async def test_a_kecamatan_is_all_its_kelurahan(system):
    row = system.reads(APPLICATION)
    found = [row.normalise(w).body for w in await asked(system, ApplicationQuery(region="63.71.01"))]
    places = {body.location.region.code for body in found}
    assert places == {code for code in regions() if code.startswith("63.71.01.")}
    query = ApplicationQuery(region="63.71.01")
    assert all(APPLICATION.matches(body, query) for body in found)
    assert sum(body.location.region.code == MANTUIL for body in found) == len(
        await asked(system, ApplicationQuery(region=MANTUIL))
    )


async def test_nothing_is_lost_or_repeated_while_applications_come_and_go(system):
    row = system.reads(APPLICATION)
    query = ApplicationQuery(region=MANTUIL)
    before = [w.key for w in await asked(system, query)]
    first = await row.ask(system.call(row.transport), query, None)
    for _ in range(7):
        system.state.add_record({"kind": "permohonan"})
    gone = [w.key for w in first.items[3:8]]
    assert all(system.state.withdraw_record(key) for key in gone)
    second = await row.ask(system.call(row.transport), query, first.next)
    seen = Counter(w.key for w in (*first.items, *second.items))
    assert set(before) <= set(seen)
    assert max(seen.values()) == 1
    for key in [w.key for w in first.items[-9:]]:
        system.state.withdraw_record(key)
    third = await row.ask(system.call(row.transport), query, first.next)
    # The row after which it should go on is gone as well: rather repeated than lost.
    assert {w.key for w in second.items} <= {w.key for w in third.items}


async def test_every_state_stands_in_the_register(system):
    row = system.reads(APPLICATION)
    seen = set()
    for code in [code for code, region in regions().items() if region.level is RegionLevel.KECAMATAN]:
        seen |= {row.normalise(w).body.status for w in await asked(system, ApplicationQuery(region=code))}
    # The register has a few applications in an undocumented state.
    assert {str(status) for status in seen} == {
        "draft", "submitted", "needs-completion", "under-review", "awaiting-signature", "approved", "ready",
        "collected", "rejected", "withdrawn", "revoked", "unknown",
    }  # fmt: skip


async def test_one_application_in_full_with_its_documents(system, resident):
    row = system.reads(APPLICATION)
    full = await row.one(system.call(row.transport), "surat/0001")
    body = row.normalise(full).body
    assert [change.status for change in body.history] == [
        CaseStatus.SUBMITTED,
        CaseStatus.UNDER_REVIEW,
        CaseStatus.AWAITING_SIGNATURE,
        CaseStatus.APPROVED,
        CaseStatus.READY,
        CaseStatus.COLLECTED,
    ]
    assert [document.kind.code for document in body.documents] == ["attachment", "letter"]
    listed = next(w for w in await asked(system, ApplicationQuery(), resident) if w.key == "surat/0001")
    assert row.normalise(listed).body == body.model_copy(update={"history": (), "documents": (), "actions": None})
    waiting = next(w for w in await asked(system, ApplicationQuery(), resident) if w.tabel == "surat_ijin_usaha")
    both = (ApplicationAction.SUPPLEMENT, ApplicationAction.WITHDRAW)
    full = await row.one(system.call(row.transport), waiting.key)
    assert (body.actions, row.normalise(full).body.actions) == ((), both)

    attachment, signed = body.documents
    assert (attachment.id, signed.id) == ("1", "2")
    letter = await row.content(system.call(row.transport), "surat/0001", signed.id)
    assert letter.content.startswith(b"%PDF-")
    assert letter.media_type == "application/pdf"
    assert "0001" not in letter.filename
    # The last one is a file of another application.
    for document_id in ("-1", "0", "", "02", "3"):
        assert await row.content(system.call(row.transport), "surat/0001", document_id) is None


@pytest.mark.parametrize("key", ["surat/9999", "surat", "surat/../../layanan", "penduduk/1", ""])
async def test_an_unknown_key_is_nobody(system, key):
    row = system.reads(APPLICATION)
    assert await row.one(system.call(row.transport), key) is None
    assert await row.content(system.call(row.transport), key, "1") is None


async def test_letters_encoded_in_two_ways_come_out_right(system):
    row = system.reads(APPLICATION)
    names = []
    for code in {person.kelurahan_code for person in population(637199)[:300]}:
        names += [row.normalise(w).body.applicant.name for w in await asked(system, ApplicationQuery(region=code))]
    accented = [name for name in names if not name.isascii()]
    assert accented
    assert all(set(name) - set(map(chr, range(128))) <= {"é", "ï"} for name in accented)
    assert b"caf\xe9" in await _raw(system, "/permohonan?start=0&length=50")


async def _raw(system, path: str) -> bytes:
    """The bytes that the system answers to a script of its own pages."""
    keys = await system.reads(APPLICATION).transport.session.login(system.call(system.reads(SERVICE).transport))
    async with httpx.AsyncClient(base_url=system.simulator.url, trust_env=False, cookies=dict(keys.cookies)) as browser:
        return (await browser.get(path, headers={"X-Requested-With": "XMLHttpRequest"})).content


async def test_the_catalogue_is_fed_whole_and_resumes(system):
    batches = await fed(system)
    kinds = [w.kode for batch in batches for w in batch.items]
    assert len(kinds) == len(set(kinds)) >= 20
    assert len(batches) > 2
    assert batches[-1].next is None
    assert all(batch.whole for batch in batches)
    resumed = [w.kode for batch in await fed(system, batches[0].next) for w in batch.items]
    assert resumed == kinds[len(batches[0].items) :]
    assert system.state.logins == 0
    laws = {
        law for batch in batches for w in batch.items for law in system.reads(SERVICE).normalise(w).body.legal_basis
    }
    assert laws == {
        Text(
            id="Peraturan Wali Kota Banjarmasin Nomor 59 Tahun 2013",
            en="Regulation of the Mayor of Banjarmasin 59 of 2013",
        )
    }


async def test_the_demonstration_residents(system):
    row = system.reads(APPLICATION)
    renamed = await asked(system, ApplicationQuery(), DEMONSTRATION["resident-renamed"].nik)
    assert {row.normalise(w).body.applicant.name for w in renamed} == {DEMONSTRATION["resident-renamed"].alias}
    damaged = await asked(system, ApplicationQuery(), DEMONSTRATION["resident-damaged"].nik)
    assert damaged
    assert {row.normalise(w).body.applicant.birth_date for w in damaged} == {None}
    unregistered = [w for w in await asked(system, ApplicationQuery(region="63.71.01.1003")) if w.nik == "-"]
    assert unregistered
    for w in unregistered:
        assert APPLICATION.owner(row.normalise(w).body).nik is None


async def test_probe(system):
    await SPEC.probe(system.call(SPEC.probe_transport))


async def test_fifty_residents_at_an_expired_session_make_one_login(system):
    niks = list(dict.fromkeys(person.nik for person in population(637199) if person.nik))[:50]
    await asked(system, ApplicationQuery(), niks[0])
    assert system.state.logins == 1
    system.state.faults.set(Fault(FaultKind.SESSION_EXPIRED))
    answers = await asyncio.gather(*(asked(system, ApplicationQuery(), nik) for nik in niks))
    assert system.state.logins == 2
    for nik, found in zip(niks, answers, strict=True):
        assert {w.nik.strip() for w in found} <= {nik}
    assert any(answers)


async def test_an_idle_session_is_renewed(system, resident):
    await asked(system, ApplicationQuery(), resident)
    row = system.reads(APPLICATION)
    system.state.clock.offset = timedelta(minutes=31)
    assert await row.one(system.call(row.transport), "surat/0001") is not None
    assert system.state.logins == 2


async def test_a_wrong_password_is_refused_and_tried_once(system, resident):
    wrong = system.settings.model_copy(update={"password": type(system.settings.password)("salah")})
    row = system.reads(APPLICATION)
    for _ in range(3):
        with pytest.raises(CredentialsRefusedError):
            await row.ask(system.call(row.transport, nik=resident, settings=wrong), ApplicationQuery(), None)
    posts = [r for r in system.state.received.as_json() if (r["method"], r["path"]) == ("POST", "/login")]
    assert len(posts) == 1


FAULTS = {
    FaultKind.HANG: UpstreamTimeoutError,
    FaultKind.DRIP: UpstreamTimeoutError,
    FaultKind.RESET: UpstreamUnavailableError,
    FaultKind.ERROR_500: UpstreamUnavailableError,
    FaultKind.HTML: UpstreamMalformedError,
    FaultKind.LOGIN: UpstreamUnavailableError,
    FaultKind.MALFORMED: UpstreamMalformedError,
    FaultKind.OVERSIZED: UpstreamMalformedError,
    FaultKind.RATE_LIMITED: UpstreamUnavailableError,
    FaultKind.REDIRECT: UpstreamMalformedError,
}


def test_every_fault_is_either_carried_out_or_explained():
    assert SIMULATOR.faults == {*FAULTS, FaultKind.SLOW, FaultKind.SESSION_EXPIRED}
    assert set(SIMULATOR.why_not) | SIMULATOR.faults == set(FaultKind) - {FaultKind.NONE}


@pytest.mark.parametrize("kind", FAULTS)
async def test_each_fault_is_its_error_and_passes(system, resident, kind):
    row = system.reads(APPLICATION)
    await asked(system, ApplicationQuery(), resident)
    system.state.faults.set(Fault(kind))
    calls = (
        lambda call: row.ask(call, ApplicationQuery(), None),
        lambda call: row.one(call, "surat/0001"),
        lambda call: row.content(call, "surat/0001", "2"),
        SPEC.probe,
    )
    for ask in calls:
        with pytest.raises(AdapterError) as raised:
            await ask(system.call(row.transport, nik=resident, within=0.8))
        assert isinstance(raised.value, FAULTS[kind]) or raised.value.cause is Cause.CIRCUIT_OPEN
        assert resident not in repr(raised.value)
    system.state.faults.set(Fault())
    async with asyncio.timeout(12):
        while True:
            try:
                assert await asked(system, ApplicationQuery(), resident)
            except AdapterError:
                await asyncio.sleep(0.25)
            else:
                break


async def test_slowness_is_waited_for(system, resident):
    await asked(system, ApplicationQuery(), resident)
    system.state.faults.set(Fault(FaultKind.SLOW, times=1))
    assert await asked(system, ApplicationQuery(), resident)
