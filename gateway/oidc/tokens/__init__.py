"""Tokens that we give out: minting, signing keys and their rotation, pairwise subjects, reading our own tokens."""
