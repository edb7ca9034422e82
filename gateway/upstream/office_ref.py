"""Reference to one office of one system: the key under which its state is stored."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OfficeRef:
    """One office of one system; `office` is None for a system without offices."""

    system: str
    office: str | None = None

    @property
    def key(self) -> str:
        """The key of this office in state that the processes share."""
        return f"{self.system}/{self.office or '-'}"
