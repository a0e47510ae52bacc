#!/usr/bin/env python3
"""A second verifier of a record's core, after docs/format alone.

    python3 verify.py BUNDLE        a directory or a zip archive

Needs Python 3.11 and the package `cryptography`. It checks files, policy, checkpoints, tree, restricted JSON,
signatures, bindings, times, and draws. It does not know the rulebook language and the pairing: it does not
decide entries again, and does not check rounds' signatures or open envelopes; it says so.
Exit code 0: what it checks holds; 1: it does not; 2: wrong use.
"""

import hashlib
import os
import re
import sys
import tomllib
import zipfile

from log import Policy, entries, leaf, tiles, tree_hash
from record import Record, Wrong, need, notice_entry, parse_entry, parse_notice
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

    def __init__(self, path):
        self.names, self.read_some = open_bundle(path)
        self.files = {name: self.read(name, most) for name, most in LIMITS.items()}
        same = self.files["bundle.json"] == b'{"format":"landgavel-bundle/1"}\n'
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
        expected = set(LIMITS) | {name for name, *_ in tiles(self.size)}
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


def open_record(bundle, entry, signers, data):
    """The record that entry 0 opens."""
    try:
        notice = parse_notice(entry["notice"])
    except ValueError as error:
        raise Wrong("notice", "unreadable", str(error))
    for name, file in [("rulebook", "rulebook.toml"), ("lot", "lot.toml"), ("policy", "policy.txt")]:
        same = notice[name + "_sha256"] == hashlib.sha256(bundle.files[file]).hexdigest()
        need(same, "notice", "other_file", f"fixes another {file}")
    need(notice["lot"] == toml(bundle.files["lot.toml"]).get("id"), "notice", "other_lot", "is about another lot")
    need(notice["origin"] == bundle.origin, "notice", "other_log", "stands in another log")
    notice_entry(entry, notice, signers, data)
    stages = toml(bundle.files["rulebook.toml"]).get("stages", [])
    return Record(notice, entry["at_ms"], {stage.get("id"): stage.get("weights", "plain") for stage in stages})


def verify(path):
    bundle = Bundle(path)
    bundle.check_names()
    toml(bundle.files["rulebook.toml"]), toml(bundle.files["lot.toml"])
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
                    record = open_record(bundle, entry, signers, data)
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
    return bundle.size, record.draws


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
    except (OSError, zipfile.BadZipFile) as error:
        print(f"fails: {error} [files/unreadable]")
        return 1
    print(f"holds: {size} entries, {draws} draws recomputed")
    print("not checked here: decisions by the rules, rounds' signatures, envelopes, the outcome")
    return 0


if __name__ == "__main__":
    sys.exit(main())
