"""What pages and the authorization endpoint share: forms, redirects, attempts, and the steps of a sign-in."""
