// Keeps the preview beside a text up to date, and asks before what was typed is left behind unsaved.
"use strict";

const PAUSE = 600; // milliseconds without typing before the preview is asked for

async function refresh(form, box, asking) {
  const body = new URLSearchParams(new FormData(form));
  body.set("preview", "1");
  const answer = await fetch(form.action, { method: "POST", body, signal: asking.signal });
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById(box.id);
  if (fresh) box.replaceChildren(...fresh.childNodes);
}

for (const form of document.querySelectorAll("form.editor")) {
  const box = form.dataset.preview && document.getElementById(form.dataset.preview);
  let changed = false;
  let timer;
  let asking = new AbortController();
  form.addEventListener("input", () => {
    changed = true;
    if (!box) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      asking.abort();
      asking = new AbortController();
      refresh(form, box, asking).catch(() => {}); // the button still shows the preview
    }, PAUSE);
  });
  form.addEventListener("submit", () => {
    changed = false;
  });
  window.addEventListener("beforeunload", (event) => {
    if (changed) event.preventDefault();
  });
}
