"""All tables of the gateway, one module for each room that owns some. Importing this package registers all of them."""

from gateway.storage.tables import (
    access_log,
    account_links,
    accounts,
    devices,
    drift,
    identity,
    inbound,
    issuers,
    legacy_apps,
    logouts,
    single_use,
    snapshots,
    vault,
    web_sessions,
)
from gateway.storage.tables.mapping import Row

__all__ = [
    "Row",
    "access_log",
    "account_links",
    "accounts",
    "devices",
    "drift",
    "identity",
    "inbound",
    "issuers",
    "legacy_apps",
    "logouts",
    "single_use",
    "snapshots",
    "vault",
    "web_sessions",
]
