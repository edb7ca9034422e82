"""Folders of a server: the same promises as for a folder of this machine, whatever the server or the line does."""

import asyncio
import os
import time
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path

import asyncssh
import pytest
from pydantic import ValidationError

from adapters.contract import FileOfficeSettings, Files
from adapters.errors import (
    CredentialsRefusedError,
    NotSentError,
    UpstreamMalformedError,
    UpstreamTimeoutError,
    UpstreamUnavailableError,
)
from conformance.loopback import LoopbackServer
from gateway.ground.clock import now
from gateway.ground.deadline import Deadline
from gateway.shared.memory import MemoryShared
from gateway.upstream.files.folder import Folder
from gateway.upstream.files.local import LocalFiles
from gateway.upstream.files.sftp import SftpFiles
from gateway.upstream.settings import UpstreamSettings
from gateway.upstream.upstreams import Upstreams
from tests.gateway.sftp_servers import PASSWORD, Session, asyncssh_server, new_key, openssh_server, private, public

pytestmark = [pytest.mark.anyio, pytest.mark.sockets]

SETTLE = 0.1


@pytest.fixture
async def server(anyio_backend, monkeypatch):
    # What whole seconds cost is tried once, below.
    monkeypatch.setattr(SftpFiles, "extra_settle", 0.0)
    async with asyncssh_server() as running:
        yield running


@pytest.fixture(params=["asyncssh", "openssh"])
async def either(request, anyio_backend, tmp_path, monkeypatch):
    monkeypatch.setattr(SftpFiles, "extra_settle", 0.0)
    (tmp_path / "keys").mkdir()
    served = asyncssh_server() if request.param == "asyncssh" else openssh_server(tmp_path / "keys")
    async with served as running:
        yield running


@pytest.fixture
async def reach(anyio_backend, make_spec, tmp_path):
    """`reach(server, seconds=…, settings={…}, **transport)` is what an adapter is handed."""
    tuning = UpstreamSettings(file_settle=timedelta(seconds=SETTLE), connect_within=timedelta(seconds=2))
    upstreams = Upstreams(MemoryShared(), now, tuning)
    for name in ("inbox", "out"):
        (tmp_path / name).mkdir()

    def up(server, seconds=10, settings=None, sftp=None, **transport):
        given = {"folder": str(tmp_path / "inbox"), "outbox": str(tmp_path / "out"), **(settings or {})}
        office = FileOfficeSettings.model_validate({**given, "sftp": server.settings(**(sftp or {}))})
        deadline = Deadline.after(timedelta(seconds=seconds))
        return upstreams.call(make_spec(), None, office, Files(**transport), deadline=deadline).up

    up.inbox, up.out, up.upstreams = tmp_path / "inbox", tmp_path / "out", upstreams
    yield up
    await upstreams.aclose()


def names(entries):
    return [entry.name for entry in entries]


async def test_complete_files_are_listed_oldest_first_and_read_whole(either, reach):
    for age, name in enumerate(["b.csv", "a.xlsx", "c.csv"]):
        (reach.inbox / name).write_bytes(name.encode() * 50_000)
        os.utime(reach.inbox / name, (1_700_000_000 - age, 1_700_000_000 - age))
    for left_alone in (".hidden.csv", "~$a.xlsx", "d.csv.part", "e.TMP"):
        (reach.inbox / left_alone).write_bytes(b"x")
    (reach.inbox / "link.csv").symlink_to(reach.inbox / "b.csv")
    (reach.inbox / "folder.csv").mkdir()
    (reach.inbox / os.fsdecode(b"caf\xe9.csv")).write_bytes(b"x")
    up = reach(either)
    entries = await up.list()
    assert [name for name in names(entries) if name.isascii()] == ["c.csv", "a.xlsx", "b.csv"]
    assert entries[0].modified_at.isoformat() == "2023-11-15T06:13:18+08:00"
    assert await up.read(entries[1]) == b"a.xlsx" * 50_000
    assert names(await reach(either, patterns=("[a-z].csv",)).list()) == ["c.csv", "b.csv"]


async def test_a_file_that_grows_is_left_until_it_rests(either, reach):
    (reach.inbox / "done.csv").write_bytes(b"x")
    os.utime(reach.inbox / "done.csv", (1_500_000_000, 1_500_000_000))
    stop = asyncio.Event()

    async def grow():
        while not stop.is_set():
            with (reach.inbox / "growing.csv").open("ab") as file:
                file.write(b"row\n")
            os.utime(reach.inbox / "growing.csv", (1_600_000_000, 1_600_000_000))
            await asyncio.sleep(0.01)

    growing = asyncio.create_task(grow())
    await asyncio.sleep(0.03)
    assert names(await reach(either).list()) == ["done.csv"]
    stop.set()
    await growing
    assert names(await reach(either).list()) == ["done.csv", "growing.csv"]


async def test_a_file_is_put_whole_under_its_name(either, reach):
    up = reach(either, writes=("for_*.csv",))
    await up.put("for_them.csv", b"one row\n" * 20_000)
    assert (reach.out / "for_them.csv").read_bytes() == b"one row\n" * 20_000
    assert up.wrote
    # Once more under the same name: the later one stands.
    await up.put("for_them.csv", b"another\n")
    assert [path.name for path in reach.out.iterdir()] == ["for_them.csv"]
    assert (reach.out / "for_them.csv").read_bytes() == b"another\n"


async def test_nothing_can_be_put_where_there_is_no_folder_for_it(either, reach):
    for outbox in ("nowhere", None):
        up = reach(either, settings={"outbox": outbox and str(reach.out / outbox)}, writes=("*.csv",))
        with pytest.raises(NotSentError):
            await up.put("a.csv", b"x")
        assert not up.wrote


async def test_a_folder_that_is_not_there_is_unavailable(either, reach):
    with pytest.raises(UpstreamUnavailableError) as caught:
        await reach(either, settings={"folder": str(reach.inbox / "nowhere")}).list()
    assert "nowhere" not in str(caught.value)


async def test_a_password_lets_us_in_and_nothing_else_of_this_machine_is_tried(server, reach, tmp_path, monkeypatch):
    home = tmp_path / "home"
    (home / ".ssh").mkdir(parents=True)
    (home / ".ssh" / "id_ed25519").write_text(private(server.client_key))
    (home / ".ssh" / "config").write_text("Host *\n  User nobody\n  Port 1\n")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("SSH_AUTH_SOCK", str(home / "agent"))
    assert await reach(server, sftp={"password": PASSWORD}).list() == ()
    assert server.attempts == ["password"]


async def test_a_server_with_another_key_is_told_no_password(server, reach):
    up = reach(server, sftp={"password": PASSWORD, "host_keys": [public(new_key())]})
    with pytest.raises(CredentialsRefusedError, match="none of the configured ones"):
        await up.list()
    assert server.attempts == []
    # For a while nobody knocks again.
    with pytest.raises(CredentialsRefusedError):
        await up.list()
    assert len(server.connections) == 1
    assert reach.upstreams.status("register", None).cause == "credentials-refused"


async def test_any_of_several_keys_of_the_server_will_do(server, reach):
    keys = [public(new_key()), public(server.host_key)]
    assert await reach(server, sftp={"host_keys": keys}).list() == ()


@pytest.mark.parametrize("credential", [{"password": "salah"}, {"private_key": private(new_key())}])
async def test_a_refused_login_is_not_tried_again_at_once(server, reach, credential):
    for _ in range(3):
        with pytest.raises(CredentialsRefusedError) as caught:
            await reach(server, sftp=credential).list()
    assert "salah" not in f"{caught.value!r}"
    assert len(server.connections) == 1
    assert server.attempts == ["password" if "password" in credential else "key"]


@pytest.mark.parametrize("host", ["a..b", "a" * 64 + ".example"])
async def test_a_name_that_no_server_can_have_is_unavailable(server, reach, host):
    with pytest.raises(UpstreamUnavailableError):
        await reach(server, sftp={"host": host}).list()


async def test_a_refusal_that_is_said_again_holds_nothing_of_those_who_asked_before(server, reach):
    told = []
    for _ in range(3):
        with pytest.raises(CredentialsRefusedError) as caught:
            await reach(server, sftp={"password": "salah"}).list()
        told.append(caught.value)
    assert len({id(error) for error in told}) == 3


@pytest.mark.parametrize("credential", [{"private_key": "no key"}, {"host_keys": ["ssh-ed25519 AAAA"]}])
async def test_keys_that_cannot_be_read_are_said(server, reach, credential):
    with pytest.raises(CredentialsRefusedError, match="cannot be parsed"):
        await reach(server, sftp=credential).list()
    assert server.connections == []


def test_settings_keep_their_secrets_and_need_one_credential():
    given = {"host": "sftp.example", "username": "gerbang", "host_keys": ["ssh-ed25519 AAAA"]}
    office = FileOfficeSettings.model_validate({"folder": "/drop", "sftp": {**given, "password": PASSWORD}})
    assert PASSWORD not in repr(office)
    for credentials in ({}, {"password": PASSWORD, "private_key": "x"}):
        with pytest.raises(ValidationError) as caught:
            FileOfficeSettings.model_validate({"folder": "/drop", "sftp": {**given, **credentials}})
        assert PASSWORD not in str(caught.value)
    with pytest.raises(ValidationError, match="needs an archive"):
        FileOfficeSettings.model_validate({"folder": "/drop", "quarantine": "karantina"})


async def listed(reach, server, **transport):
    (reach.inbox / "a.csv").write_bytes(b"abcd" * 100_000)
    os.utime(reach.inbox / "a.csv", (1_700_000_000, 1_700_000_000))
    (entry,) = await reach(server, **transport).list()
    return entry


async def test_a_connection_lost_in_the_middle_of_a_file_is_no_file(server, reach):
    entry = await listed(reach, server)
    seen = []

    def lose(session, request, _path):
        seen.append(request)
        if seen.count("read") == 3:
            session.cut()

    server.before = lose
    with pytest.raises(UpstreamUnavailableError, match="connection"):
        await reach(server).read(entry)
    server.before = lambda *_: None
    assert len(await reach(server).read(entry)) == 400_000
    assert len(server.connections) == 2


async def test_a_server_that_went_away_is_found_again(server, reach):
    entry = await listed(reach, server)
    for connection in server.connections:
        connection.abort()
    # Nobody has noticed yet: the first to ask may have to say that it was lost.
    with suppress(UpstreamUnavailableError):
        await reach(server).read(entry)
    assert len(await reach(server).read(entry)) == 400_000


@pytest.mark.parametrize(
    "told", [{"size": 5}, {"size": 5, "permissions": 0o100644}, {"permissions": 0o100644, "mtime": 1}]
)
async def test_a_folder_whose_files_are_not_told_of_is_not_taken_for_empty(server, reach, monkeypatch, told):
    (reach.inbox / "a.csv").write_bytes(b"x")
    whole = Session.scandir

    async def little(session, path):
        async for item in whole(session, path):
            item.attrs = asyncssh.SFTPAttrs(**told)
            yield item

    monkeypatch.setattr(Session, "scandir", little)
    with pytest.raises(UpstreamMalformedError, match="does not report"):
        await reach(server).list()
    assert await reach(server, patterns=("*.xlsx",)).list() == ()


async def test_a_server_that_is_not_there_is_unavailable(reach, anyio_backend):
    async with asyncssh_server() as server:
        pass
    with pytest.raises(UpstreamUnavailableError):
        await reach(server).list()
    up = reach(server, writes=("*.csv",))
    with pytest.raises(NotSentError):
        await up.put("a.csv", b"x")
    assert not up.wrote


@pytest.mark.parametrize("how", ["grows", "is replaced", "is written again"])
async def test_a_file_that_changes_while_it_is_read_is_not_taken(server, reach, how):
    entry = await listed(reach, server)
    path = reach.inbox / "a.csv"

    def change(_session, request, _path):
        if request != "read" or server.requests.count("read") != 2:
            return
        if how == "grows":
            with path.open("ab") as file:
                file.write(b"more")
        elif how == "is replaced":
            path.with_suffix(".new").write_bytes(b"efgh" * 100_000)
            path.with_suffix(".new").replace(path)
        else:
            path.write_bytes(b"efgh" * 100_000)

    server.before = change
    with pytest.raises(UpstreamUnavailableError, match="changed while it was read"):
        await reach(server).read(entry)


async def test_a_file_that_changed_since_it_was_listed_is_not_read(server, reach):
    entry = await listed(reach, server)
    (reach.inbox / "a.csv").write_bytes(b"short")
    with pytest.raises(UpstreamUnavailableError, match="since it was listed"):
        await reach(server).read(entry)
    (reach.inbox / "a.csv").unlink()
    with pytest.raises(UpstreamUnavailableError):
        await reach(server).read(entry)


@pytest.mark.parametrize(("settle", "rests"), [(0.5, 1.5), (0.0, 0.0)])
def test_on_a_server_a_file_rests_a_second_longer(tmp_path, settle, rests):
    # Times are whole seconds there: what is written again within one would look the same.
    sftp = {"host": "localhost", "username": "gerbang", "host_keys": [public(new_key())], "password": PASSWORD}
    office = FileOfficeSettings.model_validate({"folder": tmp_path, "sftp": sftp})
    assert Folder(SftpFiles(office.sftp, UpstreamSettings()), office, settle, now)._settle == rests
    assert Folder(LocalFiles(), office, settle, now)._settle == settle


async def test_a_file_over_the_bound_is_refused_unread(server, reach):
    entry = await listed(reach, server)
    with pytest.raises(UpstreamMalformedError, match="larger"):
        await reach(server, max_bytes=399_999).read(entry)
    assert "read" not in server.requests
    assert len(await reach(server, max_bytes=400_000).read(entry)) == 400_000


async def test_a_folder_of_too_many_files_is_refused(server, reach, monkeypatch):
    monkeypatch.setattr("gateway.upstream.files.sftp._LARGEST_LISTING", 4)
    for number in range(5):
        (reach.inbox / f"{number}.other").touch()
    with pytest.raises(UpstreamMalformedError):
        await reach(server, patterns=("*.csv",)).list()
    monkeypatch.setattr("gateway.upstream.files.sftp.MOST_FILES", 3)
    with pytest.raises(UpstreamMalformedError):
        await reach(server).list()


@asynccontextmanager
async def another(serve):
    """Something else where an SFTP server should be."""
    async with asyncssh_server() as server:
        pass
    async with LoopbackServer(serve, port=server.port) as listening:
        yield server
        # The client has closed its connection.
        async with asyncio.timeout(10):
            await listening.idle()


async def test_a_server_that_hangs_ends_with_the_deadline(reach, anyio_backend):
    async def silent(reader, _writer):
        await reader.read()

    async with another(silent) as server:
        began = time.monotonic()
        with pytest.raises(UpstreamTimeoutError):
            await reach(server, seconds=0.2).list()
        assert time.monotonic() - began < 60


async def test_a_server_that_is_no_sftp_server_is_an_error_of_the_tree(reach, anyio_backend):
    async def web(_reader, writer):
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n" * 2000)
        await writer.drain()

    async with another(web) as server:
        with pytest.raises((UpstreamUnavailableError, UpstreamMalformedError)):
            await reach(server).list()


async def test_a_file_for_the_office_is_written_under_another_name_first(server, reach):
    seen = []

    def watch(_session, request, path):
        seen.append((request, Path(os.fsdecode(path)).name, sorted(one.name for one in reach.out.iterdir())))

    server.before = watch
    await reach(server, writes=("*.csv",)).put("a.csv", b"x" * 100)
    assert seen[0] == ("open", ".a.csv.part", [])
    assert seen[-2:] == [("rename", "a.csv", [".a.csv.part"]), ("renamed", "a.csv", ["a.csv"])]


async def test_a_server_without_the_better_rename_takes_a_new_file_and_no_second_one(server, reach):
    server.posix_rename = False
    await reach(server, writes=("*.csv",)).put("a.csv", b"first")
    up = reach(server, writes=("*.csv",))
    with pytest.raises(NotSentError):
        await up.put("a.csv", b"second")
    assert (reach.out / "a.csv").read_bytes() == b"first"
    assert [path.name for path in reach.out.iterdir()] == ["a.csv"]


@pytest.mark.parametrize(("at", "there"), [("write", False), ("rename", False), ("renamed", True)])
async def test_a_connection_lost_around_a_write_leaves_no_doubt_where_the_server_comes_back(server, reach, at, there):
    def lose(session, request, _path):
        if request == at:
            server.before = lambda *_: None
            session.cut()
            if request == "rename":
                raise asyncssh.SFTPFailure("gone")

    server.before = lose
    up = reach(server, writes=("*.csv",))
    if there:
        await up.put("a.csv", b"x")
    else:
        with pytest.raises(NotSentError):
            await up.put("a.csv", b"x")
    assert up.wrote is there
    assert (reach.out / "a.csv").exists() is there


async def test_a_server_that_stays_away_after_a_write_leaves_a_doubt(server, reach):
    def lose(session, request, _path):
        if request in ("renamed", "remove"):
            session.cut()

    server.before = lose
    up = reach(server, writes=("*.csv",))
    with pytest.raises(UpstreamUnavailableError, match="connection"):
        await up.put("a.csv", b"x")
    assert up.wrote
    assert (reach.out / "a.csv").exists()
