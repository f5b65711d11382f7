"""Links of a mirror's pages: only what is really a link is written anew."""

import pytest

from letters.mirroring.links import Links

LINKS = Links("https://undersigned.example", lambda path: "about/index.html" if path == "/about" else None)


@pytest.mark.parametrize(
    ("html", "rewritten"),
    [
        ('<a href="/about#a">', '<a href="../about/index.html#a">'),
        ('<a href="/other?q=1&amp;r=2">', '<a href="https://undersigned.example/other?q=1&amp;r=2">'),
        ('<img alt="" src="/other.png">', '<img alt="">'),
        ('<a href="//elsewhere.example/share">', '<a href="https://elsewhere.example/share">'),
        ('<a href="//[broken">', '<a href="https://[broken">'),
        ('<a href="#here">', '<a href="#here">'),
        ('text href="/about" text', 'text href="/about" text'),
        (
            '<p title="&#34; href=&#34;/about&#34; &lt;script&gt;">',
            '<p title="&#34; href=&#34;/about&#34; &lt;script&gt;">',
        ),
        ('<b>a</b><script src="/x.js" defer></script><b>c</b>', "<b>a</b><b>c</b>"),
    ],
)
def test_a_link_leads_to_a_file_or_to_the_site_and_text_stays(html: str, rewritten: str) -> None:
    assert LINKS.rewritten(html, "letters/index.html") == rewritten
