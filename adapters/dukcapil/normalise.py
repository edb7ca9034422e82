"""Wire records of the civil register to canonical residents. Pure."""

import hashlib
import re
from typing import Final

from adapters.contract import Normal
from adapters.dukcapil import codes
from adapters.dukcapil.wire import Biodata, Number
from adapters.errors import UnusableRecordError
from adapters.legacy.dates import day_first_date, whole_day
from adapters.legacy.nik import nik_from_number, nik_from_text, nik_mismatches
from adapters.legacy.numbers import count
from adapters.legacy.reading import Doubts, Reading, absent
from adapters.legacy.regions import from_parts
from adapters.legacy.texts import plain_text
from schemas.codes import Coded
from schemas.doubts import DoubtCode
from schemas.identifiers import Identifier, IdentifierScheme
from schemas.numbers import kk
from schemas.places import Address
from schemas.resident import Resident, Sex
from schemas.texts import Text

_LONGEST_WORD: Final = 80
_POSTAL_CODE: Final = re.compile(r"[1-9][0-9]{4}")


def key(w: Biodata) -> str:
    """Return a digest of the NIK: the register has no other key, and no NIK may be in an id or a log."""
    if not w.digits:
        raise UnusableRecordError("a person without a NIK")
    return hashlib.blake2b(w.digits.encode(), digest_size=16, person=b"dukcapil").hexdigest()


def resident(w: Biodata) -> Normal[Resident]:
    """Return the canonical resident, with its doubts."""
    doubts = Doubts()
    nik = doubts.collect("/identifiers", _nik(w.NIK))
    card = doubts.collect("/identifiers", _kk(w.NO_KK))
    born = day_first_date(w.TGL_LHR)
    sex = doubts.collect("/sex", _sex(w.JENIS_KLMIN))
    doubts.note("/identifiers", *nik_mismatches(nik, whole_day(born).value, sex))
    body = Resident(
        name=doubts.collect("/name", plain_text(w.NAMA_LGKP)),
        identifiers=tuple(number for number in (nik, card) if number is not None),
        sex=sex,
        birth_place=doubts.collect("/birth_place", plain_text(w.TMPT_LHR)),
        birth_date=doubts.collect("/birth_date", born),
        religion=doubts.collect("/religion", _coded(w.AGAMA, codes.RELIGION, "agama")),
        marital_status=doubts.collect("/marital_status", _coded(w.STATUS_KAWIN, codes.MARITAL_STATUS, "status-kawin")),
        occupation=doubts.collect("/occupation", _coded(w.JENIS_PKRJN, codes.OCCUPATION, "jenis-pekerjaan")),
        education=doubts.collect("/education", _coded(w.PDDK_AKH, codes.EDUCATION, "pendidikan-akhir")),
        family_role=doubts.collect("/family_role", _coded(w.STAT_HBKEL, codes.FAMILY_ROLE, "status-hubungan-keluarga")),
        card_status=doubts.collect("/card_status", _coded(w.EKTP_STATUS, codes.CARD_STATUS, "status-ektp")),
        address=_address(w, doubts),
    )
    return Normal(body, doubts.found)


def _nik(written: Number | None) -> Reading[Identifier]:
    if isinstance(written, float):
        # In scientific notation the last digits are lost: such a number identifies no person.
        return absent(DoubtCode.NIK_FORM)
    return nik_from_number(written) if isinstance(written, int) else nik_from_text(written)


def _kk(written: Number | None) -> Reading[Identifier]:
    if written is None or isinstance(written, float):
        return absent() if written is None else absent(DoubtCode.NUMBER_FORM)
    number = kk.compact(str(written))
    if kk.is_valid(number):
        return Reading(Identifier(scheme=IdentifierScheme.KK, value=number))
    if not number.strip("0"):
        return absent()
    if not (number.isascii() and number.isdigit() and len(number) <= kk.LENGTH):
        return absent(DoubtCode.NUMBER_FORM)
    doubtful = Identifier(scheme=IdentifierScheme.KK, value=number, exact=False)
    return Reading(doubtful, (DoubtCode.NUMBER_FORM,))


def _word(written: str | None) -> Reading[str]:
    """Return a word of a code list; a longer text is not one."""
    reading = plain_text(written)
    return absent(DoubtCode.CODE_UNKNOWN) if len(reading.value or "") > _LONGEST_WORD else reading


def _sex(written: str | None) -> Reading[Sex]:
    """Return the sex; an unknown word gives none. The field is personal data, so the doubt does not carry the word."""
    word = _word(written)
    if word.value is None:
        return absent(*word.doubts)
    known = codes.SEX.get(word.value.upper())
    return Reading(known, word.doubts) if known else absent(*word.doubts, DoubtCode.CODE_UNKNOWN)


def _coded(written: str | None, table: codes.Table, column: str) -> Reading[Coded]:
    """Return the canonical code; an unknown word keeps its own code, under the register's list."""
    word = _word(written)
    if word.value is None:
        return absent(*word.doubts)
    known = table.get(word.value.upper())
    if known is not None:
        return Reading(known, word.doubts)
    own = Coded(scheme=f"dukcapil/{column}", code=word.value, text=Text(id=word.value))
    return Reading(own, (*word.doubts, DoubtCode.CODE_UNKNOWN))


def _address(w: Biodata, doubts: Doubts) -> Address:
    return Address(
        text=doubts.collect("/address/text", plain_text(w.ALAMAT)),
        rt=doubts.collect("/address/rt", _unit(w.NO_RT)),
        rw=doubts.collect("/address/rw", _unit(w.NO_RW)),
        region=doubts.collect("/address/region", from_parts(w.NO_PROP, w.NO_KAB, w.NO_KEC, w.NO_KEL)),
        postal_code=doubts.collect("/address/postal_code", _postal_code(w.KODE_POS)),
    )


def _unit(written: str | None) -> Reading[str]:
    """A neighbourhood unit as three digits; 0 stands for none."""
    number = count(written)
    if not number.value:
        return absent(*number.doubts)
    return number.map(lambda n: f"{n:03d}") if number.value <= 999 else absent(DoubtCode.NUMBER_FORM)


def _postal_code(written: str | None) -> Reading[str]:
    text = (written or "").strip()
    if not text.strip("-0"):
        return absent()
    return Reading(text) if _POSTAL_CODE.fullmatch(text) else absent(DoubtCode.NUMBER_FORM)
