"""Other OpenID providers at which people sign in: our calls to them, and the validation of their answers."""
