"""What has run out is dropped, a day later; what is still of use stays."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from gateway.oidc.cleanup import RETENTION
from gateway.oidc.tokens.minting import REFRESH_FAMILY_LIFE
from gateway.storage.tables.grants import AuthorizationCodeRow, GrantRow, RefreshTokenRow
from gateway.storage.tables.legacy_apps import LoginTicketRow
from tests.gateway.oidc.conftest import Browser
from tests.gateway.oidc.test_app_gate import by_ticket, ticket_for

pytestmark = pytest.mark.anyio


async def rows(house):
    async with house.database.session() as session:
        tables = (AuthorizationCodeRow, LoginTicketRow, RefreshTokenRow, GrantRow)
        return [await session.scalar(select(func.count()).select_from(table)) for table in tables]


async def left_at(house, moment):
    house.clock.at = moment
    await house.provider.start()
    return await rows(house)


async def test_codes_tickets_and_refresh_tokens_are_dropped_a_day_after_their_end(either_house):
    house, began = either_house, either_house.clock.at
    tokens = await house.tokens(house.mobile())
    await by_ticket(house)
    async with house.http() as http:
        await ticket_for(house, http, Browser(http))
    day_later, second = began + timedelta(seconds=60) + RETENTION, timedelta(seconds=1)
    assert await left_at(house, day_later - second) == [2, 1, 1, 2]
    assert await left_at(house, day_later) == [0, 0, 1, 2]
    async with house.http() as http:
        form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"], "client_id": "gerbang-mobile"}
        assert (await http.post("/oauth2/token", data=form)).status_code == 200
    day_later = began + REFRESH_FAMILY_LIFE + RETENTION
    assert await left_at(house, day_later - second) == [0, 0, 2, 2]
    assert await left_at(house, day_later) == [0, 0, 0, 2], "grants stay"
