// Asks a passkey (Web Authentication) and puts its answer into the form around the button.
"use strict";

function bytes(text) {
  const plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function text(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

function readable(options) {
  options.challenge = bytes(options.challenge);
  if (options.user) options.user.id = bytes(options.user.id);
  for (const list of [options.allowCredentials, options.excludeCredentials]) {
    for (const one of list || []) one.id = bytes(one.id);
  }
  return options;
}

function sendable(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = text(credential.response[name]);
  }
  return JSON.stringify({
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    response,
    clientExtensionResults: credential.getClientExtensionResults(),
  });
}

async function ask(box) {
  const purpose = box.dataset.passkey;
  const body = new URLSearchParams({ purpose, csrf_token: box.dataset.token });
  const asked = await fetch(box.dataset.question, { method: "POST", body });
  if (!asked.ok) throw new Error("no question");
  const publicKey = readable(await asked.json());
  const credential = await (purpose === "create"
    ? navigator.credentials.create({ publicKey })
    : navigator.credentials.get({ publicKey }));
  box.querySelector("input").value = sendable(credential);
}

for (const box of document.querySelectorAll("[data-passkey]")) {
  if (!window.PublicKeyCredential) continue;
  box.hidden = false;
  const failed = box.querySelector("[data-failed]");
  box.querySelector("button").addEventListener("click", async () => {
    failed.textContent = "";
    try {
      await ask(box);
      const form = box.closest("form");
      // A password that the form asks for beside the passkey is still to be typed; everything else is not.
      if (form.reportValidity()) form.submit();
    } catch {
      failed.textContent = failed.dataset.failed;
    }
  });
}
