"""Wirausaha Baru: the lists of new entrepreneurs, as spreadsheets in a folder.

* Owner: Dinas Koperasi, Usaha Mikro dan Tenaga Kerja; seven agencies put their files there.
* Protocol: files. One workbook (XLSX) for each agency and year with its participants, one CSV file for each agency with
  its programmes. A new file replaces the old one of its name. There is no server and no account. A registration is a
  file in an outbox, which the agency reads; its outcome is in the agency's next list of receipts.
* Source of the specification: none is public. The forms are assumed from published programme figures, from lists of
  small businesses that cities published, and from the effects of spreadsheets on numbers.
* Quirks: amounts as `Rp. 7.500.000,-` (Q23); charsets that differ between agencies (Q31); numbers that lost their
  leading zeros, and NIKs stored as numbers, whose last digit is lost (Q40): those are never exact; title rows, a header
  of two merged rows, a hidden sheet, KELURAHAN merged down, totals and a signature below the list (Q54); free text for
  a line of business (Q58); placeholders for names and licences (Q69); the same business twice (Q39).
* Personal data: name, NIK, telephone, group, business, aid received. Held sealed for each person until the next file,
  at most 30 days. The public part of a business is read without the columns of its owner. A registration contains name,
  NIK and telephone of the participant; its file belongs to the agency as soon as it is written.
"""

from datetime import timedelta
from typing import Final

from adapters.contract import AdapterSpec, Files, Limits, Need, Reads, Writes
from adapters.upstream import FileUpstream
from adapters.wirausaha_baru import client, denormalise, filing, normalise
from adapters.wirausaha_baru.codes import CODE_LISTS
from adapters.wirausaha_baru.settings import WirausahaSettings
from adapters.wirausaha_baru.wire import PesertaRow, ProgramRow, Row, UsahaRow
from schemas.enterprise import ENTERPRISE, Enterprise, EnterpriseQuery
from schemas.programme import ENROLMENT, PROGRAMME, Enrol, Enrolment, EnrolmentQuery, Programme, ProgrammeQuery
from schemas.texts import Text

# The files change a few times a year, but listing a folder is cheap, and a withdrawn or repaired file should take
# effect at once: so snapshots are refreshed often, and kept long.
_FRESH: Final = timedelta(seconds=20)
_KEEP_PUBLIC: Final = timedelta(days=365)
_KEEP_PERSONAL: Final = timedelta(days=30)
_MAX_BYTES: Final = 2_000_000

_WORKBOOKS: Final[Files[WirausahaSettings]] = Files(max_bytes=_MAX_BYTES, patterns=(client.WORKBOOKS,))
_ALL: Final[Files[WirausahaSettings]] = Files(max_bytes=_MAX_BYTES, patterns=(client.PROGRAMMES, client.WORKBOOKS))

_FILING: Final[Files[WirausahaSettings]] = Files(
    max_bytes=_MAX_BYTES, patterns=(filing.RECEIPTS,), writes=(filing.REGISTRATIONS,)
)


def _key(row: Row) -> str:
    return row.key


PROGRAMMES: Final[Reads[WirausahaSettings, FileUpstream, ProgramRow, Programme, ProgrammeQuery]] = Reads(
    resource=PROGRAMME,
    transport=_ALL,
    normalise=normalise.programme,
    key=_key,
    feed=client.programmes,
    fresh=_FRESH,
    keep=_KEEP_PUBLIC,
)

ENTERPRISES: Final[Reads[WirausahaSettings, FileUpstream, UsahaRow, Enterprise, EnterpriseQuery]] = Reads(
    resource=ENTERPRISE,
    transport=_WORKBOOKS,
    normalise=normalise.enterprise,
    key=_key,
    feed=client.enterprises,
    fresh=_FRESH,
    keep=_KEEP_PUBLIC,
)

ENROLMENTS: Final[Reads[WirausahaSettings, FileUpstream, PesertaRow, Enrolment, EnrolmentQuery]] = Reads(
    resource=ENROLMENT,
    transport=_WORKBOOKS,
    normalise=normalise.enrolment,
    key=_key,
    feed=client.participants,
    fresh=_FRESH,
    keep=_KEEP_PERSONAL,
)

# The agency accepts a code once. `look` never returns `Absent`, so there is no settling time.
ENROL: Final[Writes[WirausahaSettings, FileUpstream, Enrol]] = Writes(
    name="enrol",
    command=Enrol,
    transport=_FILING,
    idempotent=True,
    settle=timedelta(0),
    send=filing.enrol,
    look=filing.look,
    denormalise=denormalise.registration,
)

SPEC: Final[AdapterSpec[WirausahaSettings]] = AdapterSpec(
    id="wirausaha-baru",
    agency="dinas-koperasi",
    title=Text(id="Wirausaha Baru", en="New Entrepreneurs"),
    version="1.0.0",
    contact="Dinas Koperasi, Usaha Mikro dan Tenaga Kerja: bidang usaha mikro",
    settings=WirausahaSettings,
    limits=Limits(concurrent=3, slowest=timedelta(seconds=20), max_items=20_000),
    needs=frozenset({Need.NIK}),
    probe=client.look,
    probe_transport=_ALL,
    reads=(PROGRAMMES, ENTERPRISES, ENROLMENTS),
    codes=CODE_LISTS,
    writes=(ENROL,),
)
