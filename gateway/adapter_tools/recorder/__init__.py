"""`gerbang adapter record`: saves real answers of a system as fixtures, without personal data.

Every value is replaced unless it is known to be impersonal. A column that was not foreseen is therefore safe.

`vocabulary` impersonal words · `columns` kinds of columns by name · `months`, `dates` written dates · `standins`
replacement values · `replacer` texts and trees · `fragments`, `documents`, `markup`, `workbooks`, `workbook_parts`
whole answers · `final_scan` the final check · `tap`, `recording` calls to the system · `golden_pairs` the fixtures
"""
