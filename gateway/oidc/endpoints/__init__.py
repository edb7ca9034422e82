"""The protocol endpoints: authorize, token, PAR, device, userinfo, introspection, revocation, logout, metadata."""
