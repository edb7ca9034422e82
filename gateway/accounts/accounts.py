"""The room, wired: everything about accounts that pages, routes and the broker use."""

from dataclasses import dataclass
from typing import Self

from gateway.accounts.codes import Codes
from gateway.accounts.contact_change import ContactChange
from gateway.accounts.contacts import Contacts
from gateway.accounts.ending import Endings
from gateway.accounts.factors import SecondFactors
from gateway.accounts.guesses import GuessLimit
from gateway.accounts.links import Links
from gateway.accounts.nik import NikVerification
from gateway.accounts.outbox import Courier, Outbox
from gateway.accounts.own_consents import OwnConsents
from gateway.accounts.own_identities import OwnIdentities
from gateway.accounts.own_password import PasswordChange
from gateway.accounts.own_sessions import OwnSessions
from gateway.accounts.passwords import Passwords
from gateway.accounts.proofs import Proofs
from gateway.accounts.recovering import Recovery
from gateway.accounts.registering import Registration
from gateway.accounts.senders import senders_of
from gateway.accounts.settings import AccountSettings
from gateway.accounts.telling import Telling
from gateway.clock import Clock
from gateway.sealing import Sealer
from gateway.storage.engine import Database


@dataclass(frozen=True, slots=True)
class Accounts:
    """The parts of the room."""

    passwords: Passwords
    guesses: GuessLimit
    proofs: Proofs
    contacts: Contacts
    codes: Codes
    factors: SecondFactors
    password: PasswordChange
    registration: Registration
    recovery: Recovery
    contact_change: ContactChange
    nik: NikVerification
    sessions: OwnSessions
    consents: OwnConsents
    links: Links
    identities: OwnIdentities
    telling: Telling
    endings: Endings
    courier: Courier

    @classmethod
    def wired(
        cls,
        database: Database,
        sealer: Sealer,
        clock: Clock,
        settings: AccountSettings,
        passwords: Passwords | None = None,
    ) -> Self:
        """The room over one database."""
        passwords, guesses = passwords or Passwords(), GuessLimit(database, sealer, clock)
        proofs, contacts, outbox = Proofs(database, sealer, clock), Contacts(sealer, clock), Outbox(sealer, clock)
        senders = senders_of(settings.messages, file=settings.messages_file)
        codes, telling, endings = Codes(proofs, outbox, guesses), Telling(database, contacts, outbox), Endings()
        change = PasswordChange(database, passwords, clock, endings)
        return cls(
            passwords=passwords,
            guesses=guesses,
            proofs=proofs,
            contacts=contacts,
            codes=codes,
            factors=SecondFactors(database, sealer, clock, settings.issuer_url),
            password=change,
            registration=Registration(database, sealer, clock, passwords, contacts, codes),
            recovery=Recovery(database, sealer, clock, contacts=contacts, codes=codes, change=change, telling=telling),
            contact_change=ContactChange(database, clock, contacts=contacts, codes=codes, telling=telling),
            nik=NikVerification(database, sealer, clock, telling),
            sessions=OwnSessions(database, sealer, clock, endings),
            consents=OwnConsents(database, clock, endings),
            links=Links(database, sealer, clock, proofs),
            identities=OwnIdentities(database, clock, endings),
            telling=telling,
            endings=endings,
            courier=Courier(database, sealer, clock, outbox, senders),
        )

    async def forget_old(self) -> None:
        """Drop what is over."""
        await self.guesses.forget_old()
        await self.proofs.forget_old()
        await self.courier.forget_old()
