"""Servers to compare with: each does the same work with the answers of the same backend, in the usual way of its kind.

They serve `/list` (an answer that is held, with its tag), `/one` (ten applications of a resident, fetched and
normalised) and `/three` (three such lists, fetched at the same time and merged). The resident is named by the header
`X-Nik`. They check nothing, sign nobody in, and keep no record of accesses: what Gerbang does beyond is not in their
figures.
"""
