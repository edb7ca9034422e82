"""What owners see and end of their own account: sessions, consents, linked identities, password."""
