"""Boolean columns, by declared words. `T` is *Tidak* (no) in one system and *true* in another: no table is shared."""

from adapters.legacy.reading import Reading, absent
from schemas.doubts import DoubtCode


def flag(written: str | int | bool | None, *, yes: str, no: str) -> Reading[bool]:  # noqa: FBT001 - a column's value
    """Return True for the column's word for yes, False for its word for no, in any case; anything else is a doubt.

    Example: `flag(w.aktif, yes="Y", no="T")`. A JSON boolean is compared as the word `true` or `false`, a number by its
    digits. Declare `no=""` for a column that is empty for no.
    """
    if written is None:
        return absent()
    word = str(written).strip().casefold()
    if word == yes.casefold():
        return Reading(True)
    if word == no.casefold():
        return Reading(False)
    return absent(DoubtCode.CODE_UNKNOWN) if word else absent()
