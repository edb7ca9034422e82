"""Civil registry rows of the residents, with the registry's formats and mistakes."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final

from simulators.dukcapil.registry import Biodata
from simulators.people import DEMONSTRATION, Person

_WITHOUT_CARD: Final = 2008
ZERO_DATE: Final = "00-00-0000"
_RELATION: Final = {"head": "KEPALA KELUARGA", "child": "ANAK"}


def _birth_date(person: Person) -> str:
    if person == DEMONSTRATION["resident-damaged"]:
        # Two digits of the year are swapped, so the date does not match the NIK.
        return date(1958, person.birth_date.month, person.birth_date.day).strftime("%d-%m-%Y")
    if int(person.nik[-3:]) % 40 == 7:
        return ZERO_DATE
    return person.birth_date.strftime("%d-%m-%Y")


def _relation(person: Person) -> str:
    return _RELATION.get(person.relation) or ("ISTRI" if person.sex == "P" else "SUAMI")


def biodata_of(person: Person) -> Biodata:
    """Return the registry's row for a person with a NIK; texts in capitals, region codes and RT/RW as numbers."""
    province, city, kecamatan, kelurahan = (int(part) for part in person.kelurahan_code.split("."))
    return {
        "EKTP_STATUS": "BELUM EKTP" if person.birth_date.year >= _WITHOUT_CARD else "SUDAH EKTP",
        "NIK": person.nik,
        "NO_KK": person.kk,
        "NAMA_LGKP": person.name.upper(),
        "TMPT_LHR": person.birth_place.upper(),
        "TGL_LHR": _birth_date(person),
        "JENIS_KLMIN": "Perempuan" if person.sex == "P" else "Laki-Laki",
        "AGAMA": person.religion.upper(),
        "STAT_HBKEL": _relation(person),
        "STATUS_KAWIN": "KAWIN" if person.married else "BELUM KAWIN",
        "JENIS_PKRJN": person.occupation.upper(),
        "PDDK_AKH": person.education.upper(),
        "NAMA_LGKP_IBU": person.mother_name.upper(),
        "ALAMAT": person.street.upper(),
        "NO_RT": person.rt,
        "NO_RW": person.rw,
        "DUSUN": "-",
        "KODE_POS": int(person.postcode),
        "NO_PROP": province,
        "PROP_NAME": "KALIMANTAN SELATAN",
        "NO_KAB": city,
        "KAB_NAME": "KOTA BANJARMASIN",
        "NO_KEC": kecamatan,
        "KEC_NAME": person.kecamatan.upper(),
        "NO_KEL": kelurahan,
        "KEL_NAME": person.kelurahan.upper(),
    }


def registered(people: Iterable[Person]) -> Iterator[Biodata]:
    """Return the rows of all people who have a NIK."""
    return (biodata_of(person) for person in people if person.nik)
