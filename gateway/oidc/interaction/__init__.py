"""Shared by the pages and the authorization endpoint: forms, redirects, attempts, and the steps of a sign-in."""
