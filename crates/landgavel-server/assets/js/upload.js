// Forms that hand in a paper: the file is the body, the other fields stand in a header, since addresses are written into logs.

import { resultText, show } from "./sign.js";
import { pick, say } from "./texts.js";

/** More than this is refused by the hall; whoever chose a larger file hears it before it is sent. */
const MOST = 10 * 1024 * 1024;

/** Fields as a header may hold them: JSON in ASCII. */
function inAscii(fields) {
  return JSON.stringify(fields).replace(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

async function hand(form) {
  const place = form.querySelector("[data-result]");
  const button = form.querySelector("button[type=submit]");
  const file = form.querySelector("input[type=file]").files[0];
  if (!file || file.size > MOST) {
    show(place, ["bad", say("too_large")]);
    return;
  }
  button.disabled = true;
  show(place, ["plain", say("sending")]);
  try {
    const terms = {};
    for (const [name, value] of new FormData(form)) if (typeof value === "string" && value !== "") terms[name] = value;
    const answer = await fetch(form.action, {
      method: "PUT",
      headers: {
        "content-type": "application/octet-stream",
        accept: "application/json",
        "landgavel-word": form.dataset.word,
        "landgavel-terms": inAscii(terms),
      },
      body: file,
    });
    const told = await answer.json();
    show(place, answer.ok ? ["good", pick(told.words)] : resultText({ status: answer.status, answer: told }));
    if (answer.ok) setTimeout(() => location.assign(form.dataset.then), 800);
  } catch (error) {
    show(place, ["bad", error.message]);
  } finally {
    button.disabled = false;
  }
}

for (const form of document.querySelectorAll("form[data-upload]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    hand(form);
  });
}
