"""E-mail goes under TLS to a mail server whose certificate is good, and stays in the outbox before any other."""

import pytest
from sqlalchemy import select

from gateway.identity.contacts import ContactAddress, ContactKind
from gateway.identity.messages.outbox import RETRY_PAUSES, Outbox, OutboxWorker
from gateway.identity.messages.senders import build_senders
from gateway.identity.messages.settings import MessageSettings
from gateway.identity.messages.texts import MessageKind
from gateway.storage.tables.messages import OutboxMessageRow
from tests.gateway.certificates import Authority
from tests.gateway.identity.mail_server import ACCOUNT, MailServer

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.parametrize("security", ["starttls", "tls"]),
    pytest.mark.sockets,
]

GALUH = ContactAddress(ContactKind.EMAIL, "galuh@example.id")


@pytest.fixture
def authority(tmp_path, monkeypatch):
    """An authority that this process trusts, as it would one of the operating system."""
    made = Authority.made(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.file))
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    return made


@pytest.fixture
def outbox(sealer, clock):
    return Outbox(sealer, clock)


@pytest.fixture
def new_courier(database, sealer, clock, outbox):
    def made(port, security, host="localhost"):
        settings = MessageSettings(
            sender="gerbang@banjarmasin.example",
            smtp_host=host,
            smtp_port=port,
            smtp_security=security,
            smtp_username=ACCOUNT[0],
            smtp_password=ACCOUNT[1],
        )
        return OutboxWorker(database, sealer, clock, outbox, build_senders(settings, file=None))

    return made


@pytest.fixture
async def written(database, outbox):
    async with database.session() as session:
        outbox.add(session, MessageKind.REGISTER_CODE, GALUH, "id", words={"code": "123456"})


async def row(database):
    async with database.session() as session:
        return (await session.scalars(select(OutboxMessageRow))).one()


async def test_it_is_handed_over_under_tls_to_a_server_with_a_good_certificate(
    authority, new_courier, database, written, security
):
    server = MailServer(authority.server("localhost"), at_once=security == "tls")
    async with server.running() as port:
        assert await new_courier(port, security).deliver_due() == 1
    [message] = server.taken
    assert "To: galuh@example.id" in message
    assert "123456" in message
    spoken = {line.split()[0].upper() for line in server.in_clear}
    assert spoken == ({"EHLO", "STARTTLS"} if security == "starttls" else set())
    sent = await row(database)
    assert (sent.sent_at is not None, sent.sealed) == (True, b"")


@pytest.mark.parametrize("fault", ["self-signed", "another host", "run out", "another authority", "an address"])
async def test_before_any_other_certificate_it_stays_and_nothing_is_told(
    authority, new_courier, database, written, clock, security, fault
):
    tls = {
        "self-signed": lambda: authority.server("localhost", signs_itself=True),
        "another host": lambda: authority.server("mail.example"),
        "run out": lambda: authority.server("localhost", is_over=True),
        "another authority": lambda: Authority.made(authority.folder, "Somebody else").server("localhost"),
        "an address": lambda: authority.server("127.0.0.2"),
    }[fault]()
    server = MailServer(tls, at_once=security == "tls")
    host = "127.0.0.1" if fault == "an address" else "localhost"
    async with server.running() as port:
        outbox_worker = new_courier(port, security, host)
        assert await outbox_worker.deliver_due() == 0
        assert server.taken == []
        spoken = {line.split()[0].upper() for line, _ in server.said}
        assert spoken <= {"EHLO", "STARTTLS"}, "no account, no password, no address was told"
        kept = await row(database)
        assert kept.sent_at is None
        assert kept.sealed
        assert kept.due_at == clock() + RETRY_PAUSES[0]
    # Once the server is put right, the message that stayed is sent.
    again = MailServer(authority.server(host), at_once=security == "tls")
    async with again.running() as port:
        clock.forward(RETRY_PAUSES[0])
        assert await new_courier(port, security, host).deliver_due() == 1
    assert len(again.taken) == 1


async def test_a_server_without_tls_is_told_nothing(authority, new_courier, database, written, security):
    server = MailServer()
    async with server.running() as port:
        assert await new_courier(port, security).deliver_due() == 0
    assert server.taken == []
    told = {line.partition(" ")[0].upper() for line in server.in_clear}
    if security == "tls":
        # A handshake, of whose random bytes a few may look like a line of text.
        assert server.in_clear[0].startswith("\x16\x03")
        assert not told & {"EHLO", "HELO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA"}
    else:
        assert told <= {"EHLO", "QUIT"}
    assert (await row(database)).sealed


async def test_a_wrong_password_at_the_server_leaves_it_in_the_outbox(
    authority, new_courier, database, written, security
):
    tls = authority.server("localhost")
    server = MailServer(tls, at_once=security == "tls", account=("gerbang", "another"))
    async with server.running() as port:
        assert await new_courier(port, security).deliver_due() == 0
    assert server.taken == []
    assert (await row(database)).sealed
