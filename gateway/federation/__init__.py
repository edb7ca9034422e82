"""Federation: one deadline, many systems, one deterministic and honest answer."""
