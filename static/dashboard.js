// Fetches the moving part of the dashboard anew while the page is looked at. It stops when the server no longer gives it
// out (signed out, another role), and after half an hour, so that a forgotten page keeps no session alive.
"use strict";

(() => {
  const figures = document.getElementById("figures");
  const headline = document.getElementById("headline");
  const refreshing = document.getElementById("refreshing");
  const every = figures.dataset.seconds * 1000;
  let left = 60;
  let last = Date.now();
  let busy = false;

  function say(words) {
    refreshing.hidden = false;
    refreshing.textContent = words;
  }

  function show(text) {
    const before = figures.querySelector("[data-headline]").dataset.headline;
    figures.innerHTML = text;
    const now = figures.querySelector("[data-headline]").dataset.headline;
    if (now !== before) headline.textContent = now;
  }

  // Nothing is taken away under a finger or a cursor: what has the focus, or is being marked, stays.
  function inUse() {
    const selection = document.getSelection();
    const marked = selection && !selection.isCollapsed && figures.contains(selection.anchorNode);
    return marked || figures.contains(document.activeElement);
  }

  async function refresh() {
    const answer = await fetch(figures.dataset.source, { redirect: "error", cache: "no-store" });
    if (!answer.ok) throw new Error("refused");
    const text = await answer.text();
    if (!inUse()) show(text);
  }

  async function look() {
    if (busy || document.hidden || Date.now() - last < every) return;
    busy = true;
    last = Date.now();
    left -= 1;
    try {
      await refresh();
    } catch {
      left = 0;
    }
    busy = false;
    if (left > 0) return;
    clearInterval(timer);
    say(refreshing.dataset.off);
  }

  const timer = setInterval(look, 1000);
  document.addEventListener("visibilitychange", look);
  say(refreshing.dataset.on);
})();
