"""Converters for the values that legacy systems send: one module per kind of column.

Formats are declared per column, and nothing is guessed from a value: `12.500` is twelve thousand five hundred in one
export and twelve and a half in another. So there is one function per declared format. Each is pure and returns a
`Reading`: the value or None, and the doubts about it. A value that does not match its declared format is absent, with a
doubt. `None` (a missing column, or null) is absent without one.

* `reading`: the result type, and the collector `Doubts`
* `dates`, `spelled_dates` (with month names), `numbers`, `booleans`, `texts`, `charsets`, `nik`, `regions`, `phones`:
  columns
* `receipts`: the receipt code at the end of a text that the gateway sent
* `hardened_xml`: the parser for XML from outside
* `statuses`, `envelopes`, `markup` (XML), `elements` (SOAP), `protobuf`, `archives` (ZIP): whole answers
* `signatures`: authentication of a push
"""
