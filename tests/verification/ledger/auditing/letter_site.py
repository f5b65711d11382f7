"""A letter's site without a database: a log made with the ledger alone, and all that a site prints about it."""

import hashlib
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from typing import Any

from letters.models.values import FigurePolicy
from letters.publishing.figures import safe_cells
from verification.ledger.auditing.page_text import visible_text
from verification.ledger.checkpoints import Checkpoint
from verification.ledger.hashing import leaf_hash, root_of
from verification.ledger.leaves import Beginning, Opening, Signature, Tally, Void, Withdrawal
from verification.ledger.notes import Note, NoteSigner
from verification.ledger.receipts import Receipt
from verification.ledger.strict import base64_of
from verification.ledger.tiles import ENTRIES, WIDTH, TileAddress, encode_bundle
from verification.ledger.trees import append, inclusion_proof

SLUG = "example-letter"
POLICY = FigurePolicy.usual(10, 10)
UNREAD = POLICY.moves_after - 1
SHARES: Mapping[str, Mapping[str, float]] = {
    "profession": {"doctor": 0.5, "nurse": 0.3, "midwife": 0.02, "other": 0.01},
    "region": {"BY-MI": 0.6, "BY-BR": 0.2, "BY-HO": 0.01, "abroad": 0.02},
    "standing": {"mailbox": 0.7, "institution": 0.01, "vouched": 0.01},
}
TEXTS = {
    "en": (
        "Stop it & now",
        "We ask **you** to stop.\n\nSigned below.\n",
        "<p>We ask <strong>you</strong> to stop.</p>",
    ),
    "ru": ("Прекратите", "Мы просим прекратить.\n", "<p>Мы просим прекратить.</p>"),
}
"""By language: title, Markdown, HTML."""


def page_of(title: str, html: str, edition: int, total: int, shown: str | None = None) -> str:
    """A letter's page as the templates make it, as far as the auditor reads it."""
    figure = f'<strong class="count-total"><data value="{total}">{shown or f"{total:,}"}</data></strong>'
    count = f'<section class="count" data-edition="{edition}" aria-label="The count"><p>{figure}</p></section>'
    body = f'<header lang="en"><h1>{escape(title)}</h1></header>{count}<div class="prose" lang="en">{html}</div>'
    article = f'<article class="letter">{body}</article>'
    return f"<!doctype html><html><head><title>x</title></head><body>{article}<form></form></body></html>"


@dataclass
class LetterSite:
    """A letter whose site is at `host`. Tests change `entries`, `editions` or what `overrides` answers at a path."""

    host: str
    slug: str = SLUG
    seed: bytes = b"\x01" * 32
    entries: list[bytes] = field(default_factory=list, repr=False)
    editions: list[dict[str, Any]] = field(default_factory=list, repr=False)
    signers: list[tuple[int, Opening]] = field(default_factory=list, repr=False)
    """Index and opening of every signature's leaf."""
    overrides: dict[str, bytes | tuple[int, bytes] | Callable[[], bytes]] = field(default_factory=dict, repr=False)
    cosignatures: Callable[[str], str] = lambda _text: ""
    random: Random = field(default_factory=lambda: Random(5))

    def __post_init__(self) -> None:
        self.begin()

    @property
    def origin(self) -> str:
        return f"{self.host}/letters/{self.slug}/log"

    @property
    def url(self) -> str:
        return f"http://{self.host}/letters/{self.slug}"

    @property
    def signer(self) -> NoteSigner:
        return NoteSigner(self.origin, self.seed)

    @property
    def key(self) -> str:
        return str(self.signer.verifier)

    @property
    def totals(self) -> Counter[str]:
        """What the newest edition has counted."""
        names = ("signatures", "withdrawn", "voided")
        return Counter({name: self.editions[-1][name] if self.editions else 0 for name in names})

    def begin(self, **changed: Any) -> None:
        """Put down leaf 0, the only one so far."""
        hashes = {
            language: {
                "markdown": hash_of(f"{title}\n{markdown}"),
                "page": hash_of(visible_text(page_of(title, html, 0, 0))),
            }
            for language, (title, markdown, html) in TEXTS.items()
        }
        content: dict[str, Any] = {
            "format": 1,
            "letter": self.slug,
            "key": "00" * 32,
            "texts": hashes,
            "figures": {name: getattr(POLICY, name) for name in ("threshold", "step", "moves_after", "hides_below")},
            "editions": {"every_seconds": 21600, "at_least": 50},
            "before": {"edition": 0, "signatures": 0, "withdrawn": 0, "voided": 0},
        }
        self.entries = [Beginning(content | changed).encode()]

    def release(
        self,
        new: int,
        withdrawn: int = 0,
        reasons: Mapping[str, int] | None = None,
        removed: Sequence[bytes] = (),
        **lies: Any,
    ) -> None:
        """Append an edition of so many new signatures, and `removed` besides, which are withdrawals; `lies` replace
        parts of its tally, and the site prints them too."""
        reasons = reasons or {}
        for _ in range(new):
            self.sign()
        self.entries += [*removed, *(Withdrawal(self.random.randbytes(32)).encode() for _ in range(withdrawn))]
        gone = withdrawn + len(removed)
        for reason, count in reasons.items():
            self.entries += [Void(self.random.randbytes(32), reason).encode() for _ in range(count)]
        counted = self.totals + Counter(signatures=new, withdrawn=gone, voided=sum(reasons.values()))
        number = len(self.editions) + 1
        total = counted["signatures"] - counted["withdrawn"] - counted["voided"]
        tally: dict[str, Any] = {
            "edition": number,
            "released_at": f"2026-12-{1 + number // 24:02}T{number % 24:02}:00:00Z",
            **{name: counted[name] for name in ("signatures", "withdrawn", "voided")},
            "total": total,
            "figures": figures_of(total),
        } | lies
        self.entries.append(Tally(tally).encode())
        self.print_edition(tally, Counter(signatures=new, withdrawn=gone), reasons)

    def sign(self) -> None:
        """Append one signature's leaf."""
        opening = Opening.of(self.random.randbytes(32), b"sealed")
        self.signers.append((len(self.entries), opening))
        self.entries.append(Signature(opening.commitment).encode())

    def print_edition(self, tally: Mapping[str, Any], new: Counter[str], reasons: Mapping[str, int]) -> None:
        """Print what a tally says, as the JSON has it."""
        before = self.editions[-1]["total"] if self.editions else 0
        figures = tally["figures"]
        changes = {"signatures": new["signatures"], "withdrawn": new["withdrawn"], "voided": sum(reasons.values())}
        self.editions.append(
            {
                "letter": self.slug,
                **{
                    name: tally[name]
                    for name in ("edition", "released_at", "signatures", "withdrawn", "voided", "total")
                },
                "goal": None,
                **{f"by_{dimension}": printed_cells(figures[dimension]) for dimension in SHARES},
                "changes": {**changes, "total": tally["total"] - before},
                "reasons": dict(reasons),
                "log": self.head_at(len(self.entries)),
            }
        )

    def head_at(self, size: int) -> dict[str, Any]:
        """The log's head as the JSON has it."""
        checkpoint = Checkpoint(self.origin, size, root_of(map(leaf_hash, self.entries[:size])))
        note = str(Note(checkpoint.text, (self.signer.sign(checkpoint.text),)))
        return {
            "origin": self.origin,
            "key": self.key,
            "size": size,
            "root": base64_of(checkpoint.root),
            "checkpoint": note,
            "cosignatures": [],
        }

    @property
    def checkpoint(self) -> str:
        """The signed checkpoint of all leaves, with cosignatures."""
        note: str = self.head_at(len(self.entries))["checkpoint"]
        return note + self.cosignatures(note.partition("\n\n")[0] + "\n")

    def receipt(self, which: int) -> Receipt:
        """The receipt of a signer, as of now."""
        index, opening = self.signers[which]
        tiles = append(0, self.entries, lambda _level, _number: b"").tiles
        proof = inclusion_proof(index, len(self.entries), lambda level, number: tiles.get((level, number), b""))
        return Receipt(index, proof, self.checkpoint, opening)

    def answer(self, path: str) -> tuple[int, bytes]:
        """Status and body at a path."""
        found = self.overrides.get(path)
        if found is not None:
            found = found() if callable(found) else found
            return found if isinstance(found, tuple) else (200, found)
        made = self._made(path)
        return (200, made) if made is not None else (404, b"nothing here")

    def changed(self, path: str, change: Callable[[Any], None]) -> None:
        """Answer at a path with its JSON, changed."""
        value = json.loads(self.answer(path)[1])
        change(value)
        self.overrides[path] = json.dumps(value).encode()

    def path(self, rest: str = "") -> str:
        return f"/api/v1/letters/{self.slug}{rest}"

    def log_path(self, rest: str) -> str:
        return f"/letters/{self.slug}/log/{rest}"

    def _made(self, path: str) -> bytes | None:
        log = self.log_path("")
        if path.startswith(log):
            return self._logged(path.removeprefix(log))
        if path.startswith(self.path()):
            made = self._json(path.removeprefix(self.path()))
            return None if made is None else json.dumps(made, ensure_ascii=False).encode()
        newest = self.editions[-1] if self.editions else {"edition": 0, "total": 0}
        language = path.removesuffix(f"/letters/{self.slug}").strip("/") or next(iter(TEXTS))
        if language in TEXTS:
            title, _markdown, html = TEXTS[language]
            return page_of(title, html, newest["edition"], newest["total"]).encode()
        if path in (f"/letters/{self.slug}/count", f"/letters/{self.slug}/editions/{newest['edition']}"):
            return page_of("The count", "", newest["edition"], newest["total"]).encode()
        return None

    def _logged(self, path: str) -> bytes | None:
        if path == "checkpoint":
            return self.checkpoint.encode()
        address = TileAddress.parse(path)
        if address.level != ENTRIES:
            return None
        first = address.number * WIDTH
        entries = self.entries[first : first + address.width]
        return encode_bundle(entries) if len(entries) == address.width else None

    def _json(self, rest: str) -> Any:
        newest = self.editions[-1] if self.editions else None
        if rest == "":
            texts = {code: {"title": text[0], "markdown": text[1]} for code, text in TEXTS.items()}
            rules = {"figures": {"threshold": 10, "step": 10}, "edition_rule": {"every_seconds": 21600, "at_least": 50}}
            log = {"origin": self.origin, "key": self.key}
            return {"letter": self.slug, "languages": list(texts), "texts": texts, **rules, "log": log}
        if rest == "/count":
            zero = dict.fromkeys(("edition", "signatures", "withdrawn", "voided", "total"), 0)
            return newest or {"letter": self.slug, **zero, "released_at": None}
        if rest.startswith("/editions?page="):
            page, pages = int(rest.partition("=")[2]), max(1, -(-len(self.editions) // 100))
            return {"editions": self.editions[100 * (page - 1) : 100 * page], "page": page, "pages": pages}
        number = rest.removeprefix("/editions/")
        return self.editions[int(number) - 1] if number.isdecimal() and int(number) <= len(self.editions) else None


def figures_of(total: int) -> dict[str, Any]:
    """Safe figures of a letter with so many signatures."""
    figures: dict[str, Any] = {}
    for dimension, shares in SHARES.items():
        counts = {code: int(total * share) for code, share in shares.items()}
        floors = {code: count - count % POLICY.step for code, count in counts.items()}
        printed = {code: count for code, count in floors.items() if count >= POLICY.least_shown}
        safe = safe_cells(printed, total, shares, POLICY, UNREAD)
        figures[dimension] = {"of": len(shares), **safe.as_json()}
    return {**figures, "unread": UNREAD}


def printed_cells(figures: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One dimension as the JSON prints it."""
    cells = [{"code": code, "label": code, "count": count} for code, count in figures["shown"].items()]
    rest = [{"code": None, "label": "other", "count": None, "range": figures["rest"]}] if figures["rest"] else []
    return [*cells, *rest]


def hash_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@contextmanager
def serving_letter() -> Iterator[LetterSite]:
    """A letter's site on a port of this machine, over HTTP/1.1 as a real one."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = 1 << 16

        def do_GET(self) -> None:
            status, body = site.answer(self.path)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            if 300 <= status < 400:
                self.send_header("Location", body.decode())
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_said: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    site = LetterSite(f"127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
