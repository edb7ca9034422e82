"""Readers for what legacy systems send: one module per family of columns.

Formats are declared per column and nothing is guessed from a value: `12.500` is twelve thousand five hundred in one
export and twelve and a half in another. So there is one function per declared format; each is pure and returns a
`Reading`: the value or None, and the doubts about it. A value that does not match its declared format is absent, with
a doubt. `None` (the column is not there, or null) is absent without one.

`reading` the result type and the collector `Doubts` · `dates`, and `spelled_dates` in words · `numbers` · `booleans` ·
`texts` · `charsets` · `nik` · `regions` · `phones` · `receipts` the code that ends a text of ours · `statuses` and
`envelopes` the reading of whole answers, `markup` of those in XML, `elements` of those in SOAP, `protobuf` · `archives`
looked through before they are unpacked · `signatures` who really sent a push.
"""
