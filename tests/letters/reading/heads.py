"""Reads what a page says of itself to programs, and what it links to, as a browser would."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

from sqlalchemy import update

from letters.models.letters import LetterTextRow
from tests.letters.signing.asking import change_letter
from tests.parts.campaign import Campaign

SITE = "https://undersigned.example"

ODD_TITLES = [
    "<b>“Quotes”</b> & 'apostrophes' \"double\"",
    "</title><script>alert(1)</script>",
    "Здоров’е & праца? 100 % + #1",
    "\u202eright to left\u202c, and \u200fback",
    "سلامة العاملين الصحيين (2026)",
    "a " * 150,
    "x" * 300,
]


@dataclass
class Head(HTMLParser):
    """`<meta>` by name or property, `<link>`s as their attributes, `<a>` and `<img>` by their addresses."""

    meta: dict[str, list[str]] = field(default_factory=dict)
    items: dict[str, list[str]] = field(default_factory=dict)
    links: list[dict[str, str]] = field(default_factory=list)
    anchors: list[dict[str, str]] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        HTMLParser.__init__(self)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        if "itemprop" in given:
            self.items.setdefault(given["itemprop"], []).append(given.get("content", tag))
        elif tag == "meta":
            self.meta.setdefault(given.get("property") or given.get("name") or "", []).append(given.get("content", ""))
        elif tag == "link":
            self.links.append(given)
        elif tag in ("a", "iframe", "img", "script"):
            self.anchors.append({"tag": tag, **given})

    def one(self, name: str) -> str:
        """The one `<meta>` of that name or property."""
        (content,) = self.meta[name]
        return content

    @property
    def alternates(self) -> dict[str, str]:
        """The same page in other languages: address by `hreflang`."""
        return {link["hreflang"]: link["href"] for link in self.links if "hreflang" in link}


def head_of(html: str) -> Head:
    """What that page says."""
    head = Head()
    head.feed(html)
    return head


def get_head(campaign: Campaign, path: str = "", language: str = "/en") -> Head:
    """The head of a page of the campaign's letter."""
    answer = campaign.client.get(f"{language}/letters/{campaign.slug}{path}")
    assert answer.status_code == 200, answer.status
    return head_of(answer.text)


def rename(campaign: Campaign, title: str) -> None:
    """Let the letter have that title in every language."""
    campaign.runtime.settle(lambda session: session.execute(update(LetterTextRow).values(title=title)))
    change_letter(campaign)
