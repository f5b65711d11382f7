"""What a screen reader has to say a page with: the accessibility tree, in the order in which it is read."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from playwright.sync_api import Page

from letters.vocabularies.languages import LANGUAGES

LANDMARKS = ("banner", "main", "contentinfo")
"""Each page has one of each; what other sites frame has the middle one only."""
FRAMED = LANDMARKS[1:2]
CONTROLS = {"button", "checkbox", "combobox", "link", "radio", "searchbox", "spinbutton", "textbox"}
NAMED = CONTROLS | {"DisclosureTriangle", "heading", "image", "img", "navigation", "progressbar", "region", "table"}
"""Roles that say nothing without a name."""
DRAWN = {"image", "img"}
"""Roles whose parts are said by their name alone (WAI-ARIA, presentational children)."""
SAME_NAME_ELSEWHERE = """
() => {
    const places = new Map();
    for (const link of document.querySelectorAll("main a[href]:not(.letters *)")) {
        const words = link.getAttribute("aria-label") ?? link.textContent.trim();
        const around = link.closest("li, tr, p, figure"); // success criterion 2.4.4: what stands around it tells, too
        const name = around ? `${words} in “${around.textContent.trim().replace(/\\s+/g, " ")}”` : words;
        places.set(name, (places.get(name) ?? new Set()).add(link.href));
    }
    return [...places].filter(([, found]) => found.size > 1).map(([name]) => `${name} leads to several places`);
}
"""
UNTIED = """
() => {
    const tied = new Set();
    for (const one of document.querySelectorAll("[aria-describedby]"))
        for (const id of one.getAttribute("aria-describedby").split(" ")) tied.add(id);
    const helps = [...document.querySelectorAll("form .hint[id], form .error[id]")].filter((one) => !tied.has(one.id));
    const dead = [...tied].filter((id) => !document.getElementById(id));
    const mute = document.querySelectorAll("[aria-invalid=true]:not([aria-describedby])");
    return [
        ...[...mute].map((one) => `#${one.id} does not say what is wrong`),
        ...helps.map((one) => `#${one.id} belongs to no field`),
        ...dead.map((id) => `there is no #${id}`),
    ];
}
"""
OUT_OF_ORDER = """
() => {
    const found = [];
    let last = -Infinity;
    const seen = document.querySelectorAll("main :is(h1, h2, h3, a[href], button, input, select, textarea, summary)");
    for (const one of seen) {
        if (!one.checkVisibility({ visibilityProperty: true }) || one.closest(".trap, .preview-box")) continue;
        const box = one.getClientRects()[0];
        if (!box) continue;
        const top = box.top + window.scrollY;
        if (top + box.height < last) found.push(`${one.outerHTML.slice(0, 80)} is read after what stands below it`);
        last = Math.max(last, top);
    }
    return found;
}
"""
IN_ANOTHER_SCRIPT = r"""
(names) => {
    const scripts = { Cyrillic: /\p{Script=Cyrillic}{2}/u, Arabic: /\p{Script=Arabic}{2}/u };
    const spoken = { ru: "Cyrillic", be: "Cyrillic", uk: "Cyrillic", ar: "Arabic" };
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    while (texts.nextNode()) {
        const { parentElement: around } = texts.currentNode;
        const data = names.reduce((text, name) => text.replace(name, ""), texts.currentNode.data);
        if (around.closest("bdi, script, [translate=no], pre, code")) continue;
        const language = around.closest("[lang]").lang;
        for (const [script, letters] of Object.entries(scripts))
            if (letters.test(data) && spoken[language] !== script)
                found.push(`as ${language}: ${data.trim().slice(0, 60)}`);
    }
    return found;
}
"""


@dataclass(frozen=True)
class Said:
    """One thing that is said: its role, name and description, and its states, such as `level` and `checked`."""

    role: str
    name: str
    description: str
    states: dict[str, Any]

    def __str__(self) -> str:
        level = f" {self.states['level']}" if self.role == "heading" else ""
        return f"{self.role}{level} {self.name}".rstrip()


def heard(page: Page) -> list[Said]:
    """Everything that the page tells, from top to bottom."""
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    return list(_in_order({node["nodeId"]: node for node in nodes}, nodes[0]))


def grievances(page: Page) -> list[str]:
    """What somebody who hears the page could not make sense of; empty for a page that can be heard."""
    said = heard(page)
    found = [*_frame(said, FRAMED if page.url.endswith("/embed") else LANDMARKS), *_headings(said), *_names(said)]
    for question in (SAME_NAME_ELSEWHERE, UNTIED, OUT_OF_ORDER):
        found += page.evaluate(question)
    own_names = [language.name for language in LANGUAGES.values()]
    return found + list(page.evaluate(IN_ANOTHER_SCRIPT, own_names))


def missed(page: Page, *lines: str) -> list[str]:
    """Which of these lines are not heard in this order; `…` at the end of one stands for whatever follows."""
    rest = iter([str(one) for one in heard(page)])
    return [line for line in lines if not any(_fits(said, line) for said in rest)]


def _fits(said: str, line: str) -> bool:
    return said.startswith(line[:-1].rstrip()) if line.endswith("…") else said == line


def _in_order(nodes: dict[str, Any], node: dict[str, Any]) -> Iterator[Said]:
    if not node["ignored"]:
        yield Said(
            str(node["role"]["value"]),
            str(node.get("name", {}).get("value", "")).strip(),
            str(node.get("description", {}).get("value", "")).strip(),
            {one["name"]: one["value"].get("value") for one in node.get("properties", ())},
        )
    for child in node.get("childIds", ()):
        if child in nodes and node["role"]["value"] not in DRAWN:
            yield from _in_order(nodes, nodes[child])


def _frame(said: list[Said], landmarks: tuple[str, ...]) -> Iterator[str]:
    roles = Counter(one.role for one in said)
    yield from (f"{roles[role]} {role}" for role in landmarks if roles[role] != 1)
    names = Counter(str(one) for one in said if one.role in ("navigation", "region"))
    yield from (f"{many} times {name}" for name, many in names.items() if many > 1)


def _headings(said: list[Said]) -> Iterator[str]:
    levels = [(one.states["level"], one.name) for one in said if one.role == "heading"]
    if [level for level, _ in levels].count(1) != 1:
        yield f"not one first heading: {levels}"
    for (before, _), (level, name) in pairwise(levels):
        if level > before + 1:
            yield f"from heading {before} to {level}: {name}"


def _names(said: list[Said]) -> Iterator[str]:
    for one in said:
        if one.role in NAMED and not one.name:
            yield f"a {one.role} without a name"
