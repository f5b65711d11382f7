"""What of a page is really painted, pixel by pixel: what a style sheet says is not yet what somebody sees."""

from base64 import b64encode

from playwright.sync_api import FloatRect, Locator, Page

SHARES = """
async (picture) => {
    const bytes = Uint8Array.from(atob(picture), (letter) => letter.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
    canvas.drawImage(bitmap, 0, 0);
    const { data } = canvas.getImageData(0, 0, bitmap.width, bitmap.height), found = {};
    for (let at = 0; at < data.length; at += 4) {
        const colour = `${data[at]},${data[at + 1]},${data[at + 2]}`;
        found[colour] = (found[colour] ?? 0) + 4 / data.length;
    }
    return found;
}
"""


def colours(page: Page, clip: FloatRect | None = None) -> dict[str, float]:
    """The colours of the window, or of a part of it, with their shares of the area."""
    picture = page.screenshot(clip=clip, animations="allow")
    blank = page.context.new_page()
    found: dict[str, float] = blank.evaluate(SHARES, b64encode(picture).decode())
    blank.close()
    return found


def inked(part: Locator, *, edge: float = 0, around: float = 0) -> float:
    """The share of an element's area that does not have the page's colour.

    With `edge`, of its uppermost so many CSS pixels; with `around`, of an area that is so much larger on each side.
    """
    part.scroll_into_view_if_needed()
    page = part.page
    paper = str(page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).join()"))
    box = part.bounding_box()
    clip: FloatRect = {
        "x": box["x"] - around,
        "y": box["y"] - around,
        "width": box["width"] + 2 * around,
        "height": edge or box["height"] + 2 * around,
    }
    return 1 - colours(page, clip).get(paper, 0)
