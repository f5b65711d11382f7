"""Where readers' pages and files are."""

from __future__ import annotations

from collections.abc import Mapping

from letters.reading import (
    address_pages,
    drawings,
    edition_pages,
    embedding,
    feeds,
    institutions,
    letters_feed,
    log_pages,
    oembed,
    pages,
    sharing,
    sitemap,
)
from letters.reading.knows import Knows
from letters.web.site import SitePage

PAGES: Mapping[str, tuple[str, type[SitePage]]] = {
    "/": ("home", pages.Home),
    "/letters/<slug>/signatories": ("signatories", pages.Signatories),
    "/letters/<slug>/count": ("count", pages.CountPage),
    "/letters/<slug>/editions/<int:number>": ("edition", edition_pages.EditionPage),
    "/letters/<slug>/editions/latest": ("latest_edition", edition_pages.LatestEdition),
    "/letters/<slug>/editions.atom": ("editions_atom", feeds.EditionsFeed),
    "/letters/<slug>/log": ("log", log_pages.LogPage),
    "/letters/<slug>/addresses": ("addresses", address_pages.AddressesPage),
    "/letters/<slug>/institutions": ("institutions", institutions.Institutions),
    "/letters/<slug>/badge.svg": ("badge", pages.Badge),
    "/letters/<slug>/card.png": ("card", drawings.CardPage),
    "/letters/<slug>/poster.pdf": ("poster", drawings.PosterPage),
    "/letters/<slug>/qr.png": ("qr", drawings.QrPage),
    "/letters/<slug>/share": ("share", sharing.SharePage),
    "/letters/<slug>/embed": ("embed", embedding.Embed),
    "/knows": ("knows", Knows),
    "/letters.atom": ("letters_atom", letters_feed.LettersFeed),
}
"""By address: what the page is called, and its view; each is also found at `/<language>` before it."""

FILES: Mapping[str, tuple[str, type[SitePage]]] = {
    "/letters/<slug>/editions.csv": ("editions_csv", feeds.EditionsTable),
    "/letters/<slug>/addresses.txt": ("addresses_file", address_pages.AddressesFile),
    "/letters/<slug>/log/checkpoint": ("log_checkpoint", log_pages.LogCheckpoint),
    "/letters/<slug>/log/tile/<path:path>": ("log_tile", log_pages.LogTile),
    "/audit.py": ("auditor", log_pages.AuditorFile),
    "/embed.js": ("embed_script", embedding.EmbedScript),
    "/oembed": ("oembed", oembed.OEmbed),
    "/sitemap.xml": ("sitemap", sitemap.Sitemap),
    "/robots.txt": ("robots", sitemap.Robots),
}
"""By address: what speaks no language."""
