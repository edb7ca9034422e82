"""The owner's view of their account: sessions, consents, linked identities, password."""
