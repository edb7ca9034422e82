"""What the gateway needs to know of the database of public consultations."""

from adapters.contract import SqlOfficeSettings


class Settings(SqlOfficeSettings):
    """Settings of the consultations' database; it has no offices. The account may see five views, and insert."""
