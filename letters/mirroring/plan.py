"""What a mirror holds: of each letter every public page and file that the application has, by its path on the site.

Which pages there are is asked of the application. What it does not answer to all alike stays out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from math import ceil

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect, Rule
from werkzeug.test import Client, TestResponse

from letters.mirroring.numbers import Numbers, log_paths
from letters.models.values import Letter
from letters.publishing.listing import PAGE
from letters.settings import ROOT
from letters.web.site import Site
from verification.errors import Refusal
from verification.ledger.auditing.mirror_files import mirrored_file

NOT_COPIED = frozenset(
    [
        "sign",
        "check_mail",
        "latest_edition",
        "sitemap",
        "robots",
        "embed_script",
        "knows",
        "api_reference",
        "api.openapi",
    ]
)
"""Pages that lead to a form, that say something about the site itself, or that programs ask a site for."""

PAGED = frozenset({"signatories", "institutions", "api.signatories", "api.editions", "api.letters"})
BESIDES = frozenset({".css", ".woff2", ".svg", ".ico", ".png"})
"""What a page needs besides itself; scripts are left out."""

_LANGUAGE = "language"


class NoAnswer(Refusal):
    """The application could not render a page."""


@dataclass
class Plan:
    """The letters `chosen` at an application, as it knows them now."""

    app: Flask
    client: Client
    site: Site
    chosen: Mapping[str, Letter]
    _public: dict[tuple[str, str], bool] = field(default_factory=dict, init=False)

    def paths(self) -> Iterator[str]:
        """Everything, one after the other."""
        yield from self.common()
        for letter in self.chosen.values():
            yield from self.of_letter(letter)

    def common(self) -> Iterator[str]:
        """The paths that belong to no letter."""
        shown = len(self.site.shelf.letters())
        for rule in self._rules(set()):
            pages = max(1, ceil(shown / PAGE)) if rule.endpoint == "api.letters" else 1
            yield from self._spoken(rule, self.site.runtime.settings.languages, pages=pages)

    def of_letter(self, letter: Letter) -> Iterator[str]:
        """The paths of a letter, one after the other."""
        numbers = Numbers.of(self.site, letter)
        for rule in self._rules({"slug"}):
            yield from self._spoken(rule, self.site.languages(letter), letter.slug, numbers.pages(rule.endpoint))
        for rule, number in product(self._rules({"slug", "number"}), range(1, letter.number + 1)):
            yield from self._spoken(rule, self.site.languages(letter), letter.slug, number=number)
        yield from log_paths(letter)

    def ask(self, path: str) -> TestResponse:
        """What the application answers. Raises `NoAnswer`: a page that failed is not to be missing in silence."""
        base = self.site.runtime.settings.base_url
        answer = self.client.get(path, base_url=base, headers={"Accept-Encoding": "identity"})
        if answer.status_code >= 500:
            raise NoAnswer(f"{path} could not be rendered. See the log.")
        return answer

    def file_of(self, path: str) -> str | None:
        """The file for a path of the site, perhaps with a query; None for what the mirror does not have."""
        place, _mark, query = path.partition("?")
        if place.startswith("/static/"):
            return place.lstrip("/") if place.endswith(tuple(BESIDES)) else None
        if "." in place.rpartition("/")[2]:  # what stands behind the name of a file only says which version is meant
            path, query = place, ""
        found = self._match(place)
        return mirrored_file(path) if found and self._has(*found, query) else None

    def _has(self, endpoint: str, values: Mapping[str, object], query: str) -> bool:
        slug, language = values.get("slug", ""), values.get(_LANGUAGE)
        letter = self.chosen.get(str(slug))
        if slug and letter is None:
            return False
        spoken = self.site.languages(letter) if letter else self.site.runtime.settings.languages
        if language is not None and language not in spoken:
            return False
        if query and not (endpoint in PAGED and query.removeprefix("page=").isdecimal()):
            return False
        if letter and "number" in values:
            return 0 < int(str(values["number"])) <= letter.number
        return endpoint == "log_tile" or self._is_public(endpoint, str(slug))

    def _match(self, place: str) -> tuple[str, Mapping[str, object]] | None:
        try:
            return self.app.url_map.bind("").match(place, method="GET")
        except (HTTPException, RequestRedirect):
            return None

    def _rules(self, arguments: Collection[str]) -> list[Rule]:
        """The rules with these arguments alone, without those that name a language."""
        rules = [rule for rule in self.app.url_map.iter_rules() if rule.arguments == set(arguments)]
        return [rule for rule in rules if "GET" in (rule.methods or ()) and _may_be_copied(rule)]

    def _spoken(
        self, rule: Rule, languages: Collection[str], slug: str = "", pages: int = 1, **values: object
    ) -> Iterator[str]:
        """A rule's paths, in each language if it has one; nothing where the application has nothing for all."""
        if not values and not self._is_public(rule.endpoint, slug):
            return
        prefixed = self.app.url_map.is_endpoint_expecting(rule.endpoint, _LANGUAGE)
        given = {**({"slug": slug} if slug else {}), **values}
        path = _path(rule, given)
        for language, page in product(("", *languages) if prefixed else ("",), range(1, pages + 1)):
            spoken = f"/{language}{path}" if language else path
            yield f"{spoken}?page={page}" if page > 1 else spoken

    def _is_public(self, endpoint: str, slug: str) -> bool:
        """Whether the application answers to all alike, as it says in its headers."""
        key = endpoint, slug
        if key not in self._public:
            rules = [rule for rule in self._rules({"slug"} if slug else set()) if rule.endpoint == endpoint]
            answer = self.ask(_path(rules[0], {"slug": slug} if slug else {})) if rules else None
            self._public[key] = answer is not None and is_for_all(answer)
        return self._public[key]


def is_for_all(answer: TestResponse) -> bool:
    """Whether an answer may be shown to anybody."""
    return answer.status_code == 200 and answer.headers.get("Cache-Control", "").startswith("public")


def files_beside() -> Iterator[tuple[str, bytes]]:
    """Style sheets, fonts and pictures of the pages."""
    for file in sorted((ROOT / "static").rglob("*")):
        if file.suffix in BESIDES:
            yield f"static/{file.relative_to(ROOT / 'static').as_posix()}", file.read_bytes()


def _may_be_copied(rule: Rule) -> bool:
    ours = rule.endpoint in NOT_COPIED or rule.endpoint.startswith("workspace_")
    return not ours and not rule.rule.startswith(("/demo", "/healthz", "/readyz", "/metrics", "/receipt", "/oembed"))


def _path(rule: Rule, values: Mapping[str, object]) -> str:
    built = rule.build(values, append_unknown=False)
    assert built is not None, "a rule is built of its own arguments"
    return built[1]
