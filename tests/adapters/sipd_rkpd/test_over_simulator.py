"""The adapter over the running simulator, its write carried out by the gateway's own delivery."""

import pytest

from adapters.contract import Bad
from adapters.errors import CredentialsRefusedError, UpstreamMalformedError, UpstreamUnavailableError
from adapters.sipd_rkpd import SPEC
from gateway.delivery.exactly_once import carry_out
from gateway.delivery.outcomes import Delivered, NotSent, OutcomeUnknown, Rejected
from gateway.ground.clock import now
from schemas.case import CaseStatus
from schemas.doubts import DoubtCode
from schemas.planning import PROPOSAL, PlanLevel, PlanScheme, ProposalQuery, ProposalStage, SubmitProposal
from simulators.faults import Fault, FaultKind
from simulators.people import DEMONSTRATION
from simulators.write_loss import LossPoint

pytestmark = pytest.mark.anyio

PLANS, PUBLIC, OWN = SPEC.reads
(WRITE,) = SPEC.writes
RESIDENT = DEMONSTRATION["resident"].nik
CODE = "GB-7F3K2Q"


def command(**changes) -> SubmitProposal:
    given = {"year": now().year + 1, "text": "Titian “Contoh” lapuk & patah – dua papan", "title": "Titian ulin"}
    return SubmitProposal.model_validate({**given, "region": "63.71.01.1001", **changes})


async def no_sleep(_seconds: float) -> None:
    return None


async def fed(system, row, mark=None):
    return [batch async for batch in row.feed(system.call(), mark)]


async def own(system, nik=RESIDENT):
    found, mark = [], None
    while True:
        batch = await OWN.ask(system.call(nik), ProposalQuery(), mark)
        found += [OWN.normalise(item).body for item in batch.items]
        mark = batch.next
        if mark is None:
            return found


async def delivered(system, asked=None, *, nik=RESIDENT, within=10.0, code=CODE):
    return await carry_out(WRITE, lambda: system.call(nik, within=within), asked or command(), code, sleep=no_sleep)


def stored(system, code=CODE):
    return [write for write in system.state.ledger.writes if write["code"] == code]


async def test_the_plans_come_whole_and_clean_but_for_what_the_columns_lost(system):
    rows = [item for batch in await fed(system, PLANS) for item in batch.items]
    assert len(rows) > 100
    assert len({PLANS.key(row) for row in rows}) == len(rows)
    normals = [PLANS.normalise(row) for row in rows]
    assert {normal.body.level for normal in normals} == set(PlanLevel)
    assert {normal.body.code.scheme for normal in normals} == {
        PlanScheme.PERMENDAGRI_13_2006,
        PlanScheme.PERMENDAGRI_90_2019,
    }
    assert {doubt.code for normal in normals for doubt in normal.doubts} == {DoubtCode.NUMBER_OVERFLOW}
    bodies = [normal.body for normal in normals]
    assert not any(set("\r\n\t") & set(f"{one.name}{one.code.code}") or one.code.code.endswith(".") for one in bodies)
    codes = {(one.year, one.code.code) for one in bodies}
    assert all(one.parent is None or (one.year, one.parent.code) in codes for one in bodies)
    assert all(one.parent is None or one.parent.scheme == one.code.scheme for one in bodies)
    assert all(one.agency is not None and one.agency.name.id for one in bodies), "every line names its agency"


async def test_the_public_proposals_name_nobody(system):
    rows = [item for batch in await fed(system, PUBLIC) for item in batch.items]
    assert len(rows) > 400
    assert not any(isinstance(row, Bad) for row in rows)
    bodies = [PUBLIC.normalise(row).body for row in rows]
    assert all(body.applicant is None and PROPOSAL.owner(body).nik is None for body in bodies)
    assert {body.status for body in bodies} == {
        CaseStatus.UNDER_REVIEW,
        CaseStatus.ACCOMMODATED,
        CaseStatus.REJECTED,
        CaseStatus.CANCELLED,
        CaseStatus.UNKNOWN,
    }
    assert {body.stage for body in bodies} == {None, *ProposalStage} - {ProposalStage.PARTNER}
    assert all(body.location.region is not None for body in bodies)


async def test_feeds_are_taken_up_from_their_marks(system):
    for row in (PLANS, PUBLIC):
        whole = [row.key(item) for batch in await fed(system, row) for item in batch.items]
        first = await anext(row.feed(system.call(), None))
        rest = await fed(system, row, first.next)
        assert [row.key(item) for batch in (first, *rest) for item in batch.items] == whole


async def test_a_proposer_sees_their_own_and_nobody_elses(system):
    mine = await own(system)
    assert {body.status for body in mine} == {
        CaseStatus.ACCOMMODATED,
        CaseStatus.REJECTED,
        CaseStatus.CANCELLED,
        CaseStatus.UNDER_REVIEW,
    }
    assert {PROPOSAL.owner(body).nik for body in mine} == {RESIDENT}
    assert {body.location.region.code for body in mine} == {"63.71.01.1001"}
    renamed = await own(system, DEMONSTRATION["resident-renamed"].nik)
    assert [body.applicant.name for body in renamed] == [DEMONSTRATION["resident-renamed"].alias]
    assert await own(system, "6371994101900010") == []


async def test_a_long_list_of_ones_own_comes_in_stretches(system):
    for _ in range(40):
        await system.control("POST", "/records", {"kind": "usulan"})
    assert len(await own(system)) == 44
    assert (await OWN.ask(system.call(RESIDENT), ProposalQuery(), None)).next == "20"


async def test_one_proposal_names_its_proposer_to_themselves_only(system):
    batch = await OWN.ask(system.call(RESIDENT), ProposalQuery(), None)
    key = OWN.key(batch.items[0])
    assert (await OWN.one(system.call(RESIDENT), key)).pengusul.nik == RESIDENT
    for other in (DEMONSTRATION["resident-renamed"].nik, None, ""):
        assert (await OWN.one(system.call(other), key)).pengusul is None
    assert await OWN.one(system.call(RESIDENT), "99999999") is None


async def test_a_wrong_token_is_noticed_by_questions_and_by_the_probe(system):
    await SPEC.probe(system.call())
    for asking in (SPEC.probe, lambda call: OWN.ask(call, ProposalQuery(), None)):
        with pytest.raises(CredentialsRefusedError):
            await asking(system.call(RESIDENT, token="wrong"))


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("500", UpstreamUnavailableError),
        ("rate-limited", UpstreamUnavailableError),
        ("html", UpstreamMalformedError),
        ("malformed", UpstreamMalformedError),
        ("redirect", UpstreamMalformedError),
    ],
)
async def test_each_fault_that_arrives_as_an_answer(system, kind, error):
    await system.control("PUT", "/fault", {"kind": kind})
    with pytest.raises(error):
        await OWN.ask(system.call(RESIDENT), ProposalQuery(), None)


async def test_a_nik_never_stands_in_an_address(system):
    await own(system)
    await delivered(system)
    received = system.state.received.as_json()
    assert any(RESIDENT in one["body"] for one in received)
    assert all(RESIDENT not in f"{one['path']}{one['query']}{one['headers']}" for one in received)


async def test_what_was_written_reads_as_it_was_meant(system):
    asked = command(amount="1250000", quantity="12 M1", place="Gang Contoh")
    outcome = await delivered(system, asked)
    assert outcome == Delivered(stored(system)[0]["key"], stored(system)[0]["key"])
    body = OWN.normalise(await OWN.one(system.call(RESIDENT), outcome.key)).body
    assert (body.text, body.title, body.location.text, body.quantity) == (
        asked.text,
        asked.title,
        asked.place,
        asked.quantity,
    )
    assert (body.amount.amount, body.status, body.year) == (1_250_000, CaseStatus.UNDER_REVIEW, asked.year)
    assert PROPOSAL.owner(body).nik == RESIDENT


@pytest.mark.parametrize("at", [LossPoint.BEFORE, LossPoint.DURING, LossPoint.AFTER])
async def test_a_lost_connection_leaves_exactly_one(system, at):
    system.state.write_loss.at = at
    outcome = await delivered(system)
    (written,) = stored(system)
    assert isinstance(outcome, Delivered)
    assert outcome.key == written["key"]
    assert outcome.looked_up == (at is not LossPoint.BEFORE)


async def test_a_write_that_hangs_is_looked_up_and_not_repeated(system):
    system.state.faults.set(Fault(FaultKind.HANG, times=1, path="/run/serv/push"))
    assert isinstance(await delivered(system, within=0.7), Delivered)
    assert len(stored(system)) == 1


async def test_a_system_that_is_lost_for_good_after_the_write_leaves_the_outcome_unknown(system):
    system.state.write_loss.at = LossPoint.AFTER
    system.state.faults.set(Fault(FaultKind.ERROR_500, path="/run/serv/get"))
    assert isinstance(await delivered(system), OutcomeUnknown)
    assert len(stored(system)) == 1


async def test_a_write_to_nobody_was_sent_nothing(system):
    call = system.call(RESIDENT, base_url="http://127.0.0.1:9")
    assert isinstance(await carry_out(WRITE, lambda: call, command(), CODE, sleep=no_sleep), NotSent)
    assert stored(system) == []


@pytest.mark.parametrize(
    ("changes", "nik", "code"),
    [
        ({"region": "63.71"}, RESIDENT, "region-unknown"),
        ({"year": 2020}, RESIDENT, "year-closed"),
        ({}, "6371990101990001", "proposer-unknown"),
        ({"text": "rusak     rusak"[:5] + " " * 20}, RESIDENT, "text-refused"),
    ],
)
async def test_what_the_system_does_not_take_is_refused_although_it_says_success(system, changes, nik, code):
    outcome = await delivered(system, command(**changes), nik=nik)
    assert isinstance(outcome, Rejected)
    assert outcome.code == code
    assert stored(system) == []
