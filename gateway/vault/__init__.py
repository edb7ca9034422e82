"""The vault: what systems have handed out to us, sealed under the master key, and changed while the gateway serves."""
