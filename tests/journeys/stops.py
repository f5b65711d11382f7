"""The places at which the Tab key stops, as somebody without a mouse finds them."""

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page

EXPECTED = """
() => {
    const groups = new Set();
    const first = (one) => {
        if (one.type !== "radio") return true;
        const chosen = one.form.querySelector(`[name="${one.name}"]:checked`);
        if (chosen) return chosen === one;
        return !groups.has(one.name) && groups.add(one.name);
    };
    const seen = (one) => one.checkVisibility({ visibilityProperty: true });
    const stops = "a[href], button, input:not([type=hidden]), select, textarea, summary, iframe, [tabindex='0']";
    window.stops = [...document.querySelectorAll(stops)]
        .filter((one) => one.tabIndex >= 0 && !one.disabled && seen(one) && first(one));
    return window.stops.map((one) => one.outerHTML.slice(0, 100));
}
"""

HERE = """
() => {
    const one = document.activeElement, style = getComputedStyle(one);
    const light = (colour) => {
        const [r, g, b] = colour.match(/[\\d.]+/g).map((part) => part / 255)
            .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = (at) => {
        while (at && /, 0\\)$|transparent/.test(getComputedStyle(at).backgroundColor)) at = at.parentElement;
        return at ? getComputedStyle(at).backgroundColor : "rgb(255, 255, 255)";
    };
    const [a, b] = [light(style.outlineColor), light(behind(one.parentElement))].sort((a, b) => b - a);
    const box = one.getClientRects()[0] ?? one.getBoundingClientRect();
    const hit = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(box.height, innerHeight) / 2);
    return {
        number: window.stops.indexOf(one),
        ringed: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 && (a + 0.05) / (b + 0.05) >= 3,
        seen: Boolean(hit) && (hit === one || one.contains(hit) || hit.contains(one)),
    };
}
"""


@dataclass(frozen=True)
class Walk:
    """What somebody who presses Tab from end to end comes to: the stops by number, and what is wrong there."""

    expected: list[str]
    reached: list[int]
    wrong: list[str]


def walk(page: Page) -> Walk:
    """Press Tab until the page begins again, or a few times more than it can take."""
    expected: list[str] = page.evaluate(EXPECTED)
    reached: list[int] = []
    wrong: list[str] = []
    for _ in range(len(expected) + 2):
        page.keyboard.press("Tab")
        here: dict[str, Any] = page.evaluate(HERE)
        if here["number"] in reached:
            break
        if here["number"] < 0:
            continue  # the window itself, between the last stop and the first
        reached.append(here["number"])
        wrong += [f"not {what}: {expected[here['number']]}" for what in ("ringed", "seen") if not here[what]]
    return Walk(expected, reached, wrong)
