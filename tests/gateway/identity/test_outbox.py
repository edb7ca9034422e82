"""Messages: written with what they tell, sent afterwards, once; whoever fails or dies leaves them to the next try."""

import asyncio
import json
import stat
from datetime import timedelta

import httpx
import pytest
import respx
from pydantic import ValidationError
from sqlalchemy import select, text

from conformance.loopback import LoopbackServer
from gateway.identity.contacts import ContactAddress, ContactKind
from gateway.identity.messages.outbox import (
    CLAIM_TIME,
    LIFE,
    RETRY_PAUSES,
    Message,
    MessageNotSentError,
    Outbox,
    OutboxWorker,
)
from gateway.identity.messages.senders import FileSender, SmsWebhook, SmtpSender, build_senders, read_messages
from gateway.identity.messages.settings import MessageSettings
from gateway.identity.messages.texts import MESSAGES, MessageKind
from gateway.storage.tables.messages import OutboxMessageRow

pytestmark = pytest.mark.anyio

GALUH = ContactAddress(ContactKind.EMAIL, "galuh@example.id")


class Carrier:
    """A sender that notes what it was given, and refuses as often as told."""

    def __init__(self, refusals=0):
        self.refusals = refusals
        self.taken = []

    async def send(self, message):
        if self.refusals:
            self.refusals -= 1
            raise MessageNotSentError
        await asyncio.sleep(0)
        self.taken.append(message)


@pytest.fixture
def outbox(sealer, clock):
    return Outbox(sealer, clock)


def outbox_worker(database, sealer, clock, outbox, carrier):
    return OutboxWorker(database, sealer, clock, outbox, {ContactKind.EMAIL: carrier})


async def written(database, outbox, to=GALUH, **more):
    async with database.session() as session:
        outbox.add(session, MessageKind.REGISTER_CODE, to, "en", words={"code": "123456"}, **more)


async def rows(database):
    async with database.session() as session:
        return (await session.scalars(select(OutboxMessageRow))).all()


async def test_two_processes_send_each_message_once(either_database, sealer, clock, outbox):
    for _ in range(8):
        await written(either_database, outbox)
    carrier = Carrier()
    couriers = [outbox_worker(either_database, sealer, clock, outbox, carrier) for _ in range(2)]
    sent = await asyncio.gather(*(one.deliver_due() for one in couriers))
    assert sum(sent) == len(carrier.taken) == 8
    assert len({message.number for message in carrier.taken}) == 8
    assert all(row.sealed == b"" and row.sent_at and row.due_at is None for row in await rows(either_database))


async def test_what_was_not_committed_is_not_sent_and_nothing_stands_in_clear(database, sealer, clock, outbox):
    async with database.session() as session:
        outbox.add(session, MessageKind.REGISTER_CODE, GALUH, "en", words={"code": "123456"})
        await session.rollback()
    carrier = Carrier()
    assert await outbox_worker(database, sealer, clock, outbox, carrier).deliver_due() == 0
    await written(database, outbox)
    [row] = await rows(database)
    assert b"galuh" not in row.sealed
    assert b"123456" not in row.sealed


async def test_a_refused_message_is_tried_again_with_the_same_number_and_given_up_at_last(
    database, sealer, clock, outbox
):
    await written(database, outbox)
    carrier = Carrier(refusals=2)
    sending = outbox_worker(database, sealer, clock, outbox, carrier)
    assert await sending.deliver_due() == 0
    assert await sending.deliver_due() == 0, "not before its time"
    for wait in RETRY_PAUSES[:2]:
        clock.forward(wait)
        await sending.deliver_due()
    assert [message.number for message in carrier.taken] == ["gerbang-1"]
    await written(database, outbox, life=timedelta(days=9))
    carrier.refusals = 99
    for wait in (*RETRY_PAUSES, timedelta(hours=1)):
        await sending.deliver_due()
        clock.forward(wait)
    assert carrier.refusals == 99 - len(RETRY_PAUSES) - 1
    assert (await rows(database))[1].sealed == b""


async def test_a_process_that_dies_while_sending_leaves_it_to_the_next(database, sealer, clock, outbox):
    class Dying(Carrier):
        async def send(self, message):
            raise asyncio.CancelledError

    await written(database, outbox)
    with pytest.raises(asyncio.CancelledError):
        await outbox_worker(database, sealer, clock, outbox, Dying()).deliver_due()
    carrier = Carrier()
    following = outbox_worker(database, sealer, clock, outbox, carrier)
    assert await following.deliver_due() == 0
    clock.forward(CLAIM_TIME)
    assert await following.deliver_due() == 1


async def test_what_is_too_late_or_to_nobody_is_not_sent(database, sealer, clock, outbox):
    await written(database, outbox, to=None)
    await written(database, outbox)
    clock.forward(LIFE + timedelta(seconds=1))
    carrier = Carrier()
    assert await outbox_worker(database, sealer, clock, outbox, carrier).deliver_due() == 0
    assert carrier.taken == []
    assert all(row.sealed == b"" and row.due_at is None and row.sent_at is None for row in await rows(database))


async def test_the_courier_is_woken(database, sealer, clock, outbox):
    arrived = asyncio.Event()

    class Waking(Carrier):
        async def send(self, message):
            arrived.set()

    running = outbox_worker(database, sealer, clock, outbox, Waking())
    running.start()
    await written(database, outbox)
    async with asyncio.timeout(10):
        await arrived.wait()
    await running.aclose()


async def test_a_database_that_is_away_at_the_start_does_not_end_the_courier(database, sealer, clock, outbox, caplog):
    arrived = asyncio.Event()

    class Waking(Carrier):
        async def send(self, message):
            arrived.set()

    async with database.begin() as connection:
        await connection.execute(text("ALTER TABLE outbox RENAME TO elsewhere"))
    running = outbox_worker(database, sealer, clock, outbox, Waking())
    running.start()
    async with asyncio.timeout(10):
        while "outbox not served" not in caplog.messages:  # noqa: ASYNC110 - a line of a log is no event
            await asyncio.sleep(0.01)
    async with database.begin() as connection:
        await connection.execute(text("ALTER TABLE elsewhere RENAME TO outbox"))
    await written(database, outbox)
    async with asyncio.timeout(10):
        await arrived.wait()
    await running.aclose()


async def test_what_was_settled_a_month_ago_is_dropped_and_what_waits_is_not(database, sealer, clock, outbox):
    sending = outbox_worker(database, sealer, clock, outbox, Carrier())
    await written(database, outbox)
    await sending.deliver_due()
    await written(database, outbox, life=timedelta(days=60))
    clock.forward(timedelta(days=30))
    await sending.delete_expired()
    assert len(await rows(database)) == 2
    clock.forward(timedelta(seconds=1))
    await sending.delete_expired()
    assert [row.sent_at for row in await rows(database)] == [None]


async def test_the_demonstrations_file_is_its_owners(tmp_path):
    path = tmp_path / "messages.jsonl"
    assert read_messages(path) == []
    for number in ("1", "2"):
        await FileSender(path).send(Message(number, GALUH, "Kode", "Kode: 123456"))
    assert [message["number"] for message in read_messages(path)] == ["1", "2"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(MessageNotSentError):
        await FileSender(tmp_path / "nowhere" / "x").send(Message("3", GALUH, "", ""))


def mail_server(said, refuse):
    """A mail server on loopback."""

    async def talk(reader, writer):
        writer.write(b"220 ready\r\n")
        data = False
        while line := await reader.readline():
            said.append(line.decode().rstrip())
            if data and line != b".\r\n":
                continue
            word = line[:4].upper().strip()
            if data:
                data = False
                writer.write(b"250 taken\r\n")
            elif word == b"DATA":
                data = True
                writer.write(b"354 go on\r\n")
            elif word == b"RCPT" and refuse:
                writer.write(b"451 later\r\n")
            elif word == b"QUIT":
                writer.write(b"221 bye\r\n")
                break
            else:
                writer.write(b"250 ok\r\n")
        await writer.drain()

    return LoopbackServer(talk)


@pytest.mark.parametrize("refuse", [False, True])
@pytest.mark.sockets
async def test_e_mail_goes_by_smtp(refuse):
    said = []
    message = Message("gerbang-7", GALUH, "Kode", "Kode: 123456 – é")
    async with mail_server(said, refuse) as server:
        settings = MessageSettings(
            sender="gerbang@banjarmasin.example", smtp_host="127.0.0.1", smtp_port=server.port, smtp_security="none"
        )
        if refuse:
            with pytest.raises(MessageNotSentError):
                await SmtpSender(settings).send(message)
        else:
            await SmtpSender(settings).send(message)
            assert "Message-ID: <gerbang-7@banjarmasin.example>" in said
            assert "To: galuh@example.id" in said
    with pytest.raises(MessageNotSentError):
        await SmtpSender(settings).send(message)


@pytest.mark.sockets
async def test_a_mail_server_that_hangs_does_not_hold_up_the_end(database, sealer, clock, outbox):
    reached, over = asyncio.Event(), asyncio.Event()

    async def silent(reader, writer):
        reached.set()
        await over.wait()

    async with LoopbackServer(silent) as server, asyncio.timeout(10):
        settings = MessageSettings(
            sender="a@b.example", smtp_host="127.0.0.1", smtp_port=server.port, smtp_security="none"
        )
        running = outbox_worker(database, sealer, clock, outbox, SmtpSender(settings))
        running.start()
        await written(database, outbox)
        await reached.wait()
        await running.aclose()
        over.set()


@respx.mock
async def test_text_messages_go_by_a_webhook():
    settings = MessageSettings(sms_url="https://sms.example/send", sms_token="secret-token")
    to = ContactAddress(ContactKind.TELEPHONE, "+6281234567890")
    route = respx.post("https://sms.example/send").mock(side_effect=[httpx.Response(202), httpx.Response(500)])
    message = Message("gerbang-7", to, "Kode", "Kode: 123456")
    await SmsWebhook(settings).send(message)
    request = route.calls[0].request
    assert json.loads(request.content) == {"id": "gerbang-7", "to": to.value, "text": message.text}
    assert request.headers["idempotency-key"] == "gerbang-7"
    assert request.headers["authorization"] == "Bearer secret-token"
    with pytest.raises(MessageNotSentError):
        await SmsWebhook(settings).send(message)
    assert "secret-token" not in repr(settings)


@pytest.mark.parametrize("status", [200, 503])
@pytest.mark.sockets
async def test_what_the_sms_provider_goes_on_to_say_is_not_waited_for(status):
    said = []

    async def talk(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 {status} Whatever\r\nContent-Type: text/plain\r\n\r\n".encode())
        while True:
            writer.write(b"x" * 65536)
            await writer.drain()
            said.append(1)

    message = Message("gerbang-7", ContactAddress(ContactKind.TELEPHONE, "+6281234567890"), "Kode", "Kode: 123456")
    async with LoopbackServer(talk) as server, asyncio.timeout(10):
        sms = SmsWebhook(MessageSettings(sms_url=f"http://127.0.0.1:{server.port}/send"))
        if status == 200:
            await sms.send(message)
        else:
            with pytest.raises(MessageNotSentError):
                await sms.send(message)
        await server.idle()
    assert len(said) < 200


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"smtp_host": "mail.example"}, "sender"),
        ({"smtp_host": "mail.example", "sender": "a@b.id", "smtp_security": "none"}, "loopback"),
        ({"sms_url": "http://sms.example/send"}, "https"),
    ],
)
def test_settings_that_would_send_in_clear_are_refused(given, complaint):
    with pytest.raises(ValidationError, match=complaint):
        MessageSettings(**given)


def test_what_is_not_set_is_not_offered(tmp_path):
    assert build_senders(MessageSettings(), file=None) == {}
    assert set(build_senders(MessageSettings(), file=tmp_path / "x")) == set(ContactKind)
    sms = build_senders(MessageSettings(sms_url="https://sms.example/"), file=None)
    assert set(sms) == {ContactKind.TELEPHONE}


def test_every_message_stands_in_both_languages_without_a_link():
    for kind in MessageKind:
        texts = MESSAGES[kind]
        assert set(texts) == {"id", "en"}
        assert not [text for _, text in texts.values() if "http" in text]
