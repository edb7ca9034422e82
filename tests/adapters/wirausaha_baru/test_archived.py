"""The same lists where files are picked up, set aside and read from a server: the adapter cannot tell."""

from datetime import timedelta
from typing import Any

import pytest

from adapters.contract import Subject
from adapters.errors import UpstreamMalformedError
from adapters.wirausaha_baru import ENROL, ENROLMENTS, ENTERPRISES, PROGRAMMES, SPEC
from adapters.wirausaha_baru.settings import WirausahaSettings
from gateway.delivery.exactly_once import carry_out
from gateway.delivery.outcomes import Delivered
from gateway.ground.deadline import Deadline
from gateway.upstream.files.sftp import SftpFiles
from schemas.programme import Enrol
from simulators.people import DEMONSTRATION
from simulators.wirausaha_baru.simulator import BOX
from tests.adapters.wirausaha_baru.conftest import Asking
from tests.gateway.sftp_servers import asyncssh_server

pytestmark = pytest.mark.anyio

ROWS = (PROGRAMMES, ENTERPRISES, ENROLMENTS)
LIST = "peserta_dinas-sosial_2019.xlsx"


def with_settings(asking: Any, **changes: Any) -> Asking:
    given = asking.settings.model_dump(exclude_none=True) | changes
    return Asking(asking.upstreams, WirausahaSettings.model_validate(given))


@pytest.fixture
def archived(asking: Any, drops: Any) -> Asking:
    for name in ("arsip", "karantina"):
        (drops / name).mkdir()
    return with_settings(asking, archive="arsip", quarantine="karantina")


async def test_a_workbook_that_is_not_as_agreed_withdraws_nobody(archived: Any, drops: Any, tell: Any) -> None:
    before = await archived.by_key(ENROLMENTS)
    # Whatever matches a row's names was picked up; the next row reads it from the archive.
    assert sorted(path.name for path in drops.iterdir() if path.suffix == ".xlsx") == []
    businesses, programmes = await archived.by_key(ENTERPRISES), await archived.by_key(PROGRAMMES)
    assert businesses
    assert programmes
    answer = await tell("POST", "/records", json={"kind": "file", "content": "header-moved", "name": LIST})
    assert answer.status_code == 201
    with pytest.raises(UpstreamMalformedError):
        await archived.items(ENTERPRISES)
    assert [path.name.partition("~")[2] for path in (drops / "karantina").iterdir()] == [LIST]
    assert await archived.by_key(ENTERPRISES) == businesses
    assert await archived.by_key(ENROLMENTS) == before
    # The agency repairs it: the new one counts.
    record = {"kind": "enrolment", "agency": "dinas-sosial", "year": 2019, "name": "UJI", "nik": "6371995502900199"}
    await tell("POST", "/records", json=record)
    assert len(await archived.by_key(ENROLMENTS)) == len(before) + 1


async def test_over_a_server_the_rows_are_the_same(asking: Any, simulator: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(SftpFiles, "extra_settle", 0.0)
    async with asyncssh_server() as server:
        away = with_settings(asking, sftp=server.settings(), outbox=simulator.state.folder / BOX)
        for row in ROWS:
            assert await away.by_key(row) == await asking.by_key(row)
        command = Enrol(agency="dinas-pppa", year=2024, region="63.71.01.1001", name="WARGA UJI", activity="kue basah")

        def call() -> Any:
            deadline = Deadline.after(timedelta(seconds=10))
            subject = Subject(nik=DEMONSTRATION["resident"].nik)
            return away.upstreams.call(SPEC, None, away.settings, ENROL.transport, deadline=deadline, subject=subject)

        assert isinstance(await carry_out(ENROL, call, command, "GB-SFTP01"), Delivered)
        assert [write["code"] for write in simulator.state.ledger.writes] == ["GB-SFTP01"]
