#!/usr/bin/env python3
"""A second verifier of a record's core, after docs/format alone.

    python3 verify.py BUNDLE        a directory or a zip archive

Needs the package `cryptography`. It checks files, policy, checkpoints, tree, restricted JSON, signatures,
bindings, times, and plain draws. It does not know the rulebook language and the pairing: it does not decide
entries again, and does not check rounds' signatures or open envelopes; it says so.
Exit code 0: what it checks holds; 1: it does not; 2: wrong use.
"""

import base64
import hashlib
import json
import os
import sys
import zipfile

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

SAFE = 2**53 - 1
LIMITS = {
    "bundle.json": 1024,
    "policy.txt": 65536,
    "rulebook.toml": 1 << 20,
    "lot.toml": 1 << 20,
    "checkpoint": 65536,
    "checkpoints.jsonl": 64 << 20,
    "outcome.json": 1 << 20,
}
# y-coordinates of the points of low order (RFC 7748's curve in Edwards form), with either sign bit.
P = 2**255 - 19
LOW_ORDER_Y = {
    0,
    1,
    P - 1,
    2707385501144840649318225287225658788936804267575313519463743609750303021480,
    P - 2707385501144840649318225287225658788936804267575313519463743609750303021480,
}


class Wrong(Exception):
    """The first thing that is wrong."""

    def __init__(self, check, code, message, entry=None):
        super().__init__(message)
        self.check, self.code, self.message, self.entry = check, code, message, entry


def need(holds, check, code, message, entry=None):
    if not holds:
        raise Wrong(check, code, message, entry)


# Restricted JSON ---------------------------------------------------------------------------------


def encode(value):
    """The one form of a value."""
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
        return "{" + ",".join(encode(key) + ":" + encode(value[key]) for key in keys) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(encode, value)) + "]"
    if isinstance(value, bool) or value is None or isinstance(value, (int, str)):
        return json.dumps(value, ensure_ascii=False)
    raise ValueError("a value that the format does not have")


def restricted(text):
    """Reads a text in restricted JSON, or raises ValueError."""

    def pairs(items):
        if len({key for key, _ in items}) != len(items):
            raise ValueError("a key stands twice")
        return dict(items)

    def whole(digits):
        if abs(int(digits)) > SAFE:
            raise ValueError("an integer beyond 2^53 - 1")
        return int(digits)

    def refuse(what):
        raise ValueError(f"{what} is not an integer")

    value = json.loads(text, object_pairs_hook=pairs, parse_int=whole, parse_float=refuse, parse_constant=refuse)
    if not isinstance(value, dict) or encode(value) != text:
        raise ValueError("not in its canonical form")
    text.encode("utf-8")  # a lone surrogate cannot be encoded
    return value


# Signatures --------------------------------------------------------------------------------------


def is_full_order(point):
    """Whether 32 bytes are canonical and no point of low order."""
    y = int.from_bytes(point, "little") & (2**255 - 1)
    return y < P and y not in LOW_ORDER_Y


def ed25519(key, message, signature):
    """The strict verdict. OpenSSL's equation has no cofactor and refuses S >= L."""
    if len(key) != 32 or len(signature) != 64 or not is_full_order(key) or not is_full_order(signature[:32]):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
        return True
    except (InvalidSignature, ValueError):
        return False


def b64(text):
    return base64.b64decode(text, validate=True)


# The log -----------------------------------------------------------------------------------------


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def tree_hash(leaves):
    """RFC 6962 section 2.1."""
    if not leaves:
        return sha()
    row = list(leaves)
    while len(row) > 1:
        # Pairing neighbours and carrying a single last node up gives the same tree.
        paired = [sha(b"\1", row[i], row[i + 1]) for i in range(0, len(row) - 1, 2)]
        row = paired + row[len(row) - len(row) % 2 :]
    return row[0]


def tile_name(prefix, index, width):
    name = f"{index % 1000:03d}"
    while index >= 1000:
        index //= 1000
        name = f"x{index % 1000:03d}/{name}"
    return f"{prefix}/{name}" + (f".p/{width}" if width < 256 else "")


def tiles(size):
    """Names of all tiles of a tree: (name, level or None for entries, index, width)."""
    found, level, count = [], 0, size
    while count:
        for index in range(0, -(-count // 256)):
            width = min(256, count - 256 * index)
            found.append((tile_name(f"tile/{level}", index, width), level, index, width))
        level, count = level + 1, count // 256
    for index in range(0, -(-size // 256)):
        width = min(256, size - 256 * index)
        found.append((tile_name("tile/entries", index, width), None, index, width))
    return found


def parse_note(text):
    body, split, lines = text.rpartition("\n\n")
    if not split or not lines.endswith("\n"):
        raise ValueError("a note without signatures")
    signatures = []
    for line in lines[:-1].split("\n"):
        dash, name, data = line.split(" ")
        data = b64(data)
        if dash != "—" or len(data) <= 4:
            raise ValueError("a signature line")
        signatures.append((name, data[:4], data[4:]))
    return body + "\n", signatures


class Policy:
    """C2SP tlog-policy."""

    def __init__(self, text):
        self.keys, self.members, self.quorum = {}, {}, None
        for line in text.split("\n"):
            words = line.split()
            if not words or words[0].startswith("#"):
                continue
            if words[0] == "log":
                self.add(words[1], 1, None)
            elif words[0] == "witness":
                self.add(words[2], 4, words[1])
                self.members[words[1]] = None
            elif words[0] == "group":
                names = words[3:]
                count = {"any": 1, "all": len(names)}.get(words[2]) or int(words[2])
                self.members[words[1]] = (count, names)
            elif words[0] == "quorum" and self.quorum is None:
                self.quorum = words[1]
            else:
                raise ValueError(f"a line “{line}”")
        if self.quorum is None:
            raise ValueError("no quorum")

    def add(self, vkey, kind, witness):
        name, key_id, key = vkey.split("+", 2)
        key = b64(key)
        expected = sha(name.encode(), b"\n", key)[:4]
        if key[0] != kind or expected.hex() != key_id or not is_full_order(key[1:]):
            raise ValueError(f"the key “{vkey}”")
        self.keys[(name, expected)] = (key[1:], kind, witness)

    def reached(self, name, times):
        """The earliest time by which a witness or a group had witnessed."""
        member = self.members[name]
        if member is None:
            return times.get(name)
        count, names = member
        reached = sorted(t for t in (self.reached(n, times) for n in names) if t is not None)
        return reached[count - 1] if len(reached) >= count else None

    def judge(self, text):
        """A checkpoint: its origin, size, root, and when it was witnessed, in seconds."""
        body, signatures = parse_note(text)
        origin, size, root = body[:-1].split("\n")
        times, signed = {}, False
        for name, key_id, data in signatures:
            key, kind, witness = self.keys[(name, key_id)]
            message = body.encode()
            if kind == 4:
                time, data = int.from_bytes(data[:8], "big"), data[8:]
                message = f"cosignature/v1\ntime {time}\n".encode() + message
                times[witness] = min(time, times.get(witness, time))
            else:
                signed |= name == origin
            if not ed25519(key, message, data):
                raise ValueError(f"a signature of {name}")
        time = self.reached(self.quorum, times)
        if not signed or time is None:
            raise ValueError("no signature of the log, or no quorum")
        return origin, int(size), b64(root), time


# Draws -------------------------------------------------------------------------------------------


def field(text):
    data = text.encode()
    return len(data).to_bytes(4, "big") + data


def shuffle(seed, count):
    def words():
        block = 0
        while True:
            data = sha(seed, block.to_bytes(8, "big"))
            yield from (int.from_bytes(data[i : i + 8], "big") for i in range(0, 32, 8))
            block += 1

    stream, order = words(), list(range(count))
    for place in range(count - 1, 0, -1):
        bound = place + 1
        word = next(w for w in stream if w < 2**64 - 2**64 % bound)
        other = word % bound
        order[place], order[other] = order[other], order[place]
    return order


# The record --------------------------------------------------------------------------------------

BIDDER = {"apply", "withdraw", "bid", "join", "accept", "seal", "file", "confirm"}


class Record:
    """Entries in their order, and what they bind."""

    def __init__(self, notice):
        self.notice = notice
        self.officers = {officer["key"] for officer in notice["officers"]}
        self.keys, self.ids, self.published = {}, set(), {}
        self.field, self.stage, self.root, self.frozen = {}, None, None, None
        self.last = self.first_uncovered = self.cosigned = None
        self.unseen_seals, self.draws = [], 0

    def round_ms(self, number):
        beacon = self.notice["beacon"]
        genesis, period = beacon.get("genesis_s", 1692803367), beacon.get("period_s", 3)
        return 1000 * (genesis + (number - 1) * period)

    def round_at(self, time_ms):
        first = self.round_ms(1)
        period = self.round_ms(2) - first
        return 1 + max(0, -(-(time_ms - first) // period))

    def enter(self, number, entry):
        at, tolerance = entry["at_ms"], self.notice["clock_tolerance_ms"]
        try:
            command = restricted(entry["command"])
        except ValueError as error:
            raise Wrong("binding", "not_canonical", str(error), number)
        signers = [signed["key"] for signed in entry.get("signatures", [])]
        need(self.cosigned is None or at >= self.cosigned - tolerance, "times", "dated_back", "too early", number)
        verb = command.get("do")
        if verb == "beacon":
            self.before_draw(number)
        if verb == "open":
            need(not self.unseen_seals, "seals", "not_witnessed", "opened too early", number)
        need(self.last is None or at >= self.last, "times", "time_runs_backwards", "time fell", number)
        self.signed_by(number, verb, command, signers)
        if signers:
            need(self.published, "notice", "notice_not_published", "no checkpoint covers the notice", number)
            self.bound(number, verb, command, signers, entry)
        for output in command.get("outputs", []) if verb == "beacon" else []:
            if "round" in output:
                fixed = self.round_at(self.frozen[1] + self.notice["draw_delay_ms"])
                need(output["round"] == fixed, "draws", "source", f"the round must be {fixed}", number)
                need(at + tolerance >= self.round_ms(fixed), "times", "round_not_yet", "no such round yet", number)
        events = entry.get("events", [])
        for event in events if isinstance(events, list) else []:
            self.happened(number, at, event, command)
        self.last = at
        self.first_uncovered = at if self.first_uncovered is None else self.first_uncovered

    def signed_by(self, number, verb, command, signers):
        by_hand = verb == "beacon" and any("number" in output for output in command.get("outputs", []))
        if verb in BIDDER:
            need(len(signers) == 1, "signatures", "unsigned", "needs the bidder's signature", number)
            known = self.keys.get(command.get("bidder"))
            if verb == "apply":
                fresh = known is None and signers[0] not in self.keys.values()
                need(fresh, "binding", "already_enrolled", "a key or code a second time", number)
            else:
                need(known == signers[0], "signatures", "key_not_allowed", "another key", number)
        elif verb in ("tick", "open") or (verb == "beacon" and not by_hand):
            need(not signers, "signatures", "key_not_allowed", "nobody signs this", number)
        else:
            allowed = len(set(signers)) == len(signers) and set(signers) <= self.officers
            need(allowed, "signatures", "key_not_allowed", "not different officers", number)
            needed = 2 if verb == "annul" or by_hand else 1
            need(len(signers) == needed, "signatures", "unsigned", f"needs {needed} officers", number)

    def bound(self, number, verb, command, signers, entry):
        need(command.get("format") == "landgavel-command/1", "binding", "field", "format", number)
        same = (command.get("lot"), command.get("rulebook")) == (self.notice["lot"], self.notice["rulebook_sha256"])
        need(same, "binding", "other_sale", "signed for another sale", number)
        need(command.get("key") == signers[0], "binding", "field", "key", number)
        name = (signers[0], command.get("id"))
        need(name not in self.ids, "binding", "id_repeated", "the id stands twice", number)
        self.ids.add(name)
        if verb in BIDDER:
            seen = command["seen"]
            known = self.published.get(seen["size"], b"").hex() == seen["root"]
            refused = entry.get("refused", {}).get("code") == "unknown_checkpoint"
            need(known != refused, "replay", "does_not_follow", "a checkpoint that was never published", number)

    def before_draw(self, number):
        if self.frozen is None:
            return
        cosigned = self.frozen[2]
        need(cosigned is not None, "draws", "not_witnessed", "the entrants were not witnessed", number)
        round_ms = self.round_ms(self.round_at(self.frozen[1] + self.notice["draw_delay_ms"]))
        tolerance = self.notice["clock_tolerance_ms"]
        need(cosigned + 1000 + tolerance <= round_ms, "draws", "witnessed_too_late", "the round was known", number)

    def happened(self, number, at, event, command):
        kind = event.get("event")
        if kind == "applied":
            self.keys[event["bidder"]] = command["key"]
        elif kind == "stage_opened":
            self.stage = event["stage"]
        elif kind == "seal_lodged":
            self.unseen_seals.append((number, event["bidder"], event["readable_ms"]))
        elif kind == "seal_voided":
            self.unseen_seals = [seal for seal in self.unseen_seals if seal[1] != event["bidder"]]
        elif kind == "draw_frozen":
            self.root, self.frozen = bytes.fromhex(event["root"]), [number, at, None]
        elif kind == "draw_held":
            self.draw(number, event, command)

    def draw(self, number, event, command):
        outputs = []
        for output in command["outputs"]:
            if "signature" in output:
                outputs.append(sha(bytes.fromhex(output["signature"])))
            elif "secrets" in output:
                secrets = [bytes.fromhex(secret) for secret in output["secrets"]]
                for party, secret in zip(self.notice["parties"], secrets):
                    made = sha(b"landgavel/party/v1\0", field(self.notice["lot"]), field(party["name"]), secret)
                    need(made.hex() == party["commitment"], "draws", "source", "another secret", number)
                outputs.append(sha(b"landgavel/commit-reveal/v1\0", *secrets))
            else:
                outputs.append(sha(b"landgavel/number/v1\0", output["number"].encode()))
        codes = sorted(event["order"], key=str.encode)
        root = tree_hash([sha(b"\0", code.encode()) for code in codes])
        need(root == self.root, "replay", "does_not_follow", "the draw has other entrants than were frozen", number)
        seed = sha(b"landgavel/draw/v1\0", field(self.notice["lot"]), field(self.stage), root, *outputs)
        order = [codes[index] for index in shuffle(seed, len(codes))]
        need(order == event["order"], "replay", "does_not_follow", f"the draw gives {order}", number)
        self.frozen, self.draws = None, self.draws + 1

    def checkpoint(self, size, root, seconds):
        cosigned, tolerance = 1000 * seconds, self.notice["clock_tolerance_ms"]
        late = self.notice["checkpoint_within_ms"] + tolerance
        need(self.last <= cosigned + tolerance, "times", "dated_forward", "an entry says a later time", size - 1)
        first = self.first_uncovered
        need(first is None or cosigned <= first + late, "times", "witnessed_late", "too late", size - 1)
        for lodged, _, readable in self.unseen_seals:
            need(cosigned + 1000 <= readable, "seals", "witnessed_too_late", "a seal was seen too late", lodged)
        self.cosigned, self.first_uncovered, self.unseen_seals = max(cosigned, self.cosigned or 0), None, []
        if self.frozen and self.frozen[2] is None:
            self.frozen[2] = cosigned
        self.published[size] = root


# The bundle --------------------------------------------------------------------------------------


def open_bundle(path):
    """Names of the files, and a reader that stops at a limit."""
    if os.path.isdir(path):
        names = {
            os.path.relpath(os.path.join(at, name), path).replace(os.sep, "/")
            for at, _, files in os.walk(path)
            for name in files
        }
        return names, lambda name, most: open(os.path.join(path, name), "rb").read(most + 1)
    archive = zipfile.ZipFile(path)
    return {name for name in archive.namelist() if not name.endswith("/")}, lambda name, most: archive.open(name).read(most + 1)


def verify(path):
    names, read_some = open_bundle(path)

    def read(name, most):
        need(name in names, "files", "missing", f"{name} is missing")
        data = read_some(name, most)
        need(len(data) <= most, "files", "too_large", f"{name} is too large")
        return data

    files = {name: read(name, most) for name, most in LIMITS.items()}
    need(files["bundle.json"] == b'{"format":"landgavel-bundle/1"}\n', "files", "format", "another format")
    try:
        policy = Policy(files["policy.txt"].decode())
    except (ValueError, IndexError) as error:
        raise Wrong("policy", "unreadable", str(error))
    need(policy.quorum != "none", "policy", "no_quorum", "no witness is asked for")

    def judge(text):
        try:
            return policy.judge(text)
        except (ValueError, KeyError) as error:
            raise Wrong("checkpoints", "not_believed", f"a checkpoint is not believed: {error}")

    try:
        last = files["checkpoint"].decode()
    except ValueError as error:
        raise Wrong("files", "not_utf8", str(error))
    origin, size, root, _ = judge(last)
    expected = set(LIMITS) | {name for name, *_ in tiles(size)}
    for name in sorted(expected - names):
        raise Wrong("files", "missing", f"{name} is missing")
    for name in sorted(names - expected):
        raise Wrong("files", "stray", f"{name} does not belong")
    need(files["checkpoints.jsonl"].endswith(b"\n"), "checkpoints", "cut_short", "checkpoints.jsonl is cut short")
    try:
        notes = [restricted(line)["note"] for line in files["checkpoints.jsonl"].decode()[:-1].split("\n")]
    except (ValueError, KeyError) as error:
        raise Wrong("checkpoints", "unreadable", f"checkpoints.jsonl: {error}")
    need(notes[-1] == last, "checkpoints", "not_the_last", "checkpoint is not the last")

    leaves, record, coming = [], None, iter(notes)
    point = judge(next(coming))
    for name, level, _, width in tiles(size):
        if level is not None:
            continue
        data, entries = read(name, 256 * 65537), []
        while data:
            length = int.from_bytes(data[:2], "big")
            need(len(data) >= 2 + length, "tree", "bundle", f"{name} is cut short")
            entries.append(data[2 : 2 + length])
            data = data[2 + length :]
        need(len(entries) == width, "tree", "bundle", f"{name} does not hold {width} entries")
        for entry_bytes in entries:
            number = len(leaves)
            record = judge_entry(number, entry_bytes, record, files, origin)
            leaves.append(sha(b"\0", entry_bytes))
            if point and point[1] == len(leaves):
                need(point[0] == origin, "checkpoints", "other_log", "a checkpoint of another log")
                need(tree_hash(leaves) == point[2], "tree", "other_root", "another root", number)
                record.checkpoint(point[1], point[2], point[3])
                following = next(coming, None)
                point = judge(following) if following else None
    need(point is None, "checkpoints", "order", "a checkpoint of no size that is reached")
    row = leaves
    for name, level, index, width in tiles(size):
        if level is None:
            continue
        if index == 0 and level > 0:
            row = [tree_hash(row[i : i + 256]) for i in range(0, len(row) - len(row) % 256, 256)]
        tile = b"".join(row[256 * index : 256 * index + width])
        need(read(name, 8192) == tile, "tree", "other_tile", f"{name} is not of this tree")
    need(tree_hash(leaves) == root, "tree", "other_root", "the tree has another root than its checkpoint")
    return size, record.draws


def judge_entry(number, data, record, files, origin):
    try:
        text = data.decode()
        entry = restricted(text)
        body = entry["command" if number else "notice"]
        entry["at_ms"] + 0
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise Wrong("binding", "unreadable_entry", f"not an entry of this format: {error}", number)
    need(entry.get("entry") == number, "tree", "wrong_number", f"is numbered {entry.get('entry')}", number)
    for signed in entry.get("signatures", []):
        try:
            algorithm, key = signed["key"].split(":", 1)
            need(algorithm == "ed25519", "signatures", "no_key", f"{algorithm} is not checked here", number)
            valid = ed25519(b64(key), body.encode(), b64(signed["signature"]))
        except (ValueError, KeyError, TypeError) as error:
            raise Wrong("signatures", "no_key", str(error), number)
        need(valid, "signatures", "bad_signature", f"the signature of {signed['key']} is not valid", number)
    if number:
        record.enter(number, entry)
        return record
    try:
        notice = restricted(body)
    except ValueError as error:
        raise Wrong("notice", "unreadable", str(error), 0)
    for name, file in [("rulebook", "rulebook.toml"), ("lot", "lot.toml"), ("policy", "policy.txt")]:
        same = notice[name + "_sha256"] == hashlib.sha256(files[file]).hexdigest()
        need(same, "notice", "other_file", f"fixes another {file}", 0)
    need(notice["origin"] == origin, "notice", "other_log", "stands in another log", 0)
    signers = [signed["key"] for signed in entry.get("signatures", [])]
    officers = {officer["key"] for officer in notice["officers"]}
    fine = len(signers) >= 2 and len(set(signers)) == len(signers) and set(signers) <= officers
    need(fine, "notice", "four_eyes", "is not signed by two different officers", 0)
    record = Record(notice)
    record.last = record.first_uncovered = entry["at_ms"]
    return record


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        size, draws = verify(sys.argv[1])
    except Wrong as wrong:
        where = "" if wrong.entry is None else f"entry {wrong.entry}: "
        print(f"fails: {where}{wrong.message} [{wrong.check}/{wrong.code}]")
        return 1
    print(f"holds: {size} entries, {draws} draws recomputed")
    print("not checked here: decisions by the rules, rounds' signatures, envelopes, the outcome")
    return 0


if __name__ == "__main__":
    sys.exit(main())
