"""What can be wrong with an uploaded table: a code, the values to fill in, and the sentence in English.

`words` says the same sentence in the reader's language. No sentence repeats a cell with a person's name.
"""

from __future__ import annotations

from collections.abc import Mapping

from verification.errors import Refusal


def N_(sentence: str) -> str:  # noqa: N802 (the name by which Babel finds messages)
    """Mark a sentence for the catalogues."""
    return sentence


SENTENCES: Mapping[str, str] = {
    "not_csv": N_("This is not a CSV file. Open it in a spreadsheet program and save it as “CSV UTF-8”."),
    "wrong_encoding": N_(
        "Line %(line)s is not in UTF-8. Open the file in a spreadsheet program and save it as “CSV UTF-8”."
    ),
    "control_character": N_("Line %(line)s holds characters that cannot be seen. Please type it again by hand."),
    "file_too_large": N_("The file is larger than %(limit)s MB. Please split it."),
    "too_many_lines": N_("The file has more than %(limit)s lines. Please split it or take out the empty ones."),
    "too_many_rows": N_("The table has more than %(limit)s rows. Please split it."),
    "row_too_long": N_(
        "The row at line %(line)s does not end. Perhaps a quotation mark is opened there and never closed."
    ),
    "bad_quotes": N_("The quotation marks at line %(line)s do not match. Please correct this line."),
    "empty_file": N_("The file is empty. Its first line names the columns: %(columns)s."),
    "unnamed_column": N_("Column %(column)s has no name. Please give it a name, or take the column out."),
    "duplicate_header": N_("Columns %(first)s and %(second)s are both called “%(name)s”. Please keep one of them."),
    "unknown_header": N_("There is no use for the column “%(name)s”. The first line names these columns: %(columns)s."),
    "missing_header": N_("The column “%(name)s” is missing. The first line names these columns: %(columns)s."),
    "too_many_cells": N_("Line %(line)s has more cells than the first line names. Please correct it."),
    "formula": N_("In line %(line)s the cell “%(column)s” begins like a formula. Please correct or empty it."),
    "empty_cell": N_("In line %(line)s the cell “%(column)s” is empty. Please fill it in."),
    "cell_too_long": N_(
        "In line %(line)s the cell “%(column)s” has more than %(limit)s characters. Please shorten it."
    ),
    "bad_domain": N_("Line %(line)s: “%(domain)s” is no domain. Write what stands after the @, like example.org."),
    "open_suffix": N_("Line %(line)s: anyone can get a domain below “%(domain)s”. Name the institution’s own domain."),
    "public_mailbox": N_("Line %(line)s: anyone can get an address at “%(domain)s”, so it proves no institution."),
    "duplicate_domain": N_("Lines %(first)s and %(line)s both name “%(domain)s”. Please keep one of them."),
    "unknown_region": N_("Line %(line)s: “%(region)s” is no region of this letter. Use one of its codes, or none."),
    "too_many_professions": N_(
        "The column “profession” holds more than %(limit)s different texts. Please write each profession in one way."
    ),
}


class BadTable(Refusal):
    """A table is not read, and nothing of it is kept.

    `code` is one of `SENTENCES`; `values` fill the sentence in. `line` counts from 1 as a text editor does, and is
    None where the whole file is meant.
    """

    def __init__(self, code: str, *, line: int | None = None, values: Mapping[str, str | int] | None = None) -> None:
        self.code, self.line = code, line
        self.values = {**(values or {}), **({} if line is None else {"line": line})}
        super().__init__(SENTENCES[code] % self.values)
