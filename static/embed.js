// For other sites: beside each <a class="undersigned-letter" href="…/letters/<slug>"> stands the letter's newest count,
// looked up at most once a minute while the page is seen. Where this cannot run, or may not ask, the link stays as it is.
// It keeps nothing on the reader's computer. Browsers tell our server the site (Origin) on which it asks, not the page.
"use strict";

(() => {
  const EVERY = 60_000;
  const ALIKE = { be: "uk" }; // not every browser writes Belarusian numbers, 4 410 as in Ukrainian
  const script = document.currentScript;
  if (!(script instanceof HTMLScriptElement)) return; // an element of that name stands in front of it
  const home = new URL(script.src).origin;
  const place = /^(?:\/([a-z]{2}))?\/letters\/([a-z0-9-]+)$/;
  const taken = Symbol.for("undersigned");
  const shown = new Map(); // by where the count is looked up

  function adopt(link) {
    const found = link.origin === home && place.exec(link.pathname);
    if (!found || link[taken]) return; // each copied code brings this script along
    link[taken] = true;
    const [, language, slug] = found;
    const count = placeOf(link);
    const written = new Intl.NumberFormat(ALIKE[language] ?? language, { useGrouping: "always" });
    const source = `${home}/api/v1/letters/${slug}/count`;
    shown.set(source, [...(shown.get(source) ?? []), { link, count, written }]);
  }

  function placeOf(link) {
    const next = link.nextElementSibling;
    if (next?.className === "undersigned-count") return next; // a page that was kept with what stood there
    const count = document.createElement("span");
    count.className = "undersigned-count";
    count.setAttribute("role", "status");
    link.after(" ", count);
    return count;
  }

  function show({ link, count, written }, total) {
    const picture = link.querySelector("img");
    if (picture) link.textContent = picture.alt;
    const label = link.dataset.label ? `${link.dataset.label}: ` : "";
    const text = label + written.format(total);
    if (count.textContent !== text) count.textContent = text;
  }

  async function ask(source, links) {
    const answer = await fetch(source, { credentials: "omit", referrerPolicy: "no-referrer" });
    if (!answer.ok) throw new Error("refused");
    const { total } = await answer.json();
    if (Number.isInteger(total)) links.forEach((one) => show(one, total));
  }

  let last = -Infinity;

  function look() {
    if (document.hidden || performance.now() - last < EVERY) return;
    last = performance.now();
    for (const [source, links] of shown) ask(source, links).catch(() => {}); // what is shown stays, and is looked up again later
  }

  function begin() {
    document.querySelectorAll("a.undersigned-letter").forEach(adopt);
    if (!shown.size) return;
    document.addEventListener("visibilitychange", look);
    setInterval(look, 1000);
    look();
  }

  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
