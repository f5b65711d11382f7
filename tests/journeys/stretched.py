"""Pages whose reader has changed how text is set: nothing may be cut, covered or pushed out of sight."""

from playwright.sync_api import Page

SPACED = """
* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
p { margin-block-end: 2em !important; }
"""
"""WCAG 2.2, success criterion 1.4.12."""
DOUBLED = "html { font-size: 200% !important; }"
"""WCAG 2.2, success criterion 1.4.4."""

LOST = """
async (rules) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(rules);
    document.adoptedStyleSheets = [sheet];
    const found = [], root = document.documentElement;
    if (root.scrollWidth > root.clientWidth) found.push(`${root.scrollWidth - root.clientWidth} pixels too wide`);
    const looked = "body *:not(input, textarea, select, option, svg, svg *, .visually-hidden, .trap, .trap *)";
    for (const one of document.querySelectorAll(looked)) {
        const style = getComputedStyle(one), hides = /hidden|clip/.test(style.overflowX + style.overflowY);
        const over = one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1;
        const short = one.matches("button, .button") && one.scrollWidth > one.clientWidth + 1;
        if (one.clientWidth && over && (hides || short)) found.push(`cut: ${one.outerHTML.slice(0, 80)}`);
    }
    document.adoptedStyleSheets = [];
    return found;
}
"""


def lost(page: Page, rules: str) -> list[str]:
    """What of the page cannot be seen any more under these further style rules; they are gone afterwards."""
    found: list[str] = page.evaluate(LOST, rules)
    return found
