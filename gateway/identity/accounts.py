"""Wiring of the identity room: the services of accounts for pages, routes and the broker."""

from dataclasses import dataclass
from typing import Self

from gateway.ground.clock import Clock
from gateway.ground.sealing import Sealer
from gateway.identity.contact_change import ContactChange
from gateway.identity.contact_codes import ContactCodes
from gateway.identity.contacts import Contacts
from gateway.identity.factors.second_factors import SecondFactors
from gateway.identity.guess_limits import GuessLimit
from gateway.identity.legacy_account_links import LegacyAccountLinks
from gateway.identity.messages.notifier import AccountNotifier
from gateway.identity.messages.outbox import Outbox, OutboxWorker
from gateway.identity.messages.senders import build_senders
from gateway.identity.messages.settings import AccountSettings
from gateway.identity.nik_verification import NikVerification
from gateway.identity.one_time_proofs import OneTimeProofs
from gateway.identity.passwords import Passwords
from gateway.identity.recovery import AccountRecovery
from gateway.identity.registration import AccountRegistration
from gateway.identity.self_service.consents import OwnConsents
from gateway.identity.self_service.identities import OwnIdentities
from gateway.identity.self_service.password import PasswordChange
from gateway.identity.self_service.sessions import OwnSessions
from gateway.storage.engine import Database


@dataclass(frozen=True, slots=True)
class Accounts:
    """The services of the identity room."""

    passwords: Passwords
    guesses: GuessLimit
    proofs: OneTimeProofs
    contacts: Contacts
    codes: ContactCodes
    factors: SecondFactors
    password: PasswordChange
    registration: AccountRegistration
    recovery: AccountRecovery
    contact_change: ContactChange
    nik: NikVerification
    sessions: OwnSessions
    consents: OwnConsents
    links: LegacyAccountLinks
    identities: OwnIdentities
    notifier: AccountNotifier
    outbox_worker: OutboxWorker

    @classmethod
    def build(
        cls,
        database: Database,
        sealer: Sealer,
        clock: Clock,
        settings: AccountSettings,
        passwords: Passwords | None = None,
    ) -> Self:
        """Build the services over one database."""
        passwords, guesses = passwords or Passwords(), GuessLimit(database, sealer, clock)
        proofs, contacts, outbox = (
            OneTimeProofs(database, sealer, clock),
            Contacts(sealer, clock),
            Outbox(sealer, clock),
        )
        senders = build_senders(settings.messages, file=settings.messages_file)
        codes, notifier = ContactCodes(proofs, outbox, guesses), AccountNotifier(database, contacts, outbox)
        change = PasswordChange(database, passwords, clock)
        return cls(
            passwords=passwords,
            guesses=guesses,
            proofs=proofs,
            contacts=contacts,
            codes=codes,
            factors=SecondFactors(database, sealer, clock, settings.issuer_url),
            password=change,
            registration=AccountRegistration(database, sealer, clock, passwords, contacts, codes),
            recovery=AccountRecovery(
                database, sealer, clock, contacts=contacts, codes=codes, change=change, notifier=notifier
            ),
            contact_change=ContactChange(database, clock, contacts=contacts, codes=codes, notifier=notifier),
            nik=NikVerification(database, sealer, clock, notifier),
            sessions=OwnSessions(database, sealer, clock),
            consents=OwnConsents(database, clock),
            links=LegacyAccountLinks(database, sealer, clock, proofs),
            identities=OwnIdentities(database, clock),
            notifier=notifier,
            outbox_worker=OutboxWorker(database, sealer, clock, outbox, senders),
        )

    async def delete_expired(self) -> None:
        """Delete expired guess counts, proofs and messages."""
        await self.guesses.delete_expired()
        await self.proofs.delete_expired()
        await self.outbox_worker.delete_expired()
