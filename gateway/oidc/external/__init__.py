"""Sign-in at other OpenID providers: requests to them, and validation of their responses."""
