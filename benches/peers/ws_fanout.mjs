// A plain fan-out with Node and `ws`, for comparison with the hall's streams: one server process, as many clients in
// another, a message as large as a frame twice a second; prints the time from sending to the last byte at a client.
//
//   npm ci && node ws_fanout.mjs [viewers] [bytes]
import { fork } from "node:child_process";
import { WebSocket, WebSocketServer } from "ws";

const viewers = Number(process.argv[2] ?? 10_000);
const bytes = Number(process.argv[3] ?? 6_000);
const MESSAGES = 20;

if (process.argv[4] === "server") {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false });
  server.on("listening", () => process.send({ port: server.address().port }));
  process.on("message", () => {
    const frame = JSON.stringify({ at: Number(process.hrtime.bigint() / 1000n), pad: "x".repeat(bytes) });
    for (const client of server.clients) client.send(frame);
  });
} else {
  const child = fork(new URL(import.meta.url), [String(viewers), String(bytes), "server"]);
  const port = await new Promise((resolve) => child.once("message", (told) => resolve(told.port)));
  const micros = [];
  let open = 0;
  for (let number = 0; number < viewers; number += 1) {
    const socket = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false });
    socket.on("message", (text) => {
      // Both processes read the machine's one monotonic clock.
      micros.push(Number(process.hrtime.bigint() / 1000n) - Number(/"at":(\d+)/.exec(text.toString("latin1", 0, 40))[1]));
    });
    await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
    open += 1;
  }
  await new Promise((resolve) => setTimeout(resolve, 2000));
  for (let sent = 0; sent < MESSAGES; sent += 1) {
    child.send("go");
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  await new Promise((resolve) => setTimeout(resolve, 5000));
  micros.sort((a, b) => a - b);
  const of = (part) => micros[Math.min(micros.length - 1, Math.floor(micros.length * part))] / 1000;
  console.log(JSON.stringify({
    viewers: open, bytes, frames: micros.length, missed: open * MESSAGES - micros.length, p50_ms: of(0.5), p99_ms: of(0.99),
  }));
  process.exit(0);
}
