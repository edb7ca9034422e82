"""The service's WSDL 1.1: document/literal, wrapped, with the credentials in a header."""

from typing import Final
from xml.sax.saxutils import quoteattr

from simulators.rtmc.messages import NAMESPACE

OPERATIONS: Final = ("CekLayanan", "DaftarKejadian", "KondisiLalin")
_INCIDENT: Final = (
    "idKejadian", "waktuSelesai", "status", "jenis", "judul", "uraian", "lokasi", "lat", "lng", "waktu", "tingkat",
    "petugas", "nopol",
)  # fmt: skip
_ROAD: Final = ("kodeRuas", "namaRuas", "arah", "waktu", "lat", "lng", "kecepatan", "volume", "tingkat")


def wsdl(address: str) -> str:
    """Return the WSDL with the endpoint at `address`."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<wsdl:definitions name="LayananRTMC"'
        ' xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:xs="http://www.w3.org/2001/XMLSchema"'
        f' xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:r="{NAMESPACE}" targetNamespace="{NAMESPACE}">'
        f'<wsdl:types><xs:schema targetNamespace="{NAMESPACE}" elementFormDefault="qualified">{_types()}</xs:schema>'
        f'</wsdl:types>{_messages()}<wsdl:portType name="LayananRTMC">{_port()}</wsdl:portType>'
        '<wsdl:binding name="LayananRTMCSoap" type="r:LayananRTMC">'
        f'<soap:binding transport="http://schemas.xmlsoap.org/soap/http" style="document"/>{_binding()}</wsdl:binding>'
        '<wsdl:service name="LayananRTMC"><wsdl:port name="LayananRTMCSoap" binding="r:LayananRTMCSoap">'
        f"<soap:address location={quoteattr(address)}/></wsdl:port></wsdl:service></wsdl:definitions>\n"
    )


def action(operation: str) -> str:
    """Return the SOAPAction of an operation."""
    return f"{NAMESPACE}/{operation}"


def _fields(*names: str, type_: str = "xs:string") -> str:
    return "".join(f'<xs:element name="{name}" type="{type_}" minOccurs="0" nillable="true"/>' for name in names)


def _complex(name: str, content: str) -> str:
    return f'<xs:complexType name="{name}"><xs:sequence>{content}</xs:sequence></xs:complexType>'


def _wrapper(name: str, content: str) -> str:
    return (
        f'<xs:element name="{name}"><xs:complexType><xs:sequence>{content}</xs:sequence></xs:complexType></xs:element>'
    )


def _many(name: str, type_: str) -> str:
    return f'<xs:element name="{name}" type="r:{type_}" minOccurs="0" maxOccurs="unbounded"/>'


def _types() -> str:
    return (
        _complex("Kejadian", _fields(*_INCIDENT))
        + _complex("Ruas", _fields(*_ROAD))
        + _wrapper("Otentikasi", _fields("mitra", "sandi"))
        + _wrapper("CekLayanan", "")
        + _wrapper("CekLayananResponse", _fields("status", "waktuServer"))
        + _wrapper("DaftarKejadian", _fields("setelah") + _fields("jumlah", type_="xs:int"))
        + _wrapper("DaftarKejadianResponse", _fields("waktuData", "adaLagi") + _many("kejadian", "Kejadian"))
        + _wrapper("KondisiLalin", "")
        + _wrapper("KondisiLalinResponse", _fields("waktuData") + _many("ruas", "Ruas"))
    )


def _messages() -> str:
    names = [name for operation in OPERATIONS for name in (operation, f"{operation}Response")]
    parts = dict.fromkeys(names, "parameters") | {"Otentikasi": "Otentikasi"}
    return "".join(
        f'<wsdl:message name="{name}"><wsdl:part name="{part}" element="r:{name}"/></wsdl:message>'
        for name, part in parts.items()
    )


def _port() -> str:
    return "".join(
        f'<wsdl:operation name="{name}"><wsdl:input message="r:{name}"/><wsdl:output message="r:{name}Response"/>'
        "</wsdl:operation>"
        for name in OPERATIONS
    )


def _binding() -> str:
    return "".join(
        f'<wsdl:operation name="{name}"><soap:operation soapAction="{action(name)}"/><wsdl:input>'
        '<soap:body use="literal"/><soap:header message="r:Otentikasi" part="Otentikasi" use="literal"/></wsdl:input>'
        '<wsdl:output><soap:body use="literal"/></wsdl:output></wsdl:operation>'
        for name in OPERATIONS
    )
