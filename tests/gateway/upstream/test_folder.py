"""Only complete files of this folder are seen, whatever else lies there and whoever is just writing."""

import asyncio
import os
import threading
from contextlib import nullcontext
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from adapters.contract import FileOfficeSettings, Files
from adapters.errors import UpstreamMalformedError, UpstreamTimeoutError, UpstreamUnavailableError
from adapters.upstream import FileEntry
from gateway.ground.clock import WITA, now
from gateway.ground.deadline import Deadline
from gateway.shared.memory import MemoryShared
from gateway.upstream.files.file_system import FoundFile
from gateway.upstream.files.local import LocalFiles
from gateway.upstream.settings import UpstreamSettings
from gateway.upstream.upstreams import Upstreams

pytestmark = pytest.mark.anyio

SETTLE = 0.1
OPEN = Path("/proc/self/fd")


def opened():
    return len([*OPEN.iterdir()])


@pytest.fixture
async def inbox(anyio_backend, make_spec, tmp_path):
    folder = tmp_path / "inbox"
    folder.mkdir()
    upstreams = Upstreams(MemoryShared(), now, UpstreamSettings(file_settle=timedelta(seconds=SETTLE)))

    def up(seconds=10, **transport):
        return upstreams.call(
            make_spec(),
            None,
            FileOfficeSettings(folder=folder),
            Files(**transport),
            deadline=Deadline.after(timedelta(seconds=seconds)),
        ).up

    yield folder, up, upstreams
    await upstreams.aclose()


def names(entries):
    return [entry.name for entry in entries]


async def test_complete_files_are_listed_oldest_first_and_read_whole(inbox):
    folder, up, _ = inbox
    for age, name in enumerate(["b.csv", "a.xlsx", "c.csv"]):
        (folder / name).write_bytes(name.encode() * 1000)
        os.utime(folder / name, (1_700_000_000 - age, 1_700_000_000 - age))
    entries = await up().list()
    assert names(entries) == ["c.csv", "a.xlsx", "b.csv"]
    assert entries[0].modified_at.isoformat() == "2023-11-15T06:13:18+08:00"
    assert await up().read(entries[1]) == b"a.xlsx" * 1000
    assert names(await up(patterns=("*.csv",)).list()) == ["c.csv", "b.csv"]


@pytest.mark.parametrize("name", [".hidden.csv", "~$peserta.xlsx", "peserta.csv.part", "peserta.TMP", "sub"])
async def test_what_is_being_written_by_agreement_is_not_there(name, inbox):
    folder, up, _ = inbox
    if name == "sub":
        (folder / name).mkdir()
    else:
        (folder / name).write_bytes(b"x")
    assert await up().list() == ()
    with pytest.raises(UpstreamUnavailableError):
        await up().read(FileEntry(name, 1, now()))


async def test_a_file_that_grows_is_left_until_it_rests(inbox):
    folder, up, _ = inbox
    (folder / "done.csv").write_bytes(b"x")
    stop = asyncio.Event()

    async def grow():
        while not stop.is_set():
            with (folder / "growing.csv").open("ab") as file:
                file.write(b"row\n")
            # A writer whose clock stands still: only the size tells.
            os.utime(folder / "growing.csv", (1_600_000_000, 1_600_000_000))
            await asyncio.sleep(0.01)

    growing = asyncio.create_task(grow())
    await asyncio.sleep(0.03)
    assert names(await up().list()) == ["done.csv"]
    assert names(await up().list()) == ["done.csv"]
    stop.set()
    await growing
    assert names(await up().list()) == ["growing.csv", "done.csv"]


async def test_a_complete_file_that_is_being_written_again_is_not_taken_for_gone(inbox):
    folder, up, _ = inbox
    (folder / "list.csv").write_bytes(b"all of it\n")
    assert names(await up().list()) == ["list.csv"]
    stop = asyncio.Event()

    async def write_again():
        while not stop.is_set():
            with (folder / "list.csv").open("ab") as file:
                file.write(b"more\n")
            await asyncio.sleep(0.01)

    writing = asyncio.create_task(write_again())
    await asyncio.sleep(0.03)
    with pytest.raises(UpstreamUnavailableError, match="written again"):
        await up().list()
    stop.set()
    await writing
    assert names(await up().list()) == ["list.csv"]
    (folder / "list.csv").unlink()
    assert await up().list() == ()


async def test_what_was_seen_before_costs_no_second_look(inbox, monkeypatch):
    folder, up, _ = inbox
    (folder / "a.csv").write_bytes(b"x")
    await up().list()
    looks = []
    look = LocalFiles.list_files

    async def counting(self, *given):
        looks.append(given)
        return await look(self, *given)

    monkeypatch.setattr(LocalFiles, "list_files", counting)
    for _ in range(10):
        assert names(await up().list()) == ["a.csv"]
    assert len(looks) == 10


async def test_a_file_that_changed_since_it_was_listed_is_not_read(inbox):
    folder, up, _ = inbox
    (folder / "a.csv").write_bytes(b"old")
    [entry] = await up().list()
    (folder / "a.csv").write_bytes(b"newer")
    with pytest.raises(UpstreamUnavailableError, match="changed"):
        await up().read(entry)
    (folder / "a.csv").unlink()
    with pytest.raises(UpstreamUnavailableError):
        await up().read(entry)


async def test_a_file_over_the_bound_is_refused(inbox):
    folder, up, upstreams = inbox
    (folder / "a.csv").write_bytes(b"x" * 1001)
    [entry] = await up().list()
    assert len(await up(max_bytes=1001).read(entry)) == 1001
    with pytest.raises(UpstreamMalformedError):
        await up(max_bytes=1000).read(entry)
    assert upstreams.status("register", None).cause == "malformed"


@pytest.mark.parametrize(
    "name",
    ["../secret.csv", "..", ".", "", "/etc/passwd", "sub/a.csv", "a\0.csv", "link.csv", "pipe.csv", "dirlink.csv"],
)
async def test_nothing_outside_the_folder_is_read(name, inbox):
    folder, up, _ = inbox
    secret = folder.parent / "secret.csv"
    secret.write_bytes(b"secret")
    os.utime(secret, (1_700_000_000, 1_700_000_000))
    (folder / "sub").mkdir()
    (folder / "sub" / "a.csv").write_bytes(b"secret")
    (folder / "link.csv").symlink_to(secret)
    (folder / "dirlink.csv").symlink_to(folder.parent)
    os.mkfifo(folder / "pipe.csv")
    assert await up().list() == ()
    with pytest.raises(UpstreamUnavailableError) as caught:
        await up().read(FileEntry(name, 6, datetime.fromtimestamp(1_700_000_000, WITA)))
    assert "secret" not in str(caught.value)


async def test_a_missing_folder_is_unavailable_and_comes_back(inbox):
    folder, up, upstreams = inbox
    folder.rename(folder.with_name("away"))
    with pytest.raises(UpstreamUnavailableError) as caught:
        await up().list()
    assert str(folder) not in str(caught.value)
    assert upstreams.status("register", None).cause == "unavailable"
    folder.with_name("away").rename(folder)
    assert await up().list() == ()
    assert upstreams.status("register", None).succeeded_at is not None


@pytest.mark.parametrize("at", [-(10**13), 10**13])
def test_a_time_that_no_calendar_has_is_the_nearest_one(at):
    entry = FoundFile(1, at * 10**9).entry("a.csv")
    assert entry.modified_at.year in {1970, 9999}
    assert entry == FoundFile(1, at * 10**9).entry("a.csv")


async def test_a_name_that_is_listed_and_never_found_ends_the_look(inbox, monkeypatch):
    _, up, _ = inbox
    looked = []

    class Item:
        name = "a.csv"

        def is_file(self, *, follow_symlinks):
            return not follow_symlinks

        def stat(self, *, follow_symlinks):
            raise FileNotFoundError(follow_symlinks)

    def scandir(folder):
        looked.append(folder)
        return nullcontext([Item()])

    monkeypatch.setattr("gateway.upstream.files.local.os.scandir", scandir)
    with pytest.raises(UpstreamUnavailableError):
        await up().list()
    assert len(looked) == 3


@pytest.mark.skipif(not OPEN.is_dir(), reason="nothing tells what is open here")
async def test_a_folder_in_place_of_a_file_leaves_nothing_open(inbox):
    folder, up, _ = inbox
    (folder / "a.csv").write_bytes(b"x")
    [entry] = await up().list()
    (folder / "a.csv").unlink()
    (folder / "a.csv").mkdir()
    before = opened()
    for _ in range(5):
        with pytest.raises(UpstreamUnavailableError):
            await up().read(entry)
    assert opened() == before


async def test_a_folder_that_hangs_ends_with_the_deadline(inbox, monkeypatch):
    _, up, _ = inbox
    real = os.scandir
    going = threading.Event()
    monkeypatch.setattr("gateway.upstream.files.local.os.scandir", lambda path: (going.wait(60), real(path))[1])
    try:
        with pytest.raises(UpstreamTimeoutError):
            await up(seconds=0.1).list()
    finally:
        going.set()


async def test_a_folder_of_too_many_files_is_refused(inbox, monkeypatch):
    folder, up, _ = inbox
    monkeypatch.setattr("gateway.upstream.files.local.MOST_FILES", 3)
    for number in range(4):
        (folder / f"{number}.csv").touch()
    with pytest.raises(UpstreamMalformedError):
        await up().list()
