"""Files that are picked up, versions that are set aside, files for the office: in a folder and on a server alike."""

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import pytest

from adapters.contract import FileOfficeSettings, Files
from adapters.errors import NotSentError, QueryRefusedError, UpstreamTimeoutError, UpstreamUnavailableError
from gateway.ground.deadline import Deadline
from gateway.shared.memory import MemoryShared
from gateway.upstream.files.sftp import SftpFiles
from gateway.upstream.settings import UpstreamSettings
from gateway.upstream.upstreams import Upstreams
from tests.gateway.sftp_servers import asyncssh_server

pytestmark = pytest.mark.anyio

SETTLE = 0.1
NOON = datetime(2026, 11, 26, 4, 0, tzinfo=UTC)
FOLDERS = ("arsip", "karantina", "keluar")


class Office:
    """One office with an archive, a quarantine and an outbox; `again()` is the gateway after a restart."""

    def __init__(self, settings, make_spec):
        self.settings, self._make_spec, self.now = settings, make_spec, NOON
        self.upstreams = []
        self.inbox = settings.folder
        self.archive, self.quarantine, self.out = (self.inbox / name for name in FOLDERS)
        self.again()

    def again(self, **how):
        tuning = UpstreamSettings(file_settle=timedelta(seconds=SETTLE))
        self.upstreams.append(Upstreams(MemoryShared(), lambda: self.now, tuning, **how))

    def up(self, seconds=10, **transport):
        deadline = Deadline.after(timedelta(seconds=seconds))
        return (
            self.upstreams[-1]
            .call(
                self._make_spec(), None, self.settings, Files(**({"writes": ("for_*",)} | transport)), deadline=deadline
            )
            .up
        )

    def drop(self, name, content):
        draft = self.inbox / f".{name}.part"
        draft.write_bytes(content)
        draft.replace(self.inbox / name)

    async def contents(self, **transport):
        up = self.up(**transport)
        return {entry.name: await up.read(entry) for entry in await up.list()}

    def archived(self):
        return sorted(path.name for path in self.archive.iterdir())


@pytest.fixture(params=["a folder", pytest.param("a server", marks=pytest.mark.sockets)])
async def office(request, anyio_backend, make_spec, tmp_path, monkeypatch):
    monkeypatch.setattr(SftpFiles, "extra_settle", 0.0)
    inbox = tmp_path / "inbox"
    for path in (inbox, *(inbox / name for name in FOLDERS)):
        path.mkdir()
    given = {"folder": inbox, "archive": "arsip", "quarantine": "karantina", "outbox": "keluar"}
    async with AsyncExitStack() as stack:
        if request.param == "a server":
            server = await stack.enter_async_context(asyncssh_server())
            given["sftp"] = server.settings()
        office = Office(FileOfficeSettings.model_validate(given), make_spec)
        yield office
        for upstreams in office.upstreams:
            await upstreams.aclose()


async def test_what_was_picked_up_stays_part_of_what_the_folder_says(office):
    office.drop("a.csv", b"first a")
    office.drop("b.csv", b"first b")
    assert await office.contents() == {"a.csv": b"first a", "b.csv": b"first b"}
    assert sorted(path.name for path in office.inbox.iterdir()) == sorted(FOLDERS)
    assert [name.partition("~")[2] for name in office.archived()] == ["a.csv", "b.csv"]
    office.drop("b.csv", b"second b")
    assert await office.contents() == {"a.csv": b"first a", "b.csv": b"second b"}
    office.again()
    assert await office.contents() == {"a.csv": b"first a", "b.csv": b"second b"}


async def test_the_version_before_is_kept_and_no_older_one(office):
    for content in (b"1", b"22", b"333", b"4444"):
        office.drop("a.csv", content)
        assert await office.contents() == {"a.csv": content}
    kept = office.archived()
    assert [(office.archive / name).read_bytes() for name in kept] == [b"333", b"4444"]
    # Which is the newer one does not hang on the clock, which stood still.
    assert kept[0].startswith("20261126T040000.000002Z~")


async def test_a_clock_that_is_put_back_makes_no_version_older(office):
    office.drop("a.csv", b"first")
    await office.contents()
    office.now = NOON - timedelta(days=400)
    office.drop("a.csv", b"second")
    assert await office.contents() == {"a.csv": b"second"}
    office.again()
    assert await office.contents() == {"a.csv": b"second"}


async def test_whoever_only_looks_reads_the_same_and_moves_nothing(office):
    for content in (b"good", b"better"):
        office.drop("a.csv", content)
        await office.contents()
    office.drop("a.csv", b"the newest")
    office.drop("b.csv", b"never picked up")
    (office.inbox / ".c.csv.part").write_bytes(b"half")
    before = {path: path.read_bytes() for path in office.inbox.rglob("*") if path.is_file()}
    office.again(read_only=True)
    assert await office.contents() == {"a.csv": b"the newest", "b.csv": b"never picked up"}
    up = office.up()
    (entry, _) = await up.list()
    assert not await up.set_aside(entry)
    assert {path: path.read_bytes() for path in office.inbox.rglob("*") if path.is_file()} == before
    office.again()
    assert await office.contents() == {"a.csv": b"the newest", "b.csv": b"never picked up"}
    office.again(read_only=True)
    assert await office.contents() == {"a.csv": b"the newest", "b.csv": b"never picked up"}


async def test_a_version_that_is_set_aside_makes_room_for_the_one_before(office):
    office.drop("a.csv", b"good")
    await office.contents()
    office.drop("a.csv", b"broken")
    up = office.up()
    (entry,) = await up.list()
    assert await up.set_aside(entry)
    assert await office.contents() == {"a.csv": b"good"}
    assert [path.read_bytes() for path in office.quarantine.iterdir()] == [b"broken"]
    office.again()
    assert await office.contents() == {"a.csv": b"good"}
    office.drop("a.csv", b"repaired")
    assert await office.contents() == {"a.csv": b"repaired"}


async def test_the_last_version_is_never_set_aside(office):
    office.drop("a.csv", b"broken")
    up = office.up()
    (entry,) = await up.list()
    assert not await up.set_aside(entry)
    assert await office.contents() == {"a.csv": b"broken"}
    assert list(office.quarantine.iterdir()) == []


async def test_only_the_version_that_was_read_is_set_aside(office):
    office.drop("a.csv", b"good")
    await office.contents()
    office.drop("a.csv", b"broken")
    up = office.up()
    (entry,) = await up.list()
    office.drop("a.csv", b"repaired meanwhile")
    await office.contents()
    assert not await up.set_aside(entry)
    assert await office.contents() == {"a.csv": b"repaired meanwhile"}


async def test_a_version_that_somebody_took_away_is_not_set_aside(office):
    for content in (b"good", b"broken"):
        office.drop("a.csv", content)
        await office.contents()
    up = office.up()
    (entry,) = await up.list()
    before, newest = (office.archive / name for name in office.archived())
    newest.unlink()
    stop = asyncio.Event()

    async def grow():
        while not stop.is_set():
            with before.open("ab") as file:
                file.write(b"more\n")
            await asyncio.sleep(0.01)

    growing = asyncio.create_task(grow())
    await asyncio.sleep(0.03)
    with pytest.raises(UpstreamUnavailableError, match="written again"):
        await up.list()
    assert not await up.set_aside(entry)
    stop.set()
    await growing


async def test_without_a_quarantine_nothing_is_set_aside(office):
    office.settings = office.settings.model_copy(update={"quarantine": None})
    for content in (b"good", b"broken"):
        office.drop("a.csv", content)
        await office.contents()
    up = office.up()
    (entry,) = await up.list()
    assert not await up.set_aside(entry)


async def test_a_file_that_is_still_written_is_not_picked_up(office):
    (office.inbox / "a.csv").write_bytes(b"row\n")
    stop = asyncio.Event()

    async def grow():
        while not stop.is_set():
            with (office.inbox / "a.csv").open("ab") as file:
                file.write(b"row\n")
            await asyncio.sleep(0.01)

    growing = asyncio.create_task(grow())
    await asyncio.sleep(0.03)
    assert await office.contents() == {}
    assert office.archived() == []
    stop.set()
    await growing
    assert (await office.contents()).keys() == {"a.csv"}


async def test_a_writer_that_goes_on_after_the_file_was_picked_up_is_noticed(office):
    with (office.inbox / "a.csv").open("ab") as file:
        file.write(b"rows\n")
        file.flush()
        assert await office.contents() == {"a.csv": b"rows\n"}
        up = office.up()
        (entry,) = await up.list()
        stop = asyncio.Event()

        async def grow():
            while not stop.is_set():
                file.write(b"more\n")
                file.flush()
                await asyncio.sleep(0.01)

        growing = asyncio.create_task(grow())
        await asyncio.sleep(0.03)
        with pytest.raises(UpstreamUnavailableError, match="changed"):
            await up.read(entry)
        with pytest.raises(UpstreamUnavailableError, match="written again"):
            await up.list()
        stop.set()
        await growing
    assert (await office.contents())["a.csv"].endswith(b"more\n")


async def test_questions_that_come_together_pick_a_file_up_once(office):
    for number in range(5):
        office.drop(f"{number}.csv", b"x")
    found = await asyncio.gather(*(office.contents(patterns=(pattern,)) for pattern in ("*.csv", "[0-2].csv", "*")))
    assert [len(one) for one in found] == [5, 3, 5]
    assert len(office.archived()) == 5


async def test_two_processes_pick_a_file_up_once(office):
    first = office.upstreams[-1]
    office.drop("a.csv", b"first")
    await office.contents()
    office.again()
    await office.contents()
    for number in range(3):
        office.drop("a.csv", b"second" * (number + 1))
        deadline = Deadline.after(timedelta(seconds=10))
        other = first.call(office._make_spec(), None, office.settings, Files(), deadline=deadline).up
        both = await asyncio.gather(office.contents(), other.list(), return_exceptions=True)
        assert not [one for one in both if isinstance(one, BaseException)]
        assert await office.contents() == {"a.csv": b"second" * (number + 1)}
    assert len(office.archived()) == 2


@pytest.mark.parametrize("missing", ["arsip", "inbox"])
async def test_a_folder_that_is_missing_withdraws_nothing(office, missing):
    office.drop("a.csv", b"x")
    await office.contents()
    path = office.inbox if missing == "inbox" else office.inbox / missing
    path.rename(path.with_name("away"))
    with pytest.raises(UpstreamUnavailableError):
        await office.contents()
    path.with_name("away").rename(path)
    assert await office.contents() == {"a.csv": b"x"}


async def test_what_is_in_the_archive_by_other_means_is_left_alone(office):
    office.drop("a.csv", b"x")
    await office.contents()
    for name in ("notes.txt", "a.csv", ".hidden~a.csv", "~a.csv", "zzz~a.csv", "20261126T040000Z~a.csv"):
        (office.archive / name).write_bytes(b"not ours")
    assert await office.contents(patterns=("*.csv",)) == {"a.csv": b"x"}


async def test_a_question_that_cannot_wait_is_late(office, monkeypatch):
    office.drop("a.csv", b"x")
    looking = asyncio.create_task(office.contents())
    await asyncio.sleep(SETTLE / 2)
    with pytest.raises(UpstreamTimeoutError):
        await office.up(seconds=0.01).list()
    assert await looking == {"a.csv": b"x"}


async def test_only_declared_names_are_put_and_only_into_the_outbox(office):
    up = office.up()
    for name in ("a.csv", "../for_a.csv", "for_/../../a", ".for_a", "for_a.part", ""):
        with pytest.raises(QueryRefusedError):
            await up.put(name, b"x")
    assert list(office.out.iterdir()) == []
    await up.put("for_a.csv", b"x")
    assert [path.name for path in office.out.iterdir()] == ["for_a.csv"]
    assert up.wrote


async def test_what_cannot_be_written_is_not_sent(office):
    (office.out / "for_a.csv").mkdir()
    (office.out / "for_a.csv" / "full").touch()
    up = office.up()
    with pytest.raises(NotSentError):
        await up.put("for_a.csv", b"x")
    assert not up.wrote
    assert [path.name for path in office.out.iterdir()] == ["for_a.csv"]
