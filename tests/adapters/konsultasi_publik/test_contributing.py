"""The write: once, whatever becomes of the connection, and looked up by its receipt code."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from adapters.contract import Absent, Stored, Subject
from adapters.errors import UpstreamMalformedError
from adapters.konsultasi_publik import CONTRIBUTIONS, client
from conformance.loopback import LoopbackServer
from gateway.delivery.exactly_once import carry_out
from gateway.delivery.outcomes import Delivered, NotSent, Outcome, Rejected
from schemas.consultation import Contribute
from simulators.faults import Fault, FaultKind
from simulators.konsultasi_publik.simulator import DATABASE
from tests.adapters.konsultasi_publik.conftest import NIK, System

pytestmark = pytest.mark.anyio

OPEN = "fkp/15"
CODE = "GB-ABCD2345"
WISH = Contribute(consultation_key=OPEN, text="Mohon dermaga diberi atap")


async def deliver(
    system: System,
    command: Contribute = WISH,
    code: str = CODE,
    nik: str | None = NIK,
    url: str | None = None,
    within: float = 2,
) -> Outcome:
    async def sleep(_seconds: float) -> None:
        await asyncio.sleep(0.01)

    return await carry_out(
        CONTRIBUTIONS,
        lambda: system.call(CONTRIBUTIONS.transport, nik=nik, url=url, within=within),
        command,
        code,
        sleep=sleep,
    )


async def look(system: System, code: str) -> Stored | Absent:
    assert CONTRIBUTIONS.look is not None
    return await CONTRIBUTIONS.look(system.call(CONTRIBUTIONS.transport, nik=NIK), WISH, code)


async def test_it_is_stored_once_and_found_again(system: System) -> None:
    assert await deliver(system) == Delivered("1", "M-000001")
    (stored,) = system.state.ledger.writes
    assert (stored["code"], stored["nik"], stored["consultation"]) == (CODE, NIK, OPEN)
    assert await look(system, CODE) == Stored("1", "M-000001")
    for other in ("GB-ABCD2346", "BCD2345", "gb-abcd2345", "%", "GB-ABCD234_"):
        assert await look(system, other) == Absent()


async def test_both_keys_of_an_event_with_two_places_are_accepted(file: System, tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / DATABASE}")
    with engine.begin() as database:
        database.execute(text("INSERT INTO tempat_kegiatan (tabel, id_kegiatan, tempat) VALUES ('fkp', 15, 'Siring')"))
    engine.dispose()
    keys = [key for key in await file.by_key() if key.startswith(f"{OPEN}~")]
    assert len(keys) == 2
    for key, code in zip(keys, (CODE, "GB-ABCD2346"), strict=True):
        outcome = await deliver(file, WISH.model_copy(update={"consultation_key": key}), code)
        assert isinstance(outcome, Delivered)
    assert [(stored["code"], stored["consultation"]) for stored in file.state.ledger.writes] == [
        (CODE, OPEN),
        ("GB-ABCD2346", OPEN),
    ]


@pytest.mark.parametrize(
    ("command", "nik", "code"),
    [
        (WISH.model_copy(update={"consultation_key": "fkp/1"}), NIK, "consultation-closed"),
        (WISH.model_copy(update={"consultation_key": "fkp/14"}), NIK, "consultation-closed"),
        (WISH.model_copy(update={"consultation_key": "fkp/999"}), NIK, "consultation-unknown"),
        (WISH.model_copy(update={"consultation_key": "lain/15"}), NIK, "consultation-unknown"),
        (WISH.model_copy(update={"consultation_key": "fkp/15' --"}), NIK, "consultation-unknown"),
        (WISH.model_copy(update={"text": " \n \t          "}), NIK, "text-refused"),
        (WISH, None, "nik-missing"),
    ],
)
async def test_what_the_inbox_refuses(system: System, command: Contribute, nik: str | None, code: str) -> None:
    outcome = await deliver(system, command, nik=nik)
    assert isinstance(outcome, Rejected)
    assert outcome.code == code
    assert system.state.ledger.writes == ()


async def test_whatever_somebody_writes_stays_a_text(system: System) -> None:
    words = "'); DROP TABLE kotak_masuk; -- %s :isi \\' ☃ é"
    assert isinstance(await deliver(system, WISH.model_copy(update={"text": words})), Delivered)
    assert len(system.state.ledger.writes) == 1


async def test_a_look_that_does_not_show_everything_is_an_error(file: System) -> None:
    for _ in range(20):
        columns = {"tabel": "fkp", "id_kegiatan": 15, "nik": NIK, "isi": "Titian diganti beton [gb-abcd2345]"}
        await file.call(CONTRIBUTIONS.transport).up.execute(client.CONTRIBUTE, columns)
    with pytest.raises(UpstreamMalformedError):
        await look(file, CODE)


@pytest.mark.parametrize("kind", [FaultKind.HANG, FaultKind.RESET, FaultKind.MALFORMED, FaultKind.HTML])
async def test_a_file_that_cannot_be_written_to_has_nothing(file: System, kind: FaultKind) -> None:
    file.state.faults.set(Fault(kind))
    outcome = await deliver(file, within=0.4)
    file.state.faults.set(Fault())
    assert isinstance(outcome, NotSent)
    assert file.state.ledger.writes == ()
    assert isinstance(await deliver(file), Delivered)
    assert len(file.state.ledger.writes) == 1


class Cutter:
    """A way to the server on which the connection of the first write is lost `at` a point.

    before: the insert does not arrive. unfinished: it does, and its commit does not. during: the commit arrives, and
    half of its answer comes back. after: nothing of it does.
    """

    def __init__(self, server: int, at: str) -> None:
        self._server = server
        self._at = at
        self._inserted = False
        self.lost = False

    async def carry(self, own: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        """Carry one connection until it ends, or is lost."""
        theirs, onward = await asyncio.open_connection("127.0.0.1", self._server)
        answering = asyncio.create_task(_pipe(theirs, back))
        try:
            while data := await own.read(65_536):
                losing = self._is_here(data) and not self.lost
                if losing:
                    self.lost = True
                    answering.cancel()
                    await asyncio.gather(answering, return_exceptions=True)
                if not losing or self._at in {"during", "after"}:
                    onward.write(data)
                if losing:
                    await self._lose(theirs, back)
                    break
        finally:
            onward.close()
            answering.cancel()
            await asyncio.gather(answering, return_exceptions=True)

    def _is_here(self, data: bytes) -> bool:
        if b"INSERT INTO kotak_masuk" in data:
            self._inserted = True
            return self._at == "before"
        return self._inserted and b"COMMIT" in data

    async def _lose(self, theirs: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        if self._at in {"during", "after"}:
            answer = await theirs.read(65_536)
            back.write(answer[: len(answer) // 2] if self._at == "during" else b"")
            await back.drain()


async def _pipe(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
    writer.close()


@pytest.mark.mariadb
@pytest.mark.parametrize(
    ("at", "looked_up"), [("before", False), ("unfinished", False), ("during", True), ("after", True)]
)
async def test_a_lost_connection_leaves_exactly_one(server: System, at: str, looked_up: bool) -> None:
    url = server.settings.url.get_secret_value()
    host, _, rest = url.rpartition("@")
    own = int(rest.partition("/")[0].partition(":")[2])
    cutter = Cutter(own, at)
    async with LoopbackServer(cutter.carry) as proxy:
        outcome = await deliver(server, url=f"{host}@127.0.0.1:{proxy.port}/{rest.partition('/')[2]}")
        await server.upstreams.forget("konsultasi-publik", None)
    assert cutter.lost
    assert isinstance(outcome, Delivered)
    assert outcome.looked_up is looked_up
    assert [write["code"] for write in server.state.ledger.writes] == [CODE]


@pytest.mark.mariadb
async def test_a_write_to_a_server_that_is_away_is_known_to_be_unsent(server: System, free_tcp_port: int) -> None:
    url = server.settings.url.get_secret_value()
    away = url.replace(url.rpartition("@")[2].partition("/")[0], f"127.0.0.1:{free_tcp_port}")
    assert isinstance(await deliver(server, url=away), NotSent)
    assert server.state.ledger.writes == ()


def test_the_number_goes_only_where_it_is_needed() -> None:
    assert NIK not in repr(Subject(nik=NIK))
    assert ":nik" in client.CONTRIBUTE
