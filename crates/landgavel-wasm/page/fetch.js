// The one thing that the page may ask a network for: the record of a sale, from the hall that the page came from, when
// its address names that record: `verify#bundle=/sales/ID/bundle.zip` or `/pledges/…`. The page's policy lets it ask nobody else.

/** A path of a sale's record, as halls have it: no host, no way up, no question. */
const BUNDLE_PATH = /^\/(?:sales|pledges)\/[A-Za-z0-9_-][A-Za-z0-9._-]*\/bundle\.zip$/;

/** What stands in an address after `#`: the language, and perhaps a path of a record. */
function askedOf({ hash }) {
  const words = hash.slice(1).split("&");
  const bundle = words.find((word) => word.startsWith("bundle="))?.slice("bundle=".length);
  return { language: words.includes("en") ? "en" : "zh", bundle };
}

/** The same for an address. */
function fragmentOf(language, bundle) {
  return bundle ? `#${language}&bundle=${bundle}` : `#${language}`;
}

/** Fetches the archive at a path of the server that gave the page; `hear` is told how many bytes have come. */
async function fetchBundle({ protocol, origin }, path, signal, hear) {
  if (!/^https?:$/.test(protocol) || !BUNDLE_PATH.test(path)) {
    throw new Fault("notHere");
  }
  try {
    const answer = await fetch(origin + path, { signal, redirect: "error", credentials: "omit", cache: "no-store" });
    if (!answer.ok) {
      throw new Fault("notFetched", String(answer.status));
    }
    return new File([await limited(answer.body, hear)], `${path.split("/")[2]}.zip`, { type: "application/zip" });
  } catch (error) {
    if (signal.aborted) {
      throw new Cancelled();
    }
    throw error instanceof Fault ? error : new Fault("notFetched", String(error));
  }
}

/** Reads a stream up to the most that the page takes. */
async function limited(body, hear) {
  const reader = body.getReader();
  const pieces = [];
  let bytes = 0;
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    bytes += piece.value.length;
    if (bytes > BYTES_MAX) {
      await reader.cancel();
      throw new Fault("tooLarge");
    }
    pieces.push(piece.value);
    hear(bytes);
  }
  return new Blob(pieces);
}
