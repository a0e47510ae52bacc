"""Trees, tiles, notes, policies and checkpoints, after docs/format/bundle.md."""

import hashlib
import re

from keys import ed25519, is_point
from restricted import b64

NUMBER = re.compile("0|[1-9][0-9]*", re.ASCII)
SPACE = re.compile("[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]")


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def number(text, most):
    """A decimal without sign and leading zeros."""
    if not NUMBER.fullmatch(text) or int(text) > most:
        raise ValueError(f"“{text}” is not a number up to {most}")
    return int(text)


# Trees -------------------------------------------------------------------------------------------


def leaf(entry):
    return sha(b"\0", entry)


def node(left, right):
    return sha(b"\1", left, right)


def tree_hash(leaves):
    """RFC 6962 section 2.1."""
    if not leaves:
        return sha()
    row = list(leaves)
    while len(row) > 1:
        # Pairing neighbours and carrying a single last node up gives the same tree.
        row = [node(*row[i : i + 2]) if i + 1 < len(row) else row[i] for i in range(0, len(row), 2)]
    return row[0]


def root_of_path(hash_, index, size, path):
    """The root to which an audit path leads: RFC 6962, section 2.1.1, by its own recursion; None if to none."""
    if size == 1:
        return hash_ if not path else None
    if not path:
        return None
    half = 1 << (size - 1).bit_length() - 1
    if index < half:
        left = root_of_path(hash_, index, half, path[:-1])
        return left and node(left, path[-1])
    right = root_of_path(hash_, index - half, size - half, path[:-1])
    return right and node(path[-1], right)


def roots_of_growth(old, new, path, old_root, whole=True):
    """Old and new root by a consistency proof: RFC 6962, section 2.1.2, by its own recursion; None if to none."""
    if old == new:
        if whole:
            return (old_root, old_root) if not path else None
        return (path[0], path[0]) if len(path) == 1 else None
    if not path:
        return None
    half = 1 << (new - 1).bit_length() - 1
    if old <= half:
        below = roots_of_growth(old, half, path[:-1], old_root, whole)
        return below and (below[0], node(below[1], path[-1]))
    below = roots_of_growth(old - half, new - half, path[:-1], old_root, False)
    return below and (node(path[-1], below[0]), node(path[-1], below[1]))


# Tiles -------------------------------------------------------------------------------------------


def tile_name(prefix, index, width):
    name = f"{index % 1000:03d}"
    while index >= 1000:
        index //= 1000
        name = f"x{index % 1000:03d}/{name}"
    return f"{prefix}/{name}" + (f".p/{width}" if width < 256 else "")


def tiles(size):
    """All tiles of a tree: (name, level or None for entries, index, width)."""
    found, level, count = [], 0, size
    while count:
        for index in range(-(-count // 256)):
            width = min(256, count - 256 * index)
            found.append((tile_name(f"tile/{level}", index, width), level, index, width))
        level, count = level + 1, count // 256
    for index in range(-(-size // 256)):
        width = min(256, size - 256 * index)
        found.append((tile_name("tile/entries", index, width), None, index, width))
    return found


def entries(data, width):
    """The entries of a bundle."""
    found = []
    while data:
        length = int.from_bytes(data[:2], "big")
        if len(data) < 2 + length:
            raise ValueError("cut short")
        found.append(data[2 : 2 + length])
        data = data[2 + length :]
    if len(found) != width:
        raise ValueError(f"holds {len(found)} entries, not {width}")
    return found


# Notes, keys, policies ---------------------------------------------------------------------------


def is_name(name):
    """Of a key in a note."""
    has_control = any(ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0 for c in name)
    return 1 <= len(name.encode()) <= 255 and not SPACE.search(name) and "+" not in name and not has_control


def parse_note(text):
    """Text and signatures of a note: name, id, bytes."""
    body, split, lines = text.rpartition("\n\n")
    if not split or not lines.endswith("\n") or len(text.encode()) > 65536:
        raise ValueError("not a note")
    if re.search("[\x00-\x09\x0b-\x1f]", body):
        raise ValueError("a control character")
    signatures = []
    for line in lines[:-1].split("\n"):
        dash, name, data = line.split(" ")
        data = b64(data)
        if dash != "—" or len(data) <= 4 or not is_name(name):
            raise ValueError("a signature line")
        signatures.append((name, data[:4], data[4:]))
    if len(signatures) > 64:
        raise ValueError("too many signatures")
    return body + "\n", signatures


def parse_checkpoint(body):
    """Origin, size and root of a note's text."""
    origin, size, root = body[:-1].split("\n")
    root = b64(root)
    if not origin or len(root) != 32:
        raise ValueError("not a checkpoint")
    return origin, number(size, 2**63 - 1), root


def parse_vkey(text, kind):
    """Name, id and bytes of a key of a note."""
    name, key_id, key = text.split("+", 2)
    key = b64(key)
    expected = sha(name.encode(), b"\n", key)[:4]
    if len(key) != 33 or key[0] != kind or expected.hex() != key_id or not is_name(name) or not is_point(key[1:]):
        raise ValueError(f"the key “{text}”")
    return name, expected, key[1:]


class Policy:
    """C2SP tlog-policy."""

    def __init__(self, text):
        # Keys by name and id: bytes, kind, the witness's name. Members: None for a witness, else a group.
        self.keys, self.members, self.grouped, self.quorum = {}, {}, set(), None
        if len(text.encode()) > 65536:
            raise ValueError("too large")
        lines = text.split("\n")
        for line in lines[:-1] if text.endswith("\n") else lines:
            if re.search("[\x00-\x08\x0a-\x1f\x7f]", line):
                raise ValueError("a control character")
            words = re.split("[ \t]+", line.strip(" \t"))
            if words != [""] and not words[0].startswith("#"):
                self.read(words)
        if self.quorum is None:
            raise ValueError("no quorum")

    def read(self, words):
        match words:
            case ["log", key] | ["log", key, _]:
                self.add(key, 1, None)
            case ["witness", name, key] | ["witness", name, key, _]:
                self.name(name, None)
                self.add(key, 4, name)
            case ["group", name, count, *names]:
                if len(set(names)) != len(names) or self.grouped & set(names) or not set(names) <= set(self.members):
                    raise ValueError("members of a group")
                counts = {"any": 1, "all": len(names)}
                count = counts[count] if count in counts else number(count, len(names))
                if not 1 <= count <= len(names):
                    raise ValueError("a threshold")
                self.grouped |= set(names)
                self.name(name, (count, names))
            case ["quorum", name] if self.quorum is None and (name == "none" or name in self.members):
                self.quorum = name
            case _:
                raise ValueError(f"a line “{' '.join(words)}”")

    def name(self, name, member):
        of_kind = [other for other in self.members.values() if (other is None) == (member is None)]
        if name == "none" or name in self.members or len(of_kind) >= 64:
            raise ValueError(f"the name “{name}”")
        self.members[name] = member

    def add(self, text, kind, witness):
        name, key_id, key = parse_vkey(text, kind)
        of_kind = [other for other, of, _ in self.keys.values() if of == kind]
        if (name, key_id) in self.keys or key in of_kind or len(of_kind) >= 64:
            raise ValueError(f"the key “{text}”")
        self.keys[(name, key_id)] = (key, kind, witness)

    def reached(self, name, times):
        """The earliest time by which a witness or a group had witnessed."""
        member = self.members[name]
        if member is None:
            return times.get(name)
        count, names = member
        reached = sorted(t for t in (self.reached(n, times) for n in names) if t is not None)
        return reached[count - 1] if len(reached) >= count else None

    def judge(self, text):
        """A checkpoint that is believed: origin, size, root, and when it was witnessed, in seconds."""
        body, signatures = parse_note(text)
        origin, size, root = parse_checkpoint(body)
        log = next((key for key, (_, kind, _) in self.keys.items() if kind == 1 and key[0] == origin), None)
        times, signed = {}, False
        for name, key_id, data in signatures:
            if (name, key_id) not in self.keys:
                raise ValueError(f"a signature of {name}, whose key the policy does not name")
            key, kind, witness = self.keys[(name, key_id)]
            message = body.encode()
            if kind == 4:
                time, data = int.from_bytes(data[:8], "big"), data[8:]
                if not 1 <= time < 2**63:
                    raise ValueError("a time")
                message = f"cosignature/v1\ntime {time}\n".encode() + message
                times[witness] = min(time, times.get(witness, time))
            signed |= (name, key_id) == log
            if not ed25519(key, message, data):
                raise ValueError(f"a signature of {name}")
        time = self.reached(self.quorum, times)
        if not signed or time is None:
            raise ValueError("no signature of the log, or no quorum")
        return origin, size, root, time
