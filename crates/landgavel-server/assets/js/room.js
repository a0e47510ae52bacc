// The live room: what the hall sends, shown; what a bidder signs, sent.

import * as clock from "./clock.js";
import { send, write } from "./commands.js";
import { quantaIn, sha256, textIn } from "./commit.js";
import { ladder, lodge, signAll } from "./proxy.js";
import { receiptButtons } from "./receipts.js";
import { ownKey, resultText, show } from "./sign.js";
import { pick, say } from "./texts.js";

const room = document.querySelector("[data-room]");
const at = (name) => room.querySelector(`[data-at="${name}"]`);
const api = room.dataset.api;
const person = room.dataset.person ?? "";
const RING = 2 * Math.PI * 52;
/** A beat comes at least every five seconds; after these the page says that it is late, or lost. */
const LATE_MS = 8000;
const LOST_MS = 16000;

let frame = null;
let mine = null;
let heard = performance.now();
let chosen = null;
let announced = null;

// ── Hearing ─────────────────────────────────────────────────────────────

function listen() {
  const stream = new EventSource(`${api}/stream`);
  stream.addEventListener("frame", (event) => hear(JSON.parse(event.data), showFrame));
  stream.addEventListener("mine", (event) => hear(JSON.parse(event.data), showMine));
  stream.addEventListener("beat", (event) => hear(JSON.parse(event.data), () => {}));
  stream.addEventListener("error", () => {
    // A stream that the hall has closed for good is opened anew; the others reconnect by themselves.
    if (stream.readyState === EventSource.CLOSED) setTimeout(listen, 2000);
  });
}

function hear(told, then) {
  heard = performance.now();
  if (told.now_ms !== undefined) clock.told(told.now_ms, told.rate_milli);
  then(told);
}

// ── Showing ─────────────────────────────────────────────────────────────

function put(name, text) {
  const place = at(name);
  if (place && place.textContent !== text) place.textContent = text;
}

function hide(name, isHidden) {
  const place = at(name);
  if (place) place.hidden = isHidden;
}

function showFrame(next) {
  const before = frame;
  frame = next;
  const stage = frame.stage;
  put("stage", stage ? pick(stage.title) : say(frame.status));
  put("stage-place", stage ? `${stage.index} / ${stage.count}` : "");
  put("phase", frame.phase ? pick(frame.phase.title) : frame.next ? say("next_moment", pick(frame.next.title)) : "");
  put("best", frame.offers[0]?.amount?.text ?? "–");
  put("best-code", frame.offers[0]?.code ?? "");
  put("start", frame.start?.text ?? "–");
  put("cap", frame.cap?.text ?? "–");
  put("field", frame.field === null ? "–" : String(frame.field));
  put("entries", String(frame.entries));
  put("root", frame.seen.root.slice(0, 16));
  put("witnesses", `${frame.witnesses.have} / ${frame.witnesses.need}`);
  put("next", frame.next_least ? say("next_least", frame.next_least.text) : "");
  hide("paused", !frame.paused);
  put("paused-why", pick(frame.paused_why));
  showHistory(before);
  showDraw();
  showEnded();
  showVerdict();
  if (before && before.stage?.id !== frame.stage?.id) announce(`${at("stage").textContent} ${at("phase").textContent}`);
  const winners = frame.winners.map((one) => [one.code, ...one.terms.map((term) => term.amount.text)].filter(Boolean).join(" · "));
  put("winner", winners.length > 0 ? `${say("winner")}: ${winners.join("; ")}` : "");
  const isOver = ["awarded", "passed_in", "annulled"].includes(frame.status);
  hide("over", !isOver);
  hide("clock", isOver || !(frame.phase ?? frame.next));
  hide("best-of", !stage);
  hide("values", !stage);
  if (isOver) hide("bidding", true);
  tick();
}

function showHistory(before) {
  const known = new Set((before?.history ?? []).map((item) => `${item.entry}/${item.what}`));
  const items = frame.history.map((item) => {
    const row = document.createElement("li");
    const isOwn = mine && item.code === mine.code;
    if (isOwn) row.className = "own";
    if (before && !known.has(`${item.entry}/${item.what}`)) row.classList.add("fresh");
    const words = document.createElement("span");
    if (item.what === "bid" || item.what === "accept") {
      words.className = "code";
      words.textContent = item.code ?? "";
      if (isOwn) words.dataset.own = say("own");
    } else {
      words.textContent = pick(item.words);
    }
    const amount = document.createElement("span");
    amount.className = "num";
    amount.textContent = item.amount?.text ?? "";
    const time = document.createElement("time");
    time.className = "soft small";
    time.dateTime = new Date(item.at_ms).toISOString();
    time.textContent = timeOfDay(item.at_ms);
    row.append(words, amount, time);
    return row;
  });
  at("history")?.replaceChildren(...items);
  hide("no-history", items.length > 0);
}

function timeOfDay(ms) {
  // The sale's own zone, which need not be the reader's.
  const local = new Date(ms + Number(room.dataset.offsetMs));
  return local.toISOString().slice(11, 19);
}

function showDraw() {
  hide("draw", !frame.draw);
  if (!frame.draw) return;
  put("draw-root", frame.draw.root ?? "–");
  const isDrawn = frame.draw.order !== null;
  at("draw-wait").className = isDrawn ? "done" : "";
  at("draw-order").className = isDrawn ? "done" : "";
  put("draw-round", frame.draw.round === null ? "–" : String(frame.draw.round));
  const order = (frame.draw.order ?? []).map((code, index) => {
    const ball = document.createElement("li");
    ball.textContent = code;
    if (index === 0) ball.className = "first";
    return ball;
  });
  at("balls").replaceChildren(...order);
}

function showEnded() {
  const rows = frame.ended.map((stage) => {
    const row = document.createElement("li");
    row.textContent = [pick(stage.title), pick(stage.why), stage.best?.text].filter(Boolean).join(" · ");
    return row;
  });
  at("ended")?.replaceChildren(...rows);
}

function showMine(next) {
  mine = next;
  put("code", mine.code);
  showVerdict();
  showBidding();
  if (frame) showHistory(frame);
}

function showVerdict() {
  const place = at("verdict");
  if (!place) return;
  const leads = mine?.standing === "bidder" && frame?.stage ? mine.leads : null;
  const kind = leads === true ? "leads" : leads === false ? "trails" : "watches";
  if (place.className !== `verdict ${kind}`) {
    place.className = `verdict ${kind}`;
    place.textContent = leads === null ? (mine ? "" : say("watches")) : say(kind);
    place.hidden = place.textContent === "";
  }
}

function showProxy() {
  const proxy = mine?.proxy ?? null;
  hide("proxy-state", proxy === null);
  if (proxy === null) return;
  const words = proxy.left > 0 ? say("proxy_stands", proxy.left, proxy.next, proxy.limit) : say("proxy_spent", proxy.limit);
  const refused = proxy.refused ? say("proxy_refused", proxy.refused) : "";
  put("proxy-words", words + refused + (proxy.is_stopped ? say("proxy_stopped") : ""));
}

function showBidding() {
  showProxy();
  const can = new Set(mine?.can ?? []);
  hide("bidding", can.size === 0 && !mine?.proxy);
  for (const act of ["join", "accept", "confirm"]) hide(act, !can.has(act));
  hide("bid", !can.has("bid"));
  hide("file", !can.has("file"));
  const legal = mine?.legal;
  if (!can.has("bid") || !legal) {
    chosen = null;
    at("choices")?.replaceChildren();
    return;
  }
  const buttons = legal.choices.map((amount, index) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "quiet";
    button.setAttribute("aria-pressed", String(chosen?.quanta === amount.quanta));
    const small = document.createElement("small");
    small.textContent = index === 0 ? say("least") : say("steps", index + 1);
    button.append(amount.text, small);
    button.addEventListener("click", () => choose(amount));
    return button;
  });
  const place = at("choices");
  const focused = [...place.children].indexOf(document.activeElement);
  place.replaceChildren(...buttons);
  if (focused >= 0) buttons[Math.min(focused, buttons.length - 1)]?.focus();
  // An amount that is no longer legal is not replaced under the finger: another one must be chosen.
  const isStill = chosen && (chosen.typed || legal.choices.some((amount) => amount.quanta === chosen.quanta));
  if (chosen && !isStill) announce(say("overtaken", chosen.text));
  choose(isStill ? chosen : null, false);
}

function choose(amount, focus = true) {
  chosen = amount;
  for (const button of at("choices").children) {
    button.setAttribute("aria-pressed", String(button.firstChild.textContent === amount?.text));
  }
  const sign = at("sign");
  sign.disabled = !amount;
  sign.textContent = amount ? say("sign_bid", amount.text) : say("choose_first");
  if (focus && amount) sign.focus();
}

function tick() {
  const quiet = performance.now() - heard;
  const state = quiet > LOST_MS ? "lost" : quiet > LATE_MS ? "late" : "connected";
  const pulse = at("pulse");
  if (pulse.dataset.state !== state) {
    pulse.dataset.state = state;
    put("pulse-text", say(state));
  }
  const now = clock.now();
  if (now === null) return;
  put("now", timeOfDay(now));
  const period = frame?.phase ?? (frame?.next && { closes_ms: frame.next.at_ms, length_ms: null });
  if (!period) return;
  const { closes_ms: closes, length_ms: length } = period;
  const ring = at("ring");
  if (closes === null) {
    put("left", say("no_end"));
    ring.style.strokeDashoffset = "0";
    return;
  }
  const left = Math.max(0, closes - now);
  put("left", frame.paused || !clock.runs() ? say("stands") : clock.lengthText(left, say("days")));
  const whole = length ?? Math.max(left, 1);
  ring.style.strokeDasharray = String(RING);
  ring.style.strokeDashoffset = String(RING * (1 - Math.min(1, left / whole)));
  at("clock").dataset.near = String(frame.phase && left < 10000 && !frame.paused);
  if (!frame.phase) return;
  for (const seconds of [60, 30, 10]) {
    const mark = `${closes}/${seconds}`;
    if (left <= seconds * 1000 && left > seconds * 1000 - 1500 && announced !== mark) {
      announced = mark;
      announce(say("seconds_left", seconds));
    }
  }
}

function announce(text) {
  put("announce", text);
}

// ── Signing ─────────────────────────────────────────────────────────────

async function act(fields) {
  const place = at("result");
  show(place, ["plain", say("signing")]);
  try {
    const key = await ownKey(person);
    const { text } = write({ ...fields, bidder: mine.code }, mine.binding, key);
    const signatures = [await key.sign(text)];
    const result = await send(`${api}/commands`, text, signatures, {
      onRetry: () => show(place, ["plain", say("again")]),
    });
    show(place, resultText(result), [receiptButtons(api, result.answer)]);
  } catch (error) {
    show(place, ["bad", error.message]);
  }
}

/** A typed amount in quanta of the attribute; null when it is none. */
export function quantaOf(typed) {
  const attribute = frame?.stage?.attribute;
  return attribute ? quantaIn(typed, attribute.decimals) : null;
}

function textOf(quanta) {
  const { decimals, unit } = frame.stage.attribute;
  return textIn(quanta, decimals, unit);
}

at("sign")?.addEventListener("click", () => chosen && act({ do: "bid", amount: chosen.text }));
for (const verb of ["join", "accept", "confirm"]) at(verb)?.addEventListener("click", () => act({ do: verb }));
at("exact")?.addEventListener("submit", (event) => {
  event.preventDefault();
  const quanta = quantaOf(event.target.elements.amount.value);
  if (quanta === null) show(at("result"), ["bad", say("wrong_amount")]);
  else choose({ quanta, text: textOf(quanta), typed: true });
});
at("file")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const [file] = event.target.elements.scheme.files;
  if (!file) return show(at("result"), ["bad", say("scheme_choose")]);
  await act({ do: "file", documents: await sha256(await file.arrayBuffer()) });
});
at("proxy")?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { limit, increment } = event.target.elements;
  const { least, step, cap } = mine?.legal ?? {};
  const place = at("result");
  if (!least) return;
  const rule = { least: least.quanta, step: step?.quanta ?? 1, cap: cap?.quanta ?? null };
  const amounts = ladder(rule, quantaOf(increment.value), quantaOf(limit.value));
  if (amounts === null) {
    show(place, ["bad", say("proxy_amounts", step?.text ?? "", least.text)]);
    return;
  }
  show(place, ["plain", say("signing")]);
  try {
    const bids = await signAll(amounts, textOf, mine.code, mine.binding, await ownKey(person));
    const { status, answer } = await lodge(api, room.dataset.word, bids);
    if (status === 200) mine.proxy = answer.proxy;
    show(place, status === 200 ? ["good", say("proxy_lodged", bids.length)] : resultText({ status, answer }));
    showProxy();
  } catch (error) {
    show(place, ["bad", error.message]);
  }
});
const taken = (asked) => (asked ? say("proxy_asked", asked) : say("proxy_cancelled"));
at("proxy-cancel")?.addEventListener("click", async () => {
  const { status, answer } = await lodge(api, room.dataset.word, null);
  show(at("result"), status === 200 ? ["plain", taken(answer.asked)] : resultText({ status, answer }));
  if (status === 200) mine.proxy = null;
  showBidding();
});
listen();
setInterval(tick, 200);
