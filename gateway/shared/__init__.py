"""What several gateway processes must agree on: `contract` says it, `memory` keeps it for a single process."""
