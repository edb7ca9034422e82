"""konsultasi-publik: the city's public consultations, in the database of the secretariat.

* Owner: Sekretariat Daerah, which prepares the Forum Konsultasi Publik; Bapperida and the kelurahan enter their
  Musrenbang in the same database.
* Protocol: SQL. Read-only views, and one insert into an inbox, guarded by a trigger. MariaDB; the statements also run
  on SQLite and PostgreSQL.
* Source of the specification: none is public, and no interface for consultations exists. The tables are assumed from
  the parts of such events (documents, contributions, official answers) and the conventions of PHP applications.
* Quirks: tinyint(1) with values 0 to 5, which some drivers convert to "true" (Q25); zero dates (Q27); no total, only a
  start and a limit (Q37); numbers that repeat across two tables, and in the view of one (Q39); coordinates as text,
  sometimes swapped (Q45); forms as JSON inside a text column, truncated after 65,535 bytes (Q55).
* Personal data: the contributor's NIK is sent to the inbox and never read back. The names and numbers of contributors
  and contact persons are in the views and forms, and are not read. Consultations are public, and held.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from adapters.contract import AdapterSpec, Call, Limits, Need, Reads, Refused, Sql, Stored, Subject, Writes
from adapters.konsultasi_publik import client, normalise
from adapters.konsultasi_publik.codes import CODE_LISTS
from adapters.konsultasi_publik.settings import Settings
from adapters.konsultasi_publik.wire import Konsultasi
from adapters.upstream import SqlUpstream
from schemas.consultation import CONSULTATION, Consultation, ConsultationQuery, Contribute
from schemas.texts import Text

_VIEWS: Final[Sql[Settings]] = Sql(max_bytes=8_000_000, max_cell=100_000)
_INBOX: Final[Sql[Settings]] = Sql(max_bytes=500_000, max_cell=100_000, writes=frozenset({client.CONTRIBUTE}))

CONSULTATIONS: Final[Reads[Settings, SqlUpstream, Konsultasi, Consultation, ConsultationQuery]] = Reads(
    resource=CONSULTATION,
    transport=_VIEWS,
    normalise=normalise.consultation,
    key=lambda w: w.key,
    feed=client.feed,
    fresh=timedelta(seconds=30),
    keep=timedelta(days=30),
)


def _contribution(command: Contribute, subject: Subject | None, code: str) -> Mapping[str, Any] | Refused:
    return normalise.contribution(command, subject.nik if subject else None, code)


async def _contribute(call: Call[Settings, SqlUpstream], command: Contribute, code: str) -> Stored | Refused:
    columns = _contribution(command, call.subject, code)
    return columns if isinstance(columns, Refused) else await client.contribute(call, columns, code)


CONTRIBUTIONS: Final[Writes[Settings, SqlUpstream, Contribute]] = Writes(
    name="contribute",
    command=Contribute,
    transport=_INBOX,
    idempotent=False,
    settle=timedelta(seconds=1),
    send=_contribute,
    look=client.look,
    denormalise=_contribution,
)

SPEC: Final[AdapterSpec[Settings]] = AdapterSpec(
    id="konsultasi-publik",
    agency="sekretariat-daerah",
    title=Text(id="Konsultasi Publik", en="Public consultations"),
    version="1.0.0",
    contact="Sekretariat Daerah Kota Banjarmasin",
    settings=Settings,
    limits=Limits(concurrent=2, slowest=timedelta(seconds=5)),
    needs=frozenset({Need.NIK}),
    probe=client.probe,
    probe_transport=_VIEWS,
    reads=(CONSULTATIONS,),
    writes=(CONTRIBUTIONS,),
    codes=CODE_LISTS,
)
