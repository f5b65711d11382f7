// Solves the page's ALTCHA challenge (version 2) and fills in the hidden field. Each key is derived by the browser
// beside this script, so the page stays usable meanwhile; where anything is missing, the page's own words about
// waiting stay. Pressing the button early sends the form as soon as the work is done.
"use strict";

(() => {
  const form = document.getElementById("slow");
  const status = document.getElementById("slow-status");
  const progress = document.getElementById("slow-progress");
  const waiting = status.textContent;
  let working = true;
  let pressed = false;

  const bytes = (hex) => Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
  const hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");

  async function derive(parameters, password, salt) {
    const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations: parameters.cost };
    const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
    return hex(await crypto.subtle.deriveBits(how, key, parameters.keyLength * 8));
  }

  async function solve(challenge) {
    const { parameters } = challenge;
    const nonce = bytes(parameters.nonce);
    const salt = bytes(parameters.salt);
    const password = new Uint8Array(nonce.length + 4);
    password.set(nonce);
    progress.max = parameters.data.most;
    for (let counter = 0; counter <= parameters.data.most; counter += 1) {
      new DataView(password.buffer).setUint32(nonce.length, counter);
      const derivedKey = await derive(parameters, password, salt);
      if (derivedKey.startsWith(parameters.keyPrefix)) {
        return btoa(JSON.stringify({ challenge, solution: { counter, derivedKey } }));
      }
      progress.value = counter;
    }
    throw new Error("no solution");
  }

  function finish(words) {
    working = false;
    progress.hidden = true;
    status.textContent = words;
    if (pressed) {
      form.submit();
    }
  }

  form.addEventListener("submit", (event) => {
    pressed = working;
    if (working) {
      event.preventDefault();
    }
  });
  progress.hidden = false;
  status.textContent = form.dataset.working;
  (async () => solve(JSON.parse(form.dataset.work)))().then(
    (solution) => {
      form.elements.altcha.value = solution;
      finish(form.dataset.done);
    },
    () => {
      pressed = false;
      finish(waiting);
    },
  );
})();
