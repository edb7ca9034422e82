"""Every table of the gateway, one module for each room that owns some. Importing this package knows them all."""

from gateway.storage.tables import (
    account_links,
    accounts,
    audit,
    copies,
    devices,
    doors,
    drift,
    identity,
    issuers,
    legacy_apps,
    logouts,
    once,
    vault,
    web_sessions,
)
from gateway.storage.tables.mapping import Row

__all__ = [
    "Row",
    "account_links",
    "accounts",
    "audit",
    "copies",
    "devices",
    "doors",
    "drift",
    "identity",
    "issuers",
    "legacy_apps",
    "logouts",
    "once",
    "vault",
    "web_sessions",
]
