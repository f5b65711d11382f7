// Shows how far downloads have come while one runs. Without it, the page shows that when it is loaded again.
"use strict";

const box = document.getElementById("downloads");
const PAUSE = 2000;
let patience = 0; // looks that are left for a download to appear after a form was sent
let looking = false;

const running = () => box.querySelector("[data-running]") !== null;

async function look() {
  const answer = await fetch(box.dataset.source);
  if (!answer.ok || answer.redirected) throw new Error("signed out");
  box.innerHTML = await answer.text();
}

async function watch() {
  if (looking) return;
  looking = true;
  try {
    while (running() || patience > 0) {
      patience -= 1;
      await new Promise((done) => setTimeout(done, PAUSE));
      await look();
    }
  } catch {
    // What is shown stays as it is.
  }
  looking = false;
}

for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", () => {
    patience = 5;
    watch();
  });
}
watch();
