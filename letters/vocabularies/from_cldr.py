"""Make `regions/` from Unicode CLDR: `python -m letters.vocabularies.from_cldr CLDR_DIR`.

CLDR_DIR is CLDR's folder `common`, as in its `core.zip` or in Debian's package unicode-cldr-core. Taken are country
names and the current subdivisions directly below each country (UTS #35, part 6), in `LANGUAGES`. Of each label the
marks that CLDR adds for itself are dropped and the first letter is made a capital. Of regions of one country that would
then read alike, those that CLDR had marked lose the label, until `regions/<country>.toml`, written by hand, gives one.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree

LANGUAGES = ("ar", "be", "de", "en", "pl", "ru", "uk")

TARGET = Path(__file__).parent / "regions"

# In CLDR's list of regions, but reserved in ISO 3166-1: parts of other countries. Kosovo (XK) stays.
_RESERVED = {"AC", "CP", "CQ", "DG", "EA", "IC", "TA"}

# Superscripts tell homonyms apart, a dagger marks a share of Skopje, U+0301 is a stress.
_MARKS = re.compile("[¹²³⁴†]|(?<=[а-яё])\u0301")

Labels = dict[str, dict[str, str]]
"""By code, then by language."""


def main(arguments: Sequence[str], target: Path = TARGET) -> int:
    """Write a file for each country, and `CLDR` with the version. Returns the exit code."""
    if len(arguments) != 1 or not (Path(arguments[0]) / "subdivisions").is_dir():
        sys.stderr.write("usage: python -m letters.vocabularies.from_cldr CLDR_DIR (CLDR's folder `common`)\n")
        return 2
    cldr = Path(arguments[0])
    for country, labels in countries(cldr):
        lines = [
            f"{json.dumps(code)}: {json.dumps(texts, ensure_ascii=False, sort_keys=True)}"
            for code, texts in sorted(labels.items())
        ]
        (target / f"{country}.json").write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    (target / "CLDR").write_text(f"Unicode CLDR {version(cldr)}\n", encoding="utf-8")
    return 0


def countries(cldr: Path) -> Iterator[tuple[str, Labels]]:
    """Yield each country's code with the labels of itself and of its subdivisions."""
    below, current = _containment(cldr), _valid(cldr, "subdivision")
    names = {language: _texts(cldr / f"main/{language}.xml", "territory") for language in LANGUAGES}
    texts = {language: _texts(cldr / f"subdivisions/{language}.xml", "subdivision") for language in LANGUAGES}
    for country in sorted(_valid(cldr, "region") - _RESERVED):
        codes = [code for code in below.get(country, ()) if code in current]
        labels: Labels = {country: _label(names, country)}
        for code in codes:
            labels[f"{country}-{code[2:].upper()}"] = _label(texts, code)
        yield country, _told_apart(labels)


def version(cldr: Path) -> str:
    """CLDR's version, from its DTD."""
    found = re.search(r'cldrVersion CDATA #FIXED "([\d.]+)"', (cldr / "dtd/ldml.dtd").read_text(encoding="utf-8"))
    return found.group(1) if found else "of unknown version"


def _containment(cldr: Path) -> dict[str, list[str]]:
    groups = _parse(cldr / "supplemental/subdivisions.xml").iter("subgroup")
    return {group.attrib["type"]: group.attrib["contains"].split() for group in groups}


def _valid(cldr: Path, kind: str) -> set[str]:
    """The codes of status "regular"; `ab~d` stands for ab, ac and ad (UTS #35, part 1, string ranges)."""
    ids = _parse(cldr / f"validity/{kind}.xml").iter("id")
    words = [word for item in ids if item.attrib["idStatus"] == "regular" for word in (item.text or "").split()]
    valid = set()
    for word in words:
        first, _, last = word.partition("~")
        ends = range(ord(first[-1]), ord(last or first[-1]) + 1)
        valid |= {first[:-1] + chr(end) for end in ends}
    return valid


def _texts(file: Path, tag: str) -> dict[str, str]:
    elements = _parse(file).iter(tag)
    return {element.attrib["type"]: element.text or "" for element in elements if "alt" not in element.attrib}


def _label(texts: Mapping[str, Mapping[str, str]], code: str) -> dict[str, str]:
    return {language: texts[language][code].strip() for language in LANGUAGES if texts[language].get(code)}


def _told_apart(labels: Labels) -> Labels:
    """Clean every label; where two regions would read alike, the marked one is left without."""
    cleaned: Labels = {code: {} for code in labels}
    for language in LANGUAGES:
        spoken = [(bool(_MARKS.search(texts[language])), code) for code, texts in labels.items() if language in texts]
        taken = set()
        for _, code in sorted(spoken):
            text = _clean(labels[code][language])
            if text not in taken:
                cleaned[code][language] = text
            if "-" in code:
                taken.add(text)
    return cleaned


def _clean(text: str) -> str:
    text = _MARKS.sub("", text).strip()
    return text[:1].upper() + text[1:]


def _parse(file: Path) -> ElementTree.Element:
    return ElementTree.parse(file).getroot()  # noqa: S314 # the caller chose this file


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
