"""Somebody who makes an account, and what is sent to them."""

import re

from sqlalchemy import func, select

from gateway.identity.messages.senders import read_messages
from gateway.identity.messages.settings import MESSAGES_FILE

GOOD = "kuda laut menanam padi"
BETTER = "padi menanam kuda laut"
REGISTER, RECOVER, CONTACT = "/account/register", "/account/recover", "/account/contact"
GALUH = "galuh@example.id"


async def messages(house):
    await house.provider.deps.accounts.outbox_worker.deliver_due()
    return read_messages(house.settings.home / MESSAGES_FILE)


async def sent_code(house):
    return re.search(r"[0-9]{6}", (await messages(house))[-1]["text"])[0]


async def registered(house, browser, contact=GALUH, password=GOOD, **changes):
    """From the app to its code, by way of a new account."""
    page = await browser.begin(house.web(), **changes)
    page = await browser.open(page.tree.css("p.aside a")[-1].attributes["href"])
    page = await browser.submit(page, name="Galuh Kenanga", contact=contact)
    page = await browser.submit(page, code=await sent_code(house))
    return await browser.submit(page, password=password, again=password)


async def count(house, table):
    async with house.database.session() as session:
        return await session.scalar(select(func.count()).select_from(table))
