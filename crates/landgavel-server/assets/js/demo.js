// Taking part in a demonstration: key, enrolment, application, and the wait until the robot officer admits.

import { send, write } from "./commands.js";
import * as keys from "./keys.js";
import { resultText, show } from "./sign.js";
import { say } from "./texts.js";

const form = document.querySelector("form[data-demo-join]");

async function join() {
  const place = form.querySelector("[data-result]");
  const { person, code, api, room } = form.dataset;
  show(place, ["plain", say("signing")]);
  try {
    if (!(await keys.canSign())) throw new Error(say("cannot_sign"));
    // Each demonstration is a new sale with a new store: an old key of this browser serves again.
    const key = await keys.findOrMake(person);
    const word = form.elements.word.value;
    const body = new URLSearchParams({ word, ...(await key.sign(keys.enrolmentText(person, word))) });
    const enrolled = await fetch(form.action, { method: "POST", body });
    if (!enrolled.ok) throw new Error(`${enrolled.status}`);
    const binding = await (await fetch(`${api}/binding`)).json();
    const fields = { do: "apply", bidder: code, group: `访客集团 ${code}（虚构）`, facts: { industry: "C345" } };
    const { text } = write(fields, binding, key);
    const result = await send(`${api}/commands`, text, [await key.sign(text)]);
    show(place, resultText(result));
    if (result.status !== 200 || result.answer.result !== "accepted") return;
    for (let look = 0; look < 100; look += 1) {
      await new Promise((resolve) => setTimeout(resolve, 300));
      const mine = await (await fetch(`${api}/mine`)).json();
      if (mine.standing === "bidder") {
        location.assign(room);
        return;
      }
    }
  } catch (error) {
    show(place, ["bad", error.message]);
  }
}

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  join();
});
