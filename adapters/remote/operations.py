"""The operations of the adapter protocol, with the models of their requests and answers."""

from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel

from adapters.remote import grant, wire


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation. `asked`: the model of the request, None for a GET; `answered`: the models of possible answers."""

    path: str
    id: str
    summary: str
    description: str
    asked: type[BaseModel] | None = None
    answered: tuple[type[BaseModel], ...]

    @property
    def verb(self) -> str:
        """The HTTP method in lower case, as in OpenAPI."""
        return "get" if self.asked is None else "post"

    @property
    def models(self) -> tuple[type[BaseModel], ...]:
        """Every model of this operation."""
        return self.answered if self.asked is None else (self.asked, *self.answered)


OPERATIONS: Final[tuple[Operation, ...]] = (
    Operation(
        path="/adapter",
        id="describeAdapter",
        summary="Keterangan adaptor · Description of the adapter",
        description="Dibandingkan dengan izin operator; perbedaan adalah galat.\n\n"
        "Compared with the operator's grant; a difference is an error.",
        answered=(grant.Description,),
    ),
    Operation(
        path="/probe",
        id="probeSystem",
        summary="Sistem siap · Whether the system is available",
        description="Tanyakan kepada sistem sesuatu yang murah.\n\nSend the system a cheap request.",
        answered=(wire.Ready,),
    ),
    Operation(
        path="/reads/{resource}/ask",
        id="askList",
        summary="Satu halaman daftar · One page of a list",
        description="Rekaman milik warga yang ditanyakan, atau yang memenuhi saringan.\n\n"
        "The records of the subject, or those that match the filters.",
        asked=wire.Ask,
        answered=(wire.Page,),
    ),
    Operation(
        path="/reads/{resource}/one",
        id="askOne",
        summary="Satu rekaman · One record",
        description="Menurut kunci, selengkapnya.\n\nBy its key, in full.",
        asked=wire.AskOne,
        answered=(wire.OneItem,),
    ),
    Operation(
        path="/reads/{resource}/feed",
        id="askFeed",
        summary="Salinan berkala · One part of a feed",
        description="Seluruh rekaman, sebagian demi sebagian, sampai `next` kosong.\n\n"
        "All records, part by part, until `next` is null.",
        asked=wire.AskFeed,
        answered=(wire.Page,),
    ),
    Operation(
        path="/reads/{resource}/content",
        id="askContent",
        summary="Satu dokumen · A document",
        description="Menurut nomor dokumen di dalam rekaman.\n\nBy its id within the record.",
        asked=wire.AskContent,
        answered=(wire.OneDocument,),
    ),
    Operation(
        path="/writes/{name}/send",
        id="sendWrite",
        summary="Laksanakan perintah · Carry out a command",
        description="Simpan kode tanda terima di tempat yang dapat dicari lagi.\n\n"
        "Store the receipt code where it can be searched for: after a lost connection the write is looked up by it.\n\n"
        "`pending`: sistem baru memutuskan kemudian; perintah dicari sampai ada jawaban.\n\n"
        "`pending`: the system decides later; the command is looked up until there is a decision.",
        asked=wire.Write,
        answered=(wire.WasStored, wire.WasRefused, wire.IsPending),
    ),
    Operation(
        path="/writes/{name}/look",
        id="lookUpWrite",
        summary="Cari perintah · Look a command up",
        description="`absent` berarti pasti tidak ada.\n\n"
        "`absent` means certainly not stored: the command is then sent again.\n\n"
        "`pending` selama sistem belum memutuskan, juga bila perintah mungkin belum sampai; `refused` bila kemudian "
        "ditolak.\n\n`pending` while the system has not decided, also when the command may not have arrived; "
        "`refused` when it was refused later.",
        asked=wire.Write,
        answered=(wire.WasStored, wire.WasRefused, wire.IsAbsent, wire.IsPending),
    ),
)
