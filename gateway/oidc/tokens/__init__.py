"""Issued tokens: minting, signing keys and their rotation, pairwise subjects, reading our own tokens."""
