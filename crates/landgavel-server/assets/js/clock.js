// The hall's clock, as told by the hall: everybody counts down to the same moment, whatever their own clock says.

let base = null;

/** The hall says what time it is; `rateMilli` is 1000 where its clock runs like any other. */
export function told(nowMs, rateMilli) {
  const next = { now: nowMs, rate: rateMilli / 1000, mark: performance.now() };
  // What is told late by the network must not set the clock back by more than it gains.
  if (base && base.rate === next.rate && Math.abs(now() - nowMs) < 250 && now() > nowMs) return;
  base = next;
}

/** The hall's time in milliseconds, or null before it has told. */
export function now() {
  return base && base.now + (performance.now() - base.mark) * base.rate;
}

/** Whether the hall's clock runs. */
export function runs() {
  return base !== null && base.rate > 0;
}

/** A length of time for a ring: `4:05`, `2:03:00`, `3 d`. */
export function lengthText(ms, daysWord) {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  if (seconds >= 172800) return `${Math.floor(seconds / 86400)} ${daysWord}`;
  const two = (part) => String(part).padStart(2, "0");
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}
