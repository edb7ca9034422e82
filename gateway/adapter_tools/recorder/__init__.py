"""`gerbang adapter record`: real answers of a system, saved as fixtures without the people who were in them.

Everything is replaced but what is known to be nobody's: so a column that nobody thought of does no harm.

`vocabulary` which words are nobody's · `columns` what a column's name says · `months`, `moments` days as they are
written · `standins` what stands in their place · `replacing` text and trees · `fragments`, `documents`, `markup`,
`workbooks`, `workbook_parts` whole answers · `scanning` the last look · `tapping`, `asking` what the system answers ·
`pairs` the fixtures
"""
