"""A registration on its way: into the box, through the agency's hands, back in its next list of receipts."""

import csv
import shutil
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest

from adapters.contract import Call, Pending, Refused, Stored, Subject
from adapters.errors import NotSentError, UpstreamMalformedError
from adapters.wirausaha_baru import ENROL, ENROLMENTS, SPEC
from gateway.delivery.exactly_once import carry_out
from gateway.delivery.outcomes import Delivered, NotSent, OutcomeUnknown
from gateway.ground.deadline import Deadline
from schemas.enterprise import EnterpriseStatus
from schemas.entitlement import EntitlementStatus
from schemas.programme import Enrol
from simulators.clock import Clock
from simulators.people import DEMONSTRATION
from simulators.server import running
from simulators.spec import SimulatorState
from simulators.wirausaha_baru.simulator import BOX, DROPS, SIMULATOR, build
from simulators.write_loss import LossPoint
from tests.adapters.wirausaha_baru.conftest import NOW

pytestmark = pytest.mark.anyio

CODE = "GB-7F3K2Q"
NIK = DEMONSTRATION["resident-renamed"].nik
COMMAND = Enrol(
    agency="dinas-koperasi",
    year=2026,
    region="63.71.01.1001",
    name="WARGA UJI",
    phone="+6281234567890",
    business_name='=Warung; "Uji"',
    activity="kue basah",
)


class Exchange:
    """The gateway's way to a simulator of which nobody goes through the box unless the test says so."""

    def __init__(self, state: SimulatorState, asking: Any) -> None:
        self.state, self.asking = state, asking
        self.box, self.drops = state.folder / BOX, state.folder / DROPS

    def call(self, nik: str | None = NIK, **changes: Any) -> Call[Any, Any]:
        settings = self.asking.settings.model_copy(update={"outbox": self.box, **changes})
        deadline = Deadline.after(timedelta(seconds=30))
        subject = Subject(nik=nik)
        return self.asking.upstreams.call(SPEC, None, settings, ENROL.transport, deadline=deadline, subject=subject)

    async def send(self, command: Enrol = COMMAND, code: str = CODE, **changes: Any) -> Any:
        return await ENROL.send(self.call(**changes), command, code)

    async def look(self, command: Enrol = COMMAND, code: str = CODE) -> Any:
        assert ENROL.look is not None
        return await ENROL.look(self.call(), command, code)

    def round(self) -> None:
        self.state.add_record({"kind": "round"})

    def put(self, *cells: str, name: str = f"pendaftaran_dinas-koperasi_2026_{CODE}.csv") -> None:
        header = "KODE;NAMA;NIK;NO. HP;KELURAHAN;NAMA USAHA;JENIS USAHA"
        (self.box / name).write_text("\r\n".join((header, ";".join(cells), "JUMLAH;1")), "utf-8")

    @property
    def ledger(self) -> list[Any]:
        return [write["code"] for write in self.state.ledger.writes]


@pytest.fixture
async def exchange(tmp_path: Any, seeded: Any, over: Any, sockets: None) -> Any:
    shutil.copytree(seeded, tmp_path, dirs_exist_ok=True)
    state = SimulatorState(SIMULATOR, None, tmp_path, clock=Clock(frozen_at=NOW), seed=637199)
    build(None, state)
    state.background_tasks.clear()
    async with running(None, state):
        yield Exchange(state, over(tmp_path / DROPS))


async def test_nothing_is_known_until_the_agency_says_so(exchange: Any) -> None:
    assert await exchange.send() == Pending()
    assert await exchange.look() == Pending()
    exchange.round()
    stored = await exchange.look()
    assert isinstance(stored, Stored)
    assert stored.reference is not None
    assert stored.reference.endswith("/WB/2026")
    assert exchange.ledger == [CODE]
    assert list(exchange.box.iterdir()) == []


async def test_the_box_is_gone_through_when_enough_time_is_let_pass(exchange: Any) -> None:
    await exchange.send()
    assert exchange.state.elapse(0.3) == 1
    assert exchange.state.elapse(0.5) == 0
    assert isinstance(await exchange.look(), Stored)


async def test_the_enrolment_is_found_under_its_key_in_the_next_list(exchange: Any) -> None:
    before = await exchange.asking.by_key(ENROLMENTS)
    await exchange.send()
    exchange.round()
    stored = await exchange.look()
    after = await exchange.asking.by_key(ENROLMENTS)
    assert after.keys() - before.keys() == {stored.key}
    body = after[stored.key].body
    assert body.holder.nik == NIK
    assert (body.agency.id, body.year, body.status) == ("dinas-koperasi", 2026, EntitlementStatus.ACTIVE)
    assert (body.holder.name, body.holder.phone) == ("WARGA UJI", "+6281234567890")
    assert (body.enterprise.name, body.enterprise.activity) == ('=Warung; "Uji"', "kue basah")
    assert body.enterprise.status is EnterpriseStatus.STARTED
    assert body.validity.start == NOW.date().isoformat()
    assert body.location.region.code == "63.71.01.1001"


async def test_the_file_is_one_that_a_spreadsheet_reads_as_it_is_meant(exchange: Any) -> None:
    await exchange.send()
    (path,) = exchange.box.iterdir()
    assert path.name == f"pendaftaran_dinas-koperasi_2026_{CODE}.csv"
    content = path.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))
    row = dict(zip(lines[0], lines[1], strict=True))
    assert row["NIK"] == f"'{NIK}"
    assert row["NAMA USAHA"] == '\'=Warung; "Uji"'
    assert lines[2] == ["JUMLAH", "1"]


async def test_an_agency_of_another_charset_gets_its_own(exchange: Any) -> None:
    command = COMMAND.model_copy(update={"agency": "dinas-perindag", "year": 2025, "activity": "kafé – sungai"})
    await exchange.send(command)
    (path,) = exchange.box.iterdir()
    assert "kafé – sungai".encode("cp1252") in path.read_bytes()
    exchange.round()
    assert isinstance(await exchange.look(command), Stored)
    refused = await exchange.send(command.model_copy(update={"name": "王 UJI"}), "GB-OTHER1")
    assert refused.code == "text-refused"


async def test_a_code_is_taken_in_once(exchange: Any) -> None:
    for _ in range(2):
        await exchange.send()
        exchange.round()
    await exchange.send()
    await exchange.send()
    exchange.round()
    assert exchange.ledger == [CODE]
    assert isinstance(await exchange.look(), Stored)


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ((CODE, "UJI", f"'{NIK}", "-", "Nowhere", "-", "kue"), "region-unknown"),
        ((CODE, "UJI", "123", "-", "Mantuil", "-", "kue"), "nik-refused"),
        (("GB-OTHER", "UJI", f"'{NIK}", "-", "Mantuil", "-", "kue"), "refused"),
    ],
)
async def test_what_the_agency_refuses_is_refused(exchange: Any, cells: Any, code: str) -> None:
    exchange.put(*cells)
    exchange.round()
    refused = await exchange.look()
    assert isinstance(refused, Refused)
    assert refused.code == code
    assert refused.reason
    assert exchange.ledger == []


async def test_a_programme_that_does_not_exist_is_refused_later(exchange: Any) -> None:
    command = COMMAND.model_copy(update={"year": 2019})
    assert await exchange.send(command) == Pending()
    exchange.round()
    assert await exchange.look(command) == Refused("programme-unknown", "Program tahun ini tidak ada")


async def test_nobody_else_is_told(exchange: Any) -> None:
    await exchange.send()
    exchange.round()
    assert await exchange.look(code="GB-OTHER1") == Pending()
    elsewhere = COMMAND.model_copy(update={"agency": "dinas-sosial"})
    assert await exchange.look(elsewhere) == Pending()


async def test_without_a_box_nothing_is_sent(exchange: Any) -> None:
    for outbox in (None, exchange.box / "nowhere"):
        with pytest.raises(NotSentError):
            await exchange.send(outbox=outbox)
    assert exchange.ledger == []


@pytest.mark.parametrize(
    "line", [f"{CODE};MUNGKIN;-;26/11/2026", f"{'x' * 3000};DITERIMA;-;26/11/2026", f"{CODE};;;", "rusak"]
)
async def test_a_list_that_says_neither_is_no_answer(exchange: Any, line: str) -> None:
    text = f"KODE;STATUS;KETERANGAN;TANGGAL\r\n{line}\r\nJUMLAH;1\r\n"
    (exchange.drops / "tanda-terima_dinas-koperasi.csv").write_text(text, "utf-8")
    with pytest.raises(UpstreamMalformedError):
        await exchange.look()


async def outcome_of(exchange: Any, rounds: int = 1) -> Any:
    """Carried out as the gateway does it, with somebody going through the box at each wait."""
    left = [rounds]

    async def sleep(_seconds: float) -> None:
        if left[0]:
            left[0] -= 1
            exchange.round()

    return await carry_out(ENROL, exchange.call, COMMAND, CODE, sleep=sleep)


async def test_the_gateway_says_delivered_only_after_looking(exchange: Any) -> None:
    outcome = await outcome_of(exchange)
    assert isinstance(outcome, Delivered)
    assert outcome.looked_up


async def test_a_registration_that_nobody_takes_in_stays_unknown(exchange: Any) -> None:
    assert isinstance(await outcome_of(exchange, rounds=0), OutcomeUnknown)
    assert len(list(exchange.box.iterdir())) == 1
    # It was put there once: looking in vain sends nothing again.
    assert isinstance(await outcome_of(exchange), Delivered)
    assert exchange.ledger == [CODE]


@pytest.mark.parametrize(("at", "rounds"), [("during", 3), ("after", 3)])
async def test_a_receipt_that_is_late_is_found(exchange: Any, at: str, rounds: int) -> None:
    exchange.state.write_loss.at = LossPoint(at)
    outcome = await outcome_of(exchange, rounds)
    assert isinstance(outcome, OutcomeUnknown)
    assert exchange.ledger == [CODE]
    exchange.round()
    assert isinstance(await exchange.look(), Stored)


async def test_a_file_that_is_gone_unread_can_be_put_again(exchange: Any) -> None:
    exchange.state.write_loss.at = LossPoint.BEFORE
    assert isinstance(await outcome_of(exchange), OutcomeUnknown)
    assert exchange.ledger == []
    assert isinstance(await outcome_of(exchange), Delivered)
    assert exchange.ledger == [CODE]


async def test_a_box_that_is_away_means_not_sent(exchange: Any) -> None:
    exchange.box.rename(exchange.box.with_name("away"))
    outcome = await carry_out(ENROL, exchange.call, COMMAND, CODE, sleep=_at_once)
    assert isinstance(outcome, NotSent)


async def _at_once(_seconds: float) -> None:
    return None
