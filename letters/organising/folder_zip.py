"""A letter's folder as a zip: packed the same from the same files, and unpacked as if an enemy had packed it."""

from __future__ import annotations

import io
import stat
import struct
import zlib
from collections.abc import Iterable, Mapping
from copy import copy
from datetime import date
from pathlib import PurePosixPath
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from letters.organising.draft import FolderText
from letters.organising.folder_files import TOML, parse, privacy_file, text_file
from letters.organising.needs import LARGEST, BadFolder, Need, Problem, bad_file, too_large
from letters.vocabularies.languages import LANGUAGES

FILES = (TOML, *map(text_file, LANGUAGES), *map(privacy_file, LANGUAGES))
"""Every name that a letter's file can have."""

MOST_ENTRIES = 4 * len(FILES)
"""Entries of a zip: the files, their folder, and what systems put beside them."""

LARGEST_ZIP = (len(FILES) + 1) * LARGEST
"""Bytes; whole letters are far smaller, and so is what reading a directory of this size takes."""

_LOCAL_HEADER = 30
"""Bytes of an entry's own header, at least (APPNOTE.TXT, 4.3.7)."""

_ENCRYPTED = 0x1 | 0x40 | 0x2000
"""Flags of an encrypted entry, a strongly encrypted one, and a masked header (APPNOTE.TXT, 4.4.4)."""

_BESIDE = {".DS_Store", "Thumbs.db", "desktop.ini"}
_UNREADABLE = (BadZipFile, EOFError, NotImplementedError, OSError, RuntimeError, ValueError, struct.error, zlib.error)
_LONGEST_NAME = 80


def pack(files: Mapping[str, bytes], day: date) -> bytes:
    """A zip of the files, in the order of their names, dated `day` and telling nothing of where it was made."""
    packed = io.BytesIO()
    with ZipFile(packed, "w", ZIP_STORED) as archive:  # compressors differ from one machine to the next
        for name in sorted(files):
            entry = ZipInfo(name, (day.year, day.month, day.day, 0, 0, 0))
            entry.create_system, entry.external_attr = 3, (stat.S_IFREG | 0o644) << 16
            archive.writestr(entry, files[name])
    return packed.getvalue()


def unpack(file: BinaryIO, name: str = "letter.zip") -> FolderText:
    """What the letter in a zip holds; `name` is what refusals call the zip.

    Its files lie in one folder or in none, and nothing else but what systems put beside them. Nothing is written to the
    disk, and of each file at most one byte over `LARGEST` is inflated. Raises `BadFolder`.
    """
    where = PurePosixPath(_shown(name))
    if file.seek(0, io.SEEK_END) > LARGEST_ZIP:
        raise too_large(where)
    try:
        with ZipFile(file) as archive:
            entries = _files_in(archive, where)
            files = {name: _inflate(archive, entry) for name, entry in entries.items()}
    except _UNREADABLE:
        raise bad_file(where, Need.NOT_ZIP) from None
    return parse(files.get)


def _files_in(archive: ZipFile, where: PurePosixPath) -> dict[str, ZipInfo]:
    """The letter's files by their names without the folder."""
    if len(archive.infolist()) > MOST_ENTRIES:
        raise bad_file(where, Need.TOO_MANY, most=str(MOST_ENTRIES))
    ours = [entry for entry in archive.infolist() if not _is_beside(entry.filename)]
    for entry in ours:
        _check_entry(entry)
    _check_apart(ours, archive.start_dir)
    return _by_name(ours)


def _is_beside(path: str) -> bool:
    """Whether macOS or Windows put it there; it is not read."""
    return path.startswith("__MACOSX/") or path.rpartition("/")[2] in _BESIDE


def _check_entry(entry: ZipInfo) -> None:
    if not entry.filename or entry.orig_filename != entry.filename:  # it was cut off at a NUL
        raise _refused(entry, Need.STRANGE_NAME)
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if entry.flag_bits & _ENCRYPTED:
        raise _refused(entry, Need.ENCRYPTED)
    if kind not in (0, stat.S_IFDIR if entry.is_dir() else stat.S_IFREG):
        raise _refused(entry, Need.NO_FILE)
    if entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        raise _refused(entry, Need.STRANGE_METHOD)


def _check_apart(entries: Iterable[ZipInfo], end: int) -> None:
    """Refuse entries that share bytes with the next one or with the directory."""
    in_order = sorted(entries, key=lambda entry: entry.header_offset)
    following = [*(entry.header_offset for entry in in_order[1:]), end]
    for entry, start in zip(in_order, following, strict=False):
        if entry.header_offset + _LOCAL_HEADER + entry.compress_size > start:
            raise _refused(entry, Need.DAMAGED)


def _by_name(entries: Iterable[ZipInfo]) -> dict[str, ZipInfo]:
    found: dict[str, ZipInfo] = {}
    folders = set()
    for entry in entries:
        folder, slash, name = entry.filename.rpartition("/")
        if slash and not _is_folder(folder):
            raise _refused(entry, Need.STRANGE_PLACE)
        folders.add(folder)
        if len(folders) > 1:
            raise _refused(entry, Need.STRANGE_PLACE)
        if entry.is_dir():
            continue
        if name not in FILES:
            raise _refused(entry, Need.STRANGE_NAME)
        if name in found:
            raise _refused(entry, Need.TWICE)
        found[name] = entry
    return found


def _is_folder(name: str) -> bool:
    """Whether it is the name of one folder, and no way out of it."""
    return name not in ("", ".", "..") and not set(name) & set("/\\:")


def _inflate(archive: ZipFile, entry: ZipInfo) -> bytes:
    """An entry's content, as long as it is and not as its header says. Raises `BadFolder`."""
    whole = copy(entry)
    whole.file_size = LARGEST + 2  # its end would be compared with a checksum
    try:
        with archive.open(whole) as opened:
            content = opened.read(LARGEST + 1)
    except _UNREADABLE:
        raise _refused(entry, Need.DAMAGED) from None
    if len(content) > LARGEST:
        raise too_large(PurePosixPath(_shown(entry.filename)))
    if len(content) != entry.file_size:
        raise _refused(entry, Need.DAMAGED)
    return content


def _refused(entry: ZipInfo, need: Need) -> BadFolder:
    """The refusal of one entry, by its whole path."""
    problem = Problem(_shown(entry.filename), need)
    return BadFolder(f"{problem.field} {problem.words}.", problem)


def _shown(name: str) -> str:
    """A name from outside, fit for one line."""
    return "".join(letter if letter.isprintable() else "?" for letter in name[:_LONGEST_NAME]) or "?"
