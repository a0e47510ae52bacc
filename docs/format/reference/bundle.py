"""The files of a bundle, and its entries in their order, after docs/format/bundle.md and verify.md."""

import os
import re
import tomllib
import zipfile

from log import Policy, entries, leaf, tiles, tree_hash
from record import Wrong, need, parse_entry
from restricted import restricted

LIMITS = {
    "bundle.json": 1024,
    "policy.txt": 65536,
    "rulebook.toml": 1 << 20,
    "lot.toml": 1 << 20,
    "checkpoint": 65536,
    "checkpoints.jsonl": 64 << 20,
    "outcome.json": 64 << 20,
}


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
    found = archive.namelist()
    inside = [not re.search(r"[\\:\0]|(^|/)(\.\.?)?(/|$)", name.removesuffix("/")) for name in found]
    if len(set(found)) != len(found) or not all(inside) or len(found) > 100000:
        raise Wrong("files", "unreadable", "a name in the archive")
    return {name for name in found if not name.endswith("/")}, lambda name, most: archive.open(name).read(most + 1)


def toml(data):
    try:
        return tomllib.loads(data.decode().removeprefix("\ufeff"))
    except ValueError as error:
        raise Wrong("rules", "unreadable", str(error))


class Bundle:
    """Files, policy and checkpoints."""

    def __init__(self, names, read_some, limits=LIMITS, form="landgavel-bundle/1"):
        self.names, self.read_some, self.limits = names, read_some, limits
        self.files = {name: self.read(name, most) for name, most in limits.items()}
        same = self.files["bundle.json"] == b'{"format":"%s"}\n' % form.encode()
        need(same, "files", "format", "another format")
        try:
            self.policy = Policy(self.text("policy.txt"))
        except ValueError as error:
            raise Wrong("policy", "unreadable", str(error))
        need(self.policy.quorum != "none", "policy", "no_quorum", "no witness is asked for")
        self.last = self.text("checkpoint")
        self.origin, self.size, self.root, _ = self.judge(self.last)
        lines = self.text("checkpoints.jsonl")
        need(lines.endswith("\n"), "checkpoints", "cut_short", "checkpoints.jsonl is cut short")
        self.lines, self.note, self.point = lines[:-1].split("\n"), None, (None, 0)
        self.advance()

    def read(self, name, most):
        need(name in self.names, "files", "missing", f"{name} is missing")
        data = self.read_some(name, most)
        need(len(data) <= most, "files", "too_large", f"{name} is too large")
        return data

    def text(self, name):
        try:
            return self.files[name].decode()
        except ValueError:
            raise Wrong("files", "not_utf8", f"{name} is not UTF-8")

    def judge(self, text):
        try:
            return self.policy.judge(text)
        except (ValueError, TypeError) as error:
            raise Wrong("checkpoints", "not_believed", f"a checkpoint is not believed: {error}")

    def advance(self):
        """Reads the next checkpoint, which must be larger; none is left after the last."""
        if not self.lines:
            self.point = None
            return
        before = self.point[1]
        try:
            line = restricted(self.lines.pop(0))
            self.note = line["note"]
            fine = set(line) == {"note"} and isinstance(self.note, str)
        except (ValueError, KeyError):
            fine = False
        need(fine, "checkpoints", "unreadable", "a line of checkpoints.jsonl")
        self.point = self.judge(self.note)
        need(self.point[0] == self.origin, "checkpoints", "other_log", "a checkpoint of another log")
        need(before < self.point[1] <= self.size, "checkpoints", "order", "a checkpoint's size")

    def check_names(self):
        need(self.size <= 256 * len(self.names), "files", "missing", "more entries than the files can hold")
        expected = set(self.limits) | {name for name, *_ in tiles(self.size)}
        for name in sorted(expected - self.names):
            raise Wrong("files", "missing", f"{name} is missing")
        for name in sorted(self.names - expected):
            raise Wrong("files", "stray", f"{name} does not belong")

    def check_tiles(self, leaves):
        row = leaves
        for name, level, index, width in tiles(len(leaves)):
            if level is None:
                continue
            if index == 0 and level > 0:
                row = [tree_hash(row[i : i + 256]) for i in range(0, len(row) - len(row) % 256, 256)]
            tile = b"".join(row[256 * index : 256 * index + width])
            need(self.read(name, 8192) == tile, "tree", "other_tile", f"{name} is not of this tree")


def judged(bundle, open_record):
    """The record whose entries are those of a bundle, each judged in its place."""
    leaves, record = [], None
    for name, level, _, width in tiles(bundle.size):
        if level is not None:
            continue
        try:
            found = entries(bundle.read(name, 256 * 65537), width)
        except ValueError as error:
            raise Wrong("tree", "bundle", f"{name}: {error}")
        for data in found:
            number = len(leaves)
            try:
                entry, command, signers = parse_entry(data)
                fits = entry["entry"] == number and ("notice" in entry) == (number == 0)
                need(fits, "tree", "wrong_number", f"is numbered {entry['entry']}")
                if number == 0:
                    record = open_record(entry, signers, data)
                else:
                    record.enter(number, entry, command, signers)
            except Wrong as wrong:
                wrong.entry = number
                raise
            leaves.append(leaf(data))
            if bundle.point and bundle.point[1] == len(leaves):
                _, size, root, seconds = bundle.point
                need(tree_hash(leaves) == root, "tree", "other_root", "another root", number)
                bundle.advance()
                record.checkpoint(size, root, seconds)
    bundle.check_tiles(leaves)
    need(bundle.note == bundle.last and not bundle.point, "checkpoints", "not_the_last", "checkpoint is not the last")
    need(tree_hash(leaves) == bundle.root, "tree", "other_root", "the tree has another root than its checkpoint")
    need(record, "tree", "empty", "no notice")
    return record
