"""Sessions of systems: whatever the number of requests, of processes and of ends, there is one login."""

import asyncio
import signal
from datetime import timedelta

import pytest
from pydantic import SecretStr

from adapters.contract import Call, Http, HttpOfficeSettings, Session, SessionKeys
from adapters.errors import CredentialsRefusedError, NotSentError, UpstreamMalformedError, UpstreamTimeoutError
from adapters.upstream import HttpRequest
from gateway.ground.clock import now
from gateway.ground.deadline import Deadline
from gateway.ground.sealing import Sealer
from gateway.shared.memory import MemoryShared
from gateway.upstream.layers.legacy_sessions import SessionKeeper
from gateway.upstream.settings import UpstreamSettings
from gateway.upstream.upstreams import Upstreams

pytestmark = pytest.mark.anyio

PASSWORD = "rahasia-lama"


async def log_in(call: Call) -> SessionKeys:
    form = await call.up.send(HttpRequest("GET", "/login"))
    answer = await call.up.send(
        HttpRequest(
            "POST", "/login", headers={"Cookie": f"csrf={form.cookies['csrf']}"}, content=PASSWORD.encode(), safe=False
        )
    )
    if answer.status == 403:
        raise CredentialsRefusedError("the password is not accepted")
    if "ci" not in answer.cookies:
        raise UpstreamMalformedError("the login gave no session")
    return SessionKeys(cookies={"ci": answer.cookies["ci"]}, headers={"X-Requested-With": "XMLHttpRequest"})


SESSION = Session(login=log_in, expired=lambda answer: b"<form" in answer.content)


class Legacy:
    """A system with a login form, of which each login kills the session before; `slots` is what it bears at once."""

    def __init__(self, slots=1000):
        self.valid = None
        self.logins = self.refused = self.overrun = 0
        self.slots = slots
        self.at_once = 0
        self.accepts = True
        self.keeps = True
        self.pause = 0.01
        self.login_pause = 0.05
        self.written = []

    async def __call__(self, seen):
        self.at_once += 1
        self.overrun = max(self.overrun, self.at_once - self.slots)
        try:
            await asyncio.sleep(self.pause)
            await self.reply(seen)
        finally:
            self.at_once -= 1

    async def reply(self, seen):
        if seen.target.startswith("/api/login"):
            return await self.login(seen)
        if self.valid is None or f"ci={self.valid}" not in seen.headers.get("cookie", ""):
            return await seen.reply(b"<form action=/login>", headers={"Content-Type": "text/html"})
        assert seen.headers["x-requested-with"] == "XMLHttpRequest"
        if seen.method == "POST":
            self.written.append(seen.body)
        return await seen.reply(seen.target.encode())

    async def login(self, seen):
        if seen.method == "GET":
            return await seen.reply(b"<form>", headers={"Set-Cookie": "csrf=t0k"})
        await asyncio.sleep(self.login_pause)
        assert seen.headers["cookie"] == "csrf=t0k"
        assert seen.body == PASSWORD.encode()
        if not self.accepts:
            self.refused += 1
            return await seen.reply(b"no", 403)
        self.logins += 1
        new = f"s{self.logins}"
        self.valid = new if self.keeps else None
        return await seen.reply(b"", 302, {"Set-Cookie": f"ci={new}; path=/; HttpOnly"})


@pytest.fixture
def legacy(server):
    server.script = Legacy()
    return server.script


async def ask_many(made, count, seconds=20):
    async def one(number):
        return (await made.up(seconds=seconds, session=SESSION).send(HttpRequest("GET", f"/{number}"))).content

    return await asyncio.gather(*(one(number) for number in range(count)))


def expected(count):
    return [f"/api/{number}".encode() for number in range(count)]


async def test_fifty_questions_on_an_expired_session_make_one_login_and_get_fifty_answers(server, reach):
    server.script = legacy = Legacy(slots=4)
    made = reach(concurrent=4)
    assert await ask_many(made, 50) == expected(50)
    assert legacy.logins == 1
    legacy.valid = None  # the system ended it
    assert await ask_many(made, 50) == expected(50)
    assert legacy.logins == 2
    assert legacy.overrun <= 0
    assert server.most_at_once <= 4


async def test_a_session_that_ends_in_the_middle_costs_one_login_more(legacy, reach):
    made = reach(concurrent=8)
    await ask_many(made, 1)

    async def end():
        await asyncio.sleep(0.03)
        legacy.valid = None

    answers, _ = await asyncio.gather(ask_many(made, 60), end())
    assert answers == expected(60)
    assert legacy.logins == 2


async def test_processes_share_the_session_and_the_login(server, reach, make_spec):
    """Three processes over one shared state, each with the same master key."""
    server.script = legacy = Legacy()
    made = reach()
    sealer = Sealer(b"k" * 32)
    processes = [Upstreams(made.shared, now, sealer=sealer) for _ in range(3)]
    try:

        async def ask(number, seconds=10):
            made.upstreams = processes[number % 3]
            return (await made.up(seconds=seconds, session=SESSION).send(HttpRequest("GET", f"/{number}"))).content

        assert await asyncio.gather(*map(ask, range(12))) == expected(12)
        assert legacy.logins == 1
        legacy.valid = None
        assert await asyncio.gather(*map(ask, range(12))) == expected(12)
        assert legacy.logins == 2
        stored = [value for value, _ in made.shared._sessions.values()]
        assert len(stored) == 1
        assert b"s2" not in stored[0].value
    finally:
        for process in processes:
            await process.aclose()


async def test_an_unsafe_request_that_meets_the_login_page_is_not_sent_again(legacy, server, reach):
    made = reach()
    await ask_many(made, 1)
    legacy.valid = None
    before = len(server.seen)
    post = HttpRequest("POST", "/permohonan", content=b"a letter", safe=False)
    up = made.up(session=SESSION)
    answer = await up.send(post)
    assert b"<form" in answer.content
    assert up.wrote
    assert len(server.seen) == before + 1
    assert (legacy.logins, legacy.written) == (1, [])
    # Whoever delivers it looks, with a new session, and may then send it with that one.
    assert await ask_many(made, 1) == expected(1)
    await made.up(session=SESSION).send(post)
    assert (legacy.logins, legacy.written) == (2, [b"a letter"])


async def test_a_system_that_refuses_us_sees_two_logins_a_minute_at_most(legacy, reach):
    legacy.accepts = False
    moment = [now()]
    made = reach(clock=lambda: moment[0])
    for _ in range(2):
        outcomes = await asyncio.gather(
            *(made.up(session=SESSION).send(HttpRequest("GET", "/x")) for _ in range(20)), return_exceptions=True
        )
        assert {type(outcome) for outcome in outcomes} == {CredentialsRefusedError}
    assert legacy.refused == 1
    with pytest.raises(CredentialsRefusedError) as caught:
        await made.up(session=SESSION).send(HttpRequest("GET", "/x"))
    assert caught.value.retry_at == moment[0] + timedelta(seconds=30)
    with pytest.raises(NotSentError) as unsent:
        await made.up(session=SESSION).send(HttpRequest("POST", "/x", safe=False))
    assert unsent.value.cause == "credentials-refused"
    for _ in range(60):
        moment[0] += timedelta(seconds=1)
        with pytest.raises(CredentialsRefusedError):
            await made.up(session=SESSION).send(HttpRequest("GET", "/x"))
    assert legacy.refused == 3  # at 0, 30 and 60 s
    legacy.accepts = True
    moment[0] += timedelta(seconds=31)
    assert await ask_many(made, 1) == expected(1)


class Known(HttpOfficeSettings):
    """Settings with a password."""

    password: SecretStr


def known_by(made, password, **changed):
    """The settings of what was made, with this password."""
    told = {
        name: value for name, value in made.settings.model_dump().items() if name in HttpOfficeSettings.model_fields
    }
    return Known.model_validate({**told, **changed, "password": password})


async def test_changed_credentials_are_tried_at_once(legacy, reach):
    legacy.accepts = False
    made = reach()
    with pytest.raises(CredentialsRefusedError):
        await ask_many(made, 1)
    legacy.accepts = True
    with pytest.raises(CredentialsRefusedError):
        await ask_many(made, 1)
    made.settings = known_by(made, "another")
    assert await ask_many(made, 1) == expected(1)


async def test_no_session_is_kept_longer_than_it_may_be(legacy, reach):
    moment = [now()]
    made = reach(clock=lambda: moment[0], tuning={"session_kept": timedelta(hours=1)})
    await ask_many(made, 1)
    moment[0] += timedelta(minutes=59)
    await ask_many(made, 5)
    assert legacy.logins == 1
    moment[0] += timedelta(minutes=2)
    await ask_many(made, 5)
    assert legacy.logins == 2


async def test_a_session_goes_on_where_a_system_has_only_moved(legacy, reach):
    made = reach()
    made.settings = known_by(made, "the same")
    assert await ask_many(made, 1) == expected(1)
    made.settings = known_by(made, "the same", base_url=f"{made.server.url}/api/", per_minute=999)
    assert await ask_many(made, 2) == expected(2)
    assert legacy.logins == 1


async def test_h52_the_session_of_other_credentials_is_not_used(legacy, reach):
    made = reach()
    first, second = (Upstreams(made.shared, now, sealer=Sealer(bytes(32))) for _ in range(2))
    made.upstreams = first
    assert await ask_many(made, 1) == expected(1)
    made.settings = known_by(made, "another")
    assert await ask_many(made, 2) == expected(2)
    assert legacy.logins == 2, "the session that is alive was begun by somebody else"
    made.upstreams = second
    assert await ask_many(made, 1) == expected(1)
    assert legacy.logins == 2, "another process with the same credentials shares the session"
    await first.aclose()
    await second.aclose()


async def test_a_refusal_of_other_credentials_says_nothing(legacy, reach):
    legacy.accepts = False
    made = reach()
    with pytest.raises(CredentialsRefusedError):
        await ask_many(made, 1)
    right = known_by(made, "another")
    made.settings, wrong = right, made.settings
    legacy.accepts = True
    assert await ask_many(made, 1) == expected(1)
    # Going on for long after, while what was said to the others still holds.
    legacy.valid = None
    assert await ask_many(made, 1) == expected(1)
    made.settings = wrong
    with pytest.raises(CredentialsRefusedError):
        await ask_many(made, 1)
    assert legacy.refused == 1


async def test_a_system_that_ends_every_session_at_once_is_not_logged_in_to_with_every_request(legacy, reach):
    legacy.keeps = False
    legacy.pause = legacy.login_pause = 0
    made = reach()
    for number in range(30):
        with pytest.raises(CredentialsRefusedError):
            await ask_many(made, 1)
        assert number or legacy.logins
    assert legacy.logins <= 7
    assert made.upstreams.status("register", None).cause == "credentials-refused"


async def test_a_login_that_hangs_holds_nobody_beyond_the_deadline_and_survives_whoever_gives_up(legacy, reach):
    legacy.login_pause = 0.6
    made = reach()
    outcomes = await asyncio.gather(
        ask_many(made, 1, seconds=0.2),
        ask_many(made, 1, seconds=0.2),
        ask_many(made, 1, seconds=5),
        return_exceptions=True,
    )
    assert [type(outcome) for outcome in outcomes] == [UpstreamTimeoutError, UpstreamTimeoutError, list]
    assert legacy.logins == 1


async def test_a_login_that_never_ends_is_a_timeout_and_the_next_one_is_tried(legacy, reach):
    legacy.login_pause = 60
    made = reach(tuning={"login_within": timedelta(seconds=0.2)})
    with pytest.raises(UpstreamTimeoutError):
        await ask_many(made, 1)
    legacy.login_pause = 0
    assert await ask_many(made, 1) == expected(1)


async def test_a_login_page_for_ever_is_an_error_of_the_tree_for_a_session_that_was_good(legacy, server, reach):
    made = reach()
    await ask_many(made, 1)

    async def login_page(seen):
        await seen.reply(b"<form action=/login>", headers={"Set-Cookie": "csrf=t0k"})

    server.script = login_page
    with pytest.raises(UpstreamMalformedError):
        await ask_many(made, 1)
    server.script = legacy
    assert await ask_many(made, 1) == expected(1)


async def test_a_row_without_a_session_gets_no_cookie(legacy, server, reach):
    made = reach()
    await ask_many(made, 1)
    await made.up().send(HttpRequest("GET", "/public"))
    assert "cookie" not in server.seen[-1].headers


async def test_the_login_call_knows_its_office_and_no_resident(server, reach):
    calls = []

    async def login(call):
        calls.append(call)
        return SessionKeys(headers={"Authorization": "Bearer x"})

    session = Session(login=login, expired=lambda _: False)
    made = reach()
    call = made.upstreams.call(
        made.spec,
        "pekauman",
        made.settings,
        Http(session=session),
        deadline=Deadline.after(timedelta(seconds=5)),
    )
    await call.up.send(HttpRequest("GET", "/x"))
    assert server.seen[0].headers["authorization"] == "Bearer x"
    assert (calls[0].office, calls[0].subject, calls[0].settings) == ("pekauman", None, made.settings)


@pytest.fixture
def alarm():
    """Ends a loop that never waits, which no timeout of the event loop could."""

    def ring(*_: object) -> None:
        raise AssertionError("the event loop does not turn any more")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, 20)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


async def test_whoever_asks_in_the_moment_when_a_login_has_just_ended_gets_its_session(alarm):
    """A login that ends wakes up others before those who wait for it: they must not find it half done."""
    loop = asyncio.get_running_loop()
    woken = loop.create_future()

    async def log_in_and_wake() -> SessionKeys:
        await asyncio.sleep(0)
        woken.set_result(None)
        return SessionKeys(cookies={"ci": "1"})

    keeper = SessionKeeper(
        "legacy",
        log_in_and_wake,
        shared=MemoryShared(),
        sealer=Sealer(bytes(32)),
        clock=now,
        settings=UpstreamSettings(),
    )

    async def ask_when_woken() -> int:
        await woken
        return (await keeper.newer_than(0)).generation

    asking = asyncio.create_task(ask_when_woken())
    await asyncio.sleep(0)
    assert (await keeper.newer_than(0)).generation == await asking
