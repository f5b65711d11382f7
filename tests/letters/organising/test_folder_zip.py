"""A letter as a zip: packed the same everywhere, and unpacked whoever packed it."""

import io
import stat
import struct
import tracemalloc
import zlib
from datetime import date
from functools import cache
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.organising.folder import (
    LARGEST,
    BadFolder,
    Draft,
    FolderText,
    Need,
    draft_of,
    files_of,
    folder_text,
    parse,
)
from letters.organising.folder_zip import LARGEST_ZIP, MOST_ENTRIES, pack, unpack
from tests.letters.organising.drafts import drafts
from tests.letters.organising.letter_files import FIELDS, FILES
from tests.letters.organising.test_folder_files import many_parts

DAY = date(2026, 12, 1)
TOML = "".join(f"{name} = {value}\n" for name, value in FIELDS.items()).encode()
LETTER = {"letter.toml": TOML, **FILES}
IN_FOLDER = {f"fair-shifts/{name}": content for name, content in LETTER.items()}
ON_A_MAC = {
    **IN_FOLDER,
    "fair-shifts/": b"",
    "fair-shifts/.DS_Store": b"\x00",
    "__MACOSX/": b"",
    "__MACOSX/fair-shifts/._ru.md": b"\x00",
}


def packed(files: dict[str, bytes], method: int = ZIP_DEFLATED) -> bytes:
    """A zip as a stranger packs it."""
    made = io.BytesIO()
    with ZipFile(made, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()


def unpacked(content: bytes) -> FolderText:
    return unpack(io.BytesIO(content), "upload.zip")


def refused(content: bytes) -> BadFolder:
    with pytest.raises(BadFolder) as refusal:
        unpacked(content)
    sentence = str(refusal.value)
    assert sentence.endswith(".")
    assert sentence.isprintable()
    return refusal.value


def refusal(content: bytes) -> tuple[str, Need]:
    return refused(content).field, refused(content).need


@many_parts
@given(drafts())
def test_a_letter_that_was_packed_is_the_same_letter_again(draft: Draft) -> None:
    assert draft_of(unpacked(pack(files_of(folder_text(draft)), DAY))) == draft


def test_the_same_files_are_the_same_zip() -> None:
    backwards = dict(reversed(LETTER.items()))
    assert pack(LETTER, DAY) == pack(backwards, DAY)


def test_a_zip_tells_nothing_but_its_day() -> None:
    with ZipFile(io.BytesIO(pack(LETTER, DAY))) as archive:
        assert archive.comment == b""
        for entry in archive.infolist():
            assert (entry.date_time, entry.extra, entry.comment) == ((2026, 12, 1, 0, 0, 0), b"", b"")
            assert stat.S_ISREG(entry.external_attr >> 16)
        assert archive.testzip() is None


@pytest.mark.parametrize("method", [ZIP_STORED, ZIP_DEFLATED])
@pytest.mark.parametrize("files", [LETTER, IN_FOLDER, ON_A_MAC], ids=["flat", "in a folder", "on a Mac"])
def test_a_letter_is_read_flat_or_in_one_folder(files: dict[str, bytes], method: int) -> None:
    assert unpacked(packed(files, method)) == parse(LETTER.get)


def test_a_folder_may_have_a_name_in_any_script() -> None:
    files = {f"Письмо/{name}": content for name, content in LETTER.items()}
    assert unpacked(packed(files)) == parse(LETTER.get)


def test_a_folder_may_have_a_name_in_the_script_of_an_old_computer() -> None:
    """Windows writes names in the code page of its country, and nothing says in which."""
    content = packed({f"FOLDER/{name}": content for name, content in LETTER.items()})
    assert unpacked(content.replace(b"FOLDER", "Письмо".encode("cp866"))) == parse(LETTER.get)


def test_an_unfinished_letter_is_unpacked() -> None:
    assert unpacked(packed({"letter.toml": b'languages = ["ru"]'})) == FolderText({"languages": ["ru"]})


NAMES = {
    "one folder up": ("../ru.md", Need.STRANGE_PLACE),
    "in the folder above a folder": ("fair-shifts/../ru.md", Need.STRANGE_PLACE),
    "absolute": ("/ru.md", Need.STRANGE_PLACE),
    "on a drive": ("C:/ru.md", Need.STRANGE_PLACE),
    "with backslashes": ("..\\ru.md", Need.STRANGE_NAME),
    "here": ("./ru.md", Need.STRANGE_PLACE),
    "deeper": ("fair-shifts/texts/ru.md", Need.STRANGE_PLACE),
    "another folder": ("another/ru.md", Need.STRANGE_PLACE),
    "an empty folder": ("another/", Need.STRANGE_PLACE),
    "unknown": ("readme.txt", Need.STRANGE_NAME),
    "an unknown language": ("tlh.md", Need.STRANGE_NAME),
    "in capitals": ("RU.MD", Need.STRANGE_NAME),
    "with a line break": ("ru.md\nen.md", Need.STRANGE_NAME),
    "nothing but white space": (" ", Need.STRANGE_NAME),
}


@pytest.mark.parametrize(("name", "need"), NAMES.values(), ids=NAMES)
def test_a_file_that_is_not_the_letters_is_refused_by_its_name(name: str, need: Need) -> None:
    shown = "".join(letter if letter.isprintable() else "?" for letter in name)
    assert refusal(packed({"letter.toml": TOML, name: b"x"})) == (shown, need)


def test_a_name_that_a_nul_cuts_off_is_refused() -> None:
    content = packed({"letter.toml": TOML, "ru.md_exe": b"x"}).replace(b"ru.md_exe", b"ru.md\0exe")
    assert refusal(content) == ("ru.md", Need.STRANGE_NAME)


def test_a_file_without_a_name_is_refused() -> None:
    content = bytearray(packed({"x": b""}))
    lengths = content.index(b"PK\x01\x02") + 28
    content[lengths : lengths + 4] = struct.pack("<HH", 0, 1)  # its letter belongs to what follows the name
    assert refusal(bytes(content)) == ("?", Need.STRANGE_NAME)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_file_that_stands_twice_is_refused() -> None:
    made = io.BytesIO(packed(LETTER))
    with ZipFile(made, "a") as archive:
        archive.writestr("ru.md", "# Other\n\nText.\n")
    assert refusal(made.getvalue()) == ("ru.md", Need.TWICE)


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO, stat.S_IFDIR])
def test_what_is_no_plain_file_is_refused(kind: int) -> None:
    made = io.BytesIO()
    with ZipFile(made, "w") as archive:
        entry = ZipInfo("letter.toml")
        entry.external_attr = (kind | 0o777) << 16
        archive.writestr(entry, "/etc/passwd")
    assert refusal(made.getvalue()) == ("letter.toml", Need.NO_FILE)


@pytest.mark.parametrize("flag", [0x1, 0x40, 0x2000])
def test_an_encrypted_file_is_refused(flag: int) -> None:
    content = bytearray(packed({"letter.toml": TOML}))
    at = content.index(b"PK\x01\x02") + 8
    content[at : at + 2] = struct.pack("<H", flag)
    assert refusal(bytes(content)) == ("letter.toml", Need.ENCRYPTED)


def test_an_unusual_compression_is_refused() -> None:
    assert refusal(packed({"letter.toml": TOML}, ZIP_BZIP2)) == ("letter.toml", Need.STRANGE_METHOD)


def test_more_entries_than_a_letter_has_are_refused() -> None:
    many = {f"__MACOSX/{number}": b"" for number in range(MOST_ENTRIES)}
    assert refusal(packed({"letter.toml": TOML, **many})) == ("upload.zip", Need.TOO_MANY)


@pytest.mark.parametrize(
    "content",
    [b"", b"PK", b"# Fair shifts\n", b"PK\x05\x06" + bytes(17), b"PK\x05\x06" + b"\xff" * 18, b"\x1f\x8b" + bytes(99)],
    ids=["nothing", "its first letters", "a text", "half an end", "an end of nonsense", "gzip"],
)
def test_what_is_no_zip_is_refused(content: bytes) -> None:
    assert refusal(content) == ("upload.zip", Need.NOT_ZIP)


def test_a_zip_without_a_letter_is_refused() -> None:
    assert refusal(packed({})) == ("letter.toml", Need.MISSING)
    assert refusal(packed(dict(FILES))) == ("letter.toml", Need.MISSING)


def test_what_the_files_hold_is_refused_as_in_a_folder() -> None:
    assert refusal(packed({**LETTER, "ru.md": "Смены".encode("cp1251")})) == ("ru.md", Need.NOT_UTF8)
    assert refusal(packed({**LETTER, "letter.toml": b"slug = \n"})) == ("letter.toml", Need.NOT_TOML)


def test_a_zip_larger_than_any_letter_is_not_opened() -> None:
    assert refusal(packed(LETTER) + bytes(LARGEST_ZIP)) == ("upload.zip", Need.TOO_LARGE)


@cache
def bomb() -> bytes:
    """300 MB of nothing in 300 kB."""
    made = io.BytesIO()
    with ZipFile(made, "w", ZIP_DEFLATED) as archive, archive.open("letter.toml", "w") as file:
        for _ in range(300):
            file.write(bytes(1 << 20))
    return made.getvalue()


def lying(content: bytes, claimed: int | None = None, checksum: int | None = None) -> bytes:
    """Put another length and checksum into both headers of the first entry."""
    changed = bytearray(content)
    for header, at in ((b"PK\x03\x04", 14), (b"PK\x01\x02", 16)):
        start = content.index(header) + at
        old = struct.unpack("<III", content[start : start + 12])
        new = old[0] if checksum is None else checksum, old[1], old[2] if claimed is None else claimed
        changed[start : start + 12] = struct.pack("<III", *new)
    return bytes(changed)


@pytest.mark.parametrize("claimed", [None, 0, 100, LARGEST, (1 << 32) - 2])
def test_a_bomb_is_left_alone_whatever_it_claims(claimed: int | None) -> None:
    content = lying(bomb(), claimed)
    tracemalloc.start()
    try:
        assert refusal(content) == ("letter.toml", Need.TOO_LARGE)
        assert tracemalloc.get_traced_memory()[1] < 16 * LARGEST
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("claimed", [0, 7, len(TOML) - 1, len(TOML) + 1, LARGEST])
@pytest.mark.parametrize("method", [ZIP_STORED, ZIP_DEFLATED])
def test_a_file_that_is_not_as_long_as_its_header_says_is_refused(claimed: int, method: int) -> None:
    content = lying(packed({"letter.toml": TOML}, method), claimed, zlib.crc32(TOML[:claimed]))
    assert refusal(content) == ("letter.toml", Need.DAMAGED)
    honest_checksum = lying(packed({"letter.toml": TOML}, method), claimed)
    assert refusal(honest_checksum) == ("letter.toml", Need.DAMAGED)


def test_a_file_with_a_flipped_bit_is_refused() -> None:
    content = packed({"letter.toml": TOML}, ZIP_STORED).replace(b"slug", b"slag")
    assert refusal(content) == ("letter.toml", Need.DAMAGED)


def test_a_file_of_the_largest_length_is_read_and_one_byte_more_is_not() -> None:
    fits = b"# Fair shifts\n\n" + b"a" * (LARGEST - 15)
    assert unpacked(packed({**LETTER, "en.md": fits})).texts["en"].endswith("a")
    assert refusal(packed({**LETTER, "en.md": fits + b"a"})) == ("en.md", Need.TOO_LARGE)


def test_entries_that_share_their_bytes_are_refused() -> None:
    """Two names in the directory for one file's bytes."""
    content = packed({"letter.toml": TOML})
    directory, end = content.index(b"PK\x01\x02"), content.index(b"PK\x05\x06")
    twice = content[directory:end] + content[directory:end]
    closing = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 2, 2, len(twice), directory, 0)
    assert refusal(content[:directory] + twice + closing) == ("letter.toml", Need.DAMAGED)


def test_an_entry_that_quotes_the_next_one_is_refused() -> None:
    """A stored block of its own runs over the next entry's header, so that both inflate the same bytes."""
    content = bytearray(packed({"letter.toml": TOML, "ru.md": FILES["ru.md"]}, ZIP_STORED))
    for header, at in ((b"PK\x03\x04", 18), (b"PK\x01\x02", 20)):
        start = content.index(header) + at
        longer = len(TOML) + 60
        content[start : start + 8] = struct.pack("<II", longer, longer)
    assert refusal(bytes(content)) == ("letter.toml", Need.DAMAGED)


def test_an_entry_that_runs_into_the_directory_is_refused() -> None:
    content = bytearray(packed({"letter.toml": TOML}, ZIP_STORED))
    start = content.index(b"PK\x01\x02") + 20
    content[start : start + 8] = struct.pack("<II", len(TOML) + 30, len(TOML) + 30)
    assert refusal(bytes(content)) == ("letter.toml", Need.DAMAGED)


@given(st.data())
def test_whatever_is_broken_in_a_zip_it_is_read_or_refused(data: st.DataObject) -> None:
    content = bytearray(packed(IN_FOLDER))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(content[: data.draw(st.integers(0, len(content)))]) if data.draw(st.booleans()) else bytes(content)
    try:
        text = unpacked(cut)
    except BadFolder:
        return
    assert text.toml.keys() <= parse(LETTER.get).toml.keys()
