"""Who is calling: bearer tokens turned into principals."""
