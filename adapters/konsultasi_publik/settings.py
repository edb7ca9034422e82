"""Settings of the database of public consultations."""

from adapters.contract import SqlOfficeSettings


class Settings(SqlOfficeSettings):
    """Settings of the consultations' database; it has no offices. Its account may read the views, and insert."""
