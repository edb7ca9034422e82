"""The demonstration's accounts and clients with their secrets, stored in the gateway's home for `gerbang accounts`."""

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from gateway.ground.errors import GerbangError
from gateway.policy.principal import Role
from gateway.settings import Mode, Settings


class DemoError(GerbangError):
    """The object exists in demo mode only, or does not exist (yet)."""


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An account of the demonstration, with what it shows."""

    account: str
    name: str
    roles: tuple[Role, ...]
    shows_id: str
    shows_en: str
    agency: str | None = None
    region: str | None = None


ACCOUNTS = (
    DemoAccount(
        "resident",
        "Galuh Kenanga Pelangi",
        (Role.RESIDENT,),
        "Warga yang tercatat di semua sistem",
        "A resident known to every system",
    ),
    DemoAccount(
        "resident-damaged",
        "Rusmadi Ulin Telaga",
        (Role.RESIDENT,),
        "Warga yang datanya rusak di beberapa sistem",
        "A resident whose data is damaged in some systems",
    ),
    DemoAccount(
        "resident-renamed",
        "Norlaila Teratai Senja",
        (Role.RESIDENT,),
        "Warga yang tercatat dengan dua nama",
        "A resident known under two names",
    ),
    DemoAccount(
        "resident-no-nik", "Utuh Galam Riam", (Role.RESIDENT,), "Warga yang belum ber-NIK", "A resident without a NIK"
    ),
    DemoAccount(
        "officer-mantuil",
        "Petugas Kelurahan Mantuil",
        (Role.OFFICER,),
        "Petugas kelurahan Mantuil",
        "An officer of the kelurahan Mantuil",
        agency="tata-pemerintahan",
        region="63.71.01.1001",
    ),
    DemoAccount("operator", "Operator Gerbang", (Role.OPERATOR,), "Operator gerbang", "An operator of the gateway"),
    DemoAccount(
        "developer", "Pengembang Adaptor", (Role.DEVELOPER,), "Pengembang adaptor", "A developer of an adapter"
    ),
    DemoAccount("integrator", "Integrator", (Role.INTEGRATOR,), "Integrator dari instansi lain", "Another agency"),
)


@dataclass(frozen=True, slots=True)
class DemoAccess:
    """Demo credentials: passwords and authenticator secrets by account, secrets by confidential client."""

    passwords: dict[str, str] = field(repr=False)
    secrets: dict[str, str] = field(repr=False)
    apps: dict[str, str] = field(repr=False, default_factory=dict)

    def document(self) -> dict[str, Any]:
        """The output of `gerbang accounts --json`."""
        accounts = [
            {
                **asdict(account),
                "password": self.passwords[account.account],
                "totp_secret": self.apps.get(account.account),
            }
            for account in ACCOUNTS
            if account.account in self.passwords
        ]
        clients = [
            {"client_id": "gerbang-mobile", "secret": None},
            *({"client_id": name, "secret": secret} for name, secret in self.secrets.items()),
        ]
        return {"accounts": accounts, "clients": clients}


def demo_only(settings: Settings) -> None:
    """Raise `DemoError` outside demo mode."""
    if settings.mode is not Mode.DEMO:
        raise DemoError("Demonstration accounts exist in demo mode only.")


def read_demo_access(settings: Settings) -> DemoAccess:
    """The credentials of the demonstration's first start. Raises `DemoError` before that."""
    demo_only(settings)
    path = _path(settings)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return DemoAccess(dict(content["passwords"]), dict(content["secrets"]), dict(content.get("apps", {})))
    except FileNotFoundError:
        raise DemoError("There are no demonstration accounts yet: start the demonstration with make demo.") from None
    except (OSError, ValueError, KeyError, TypeError):
        raise DemoError(f"The file {path} cannot be read; remove it to get new passwords.") from None


def shown_accounts(settings: Settings) -> list[dict[str, Any]]:
    """The accounts with their passwords, for the landing page; none before the first start."""
    try:
        accounts: list[dict[str, Any]] = read_demo_access(settings).document()["accounts"]
    except DemoError:
        return []
    return accounts


def store_demo_access(settings: Settings, access: DemoAccess) -> None:
    """Store the credentials in a file that only its owner can read."""
    path = _path(settings)
    partial = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial.unlink(missing_ok=True)
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            json.dump(asdict(access), file, indent=2)
        partial.replace(path)
    except OSError as error:
        raise DemoError(f"The file {path} cannot be written: {error.strerror}.") from None


def _path(settings: Settings) -> Path:
    return settings.home / "demo-accounts.json"
