#!/usr/bin/env python3
"""A second verifier of a record's core, after docs/format alone.

    python3 verify.py BUNDLE        a directory or a zip archive

Needs Python 3.11 and the package `cryptography`. It checks files, policy, checkpoints, tree, restricted JSON,
signatures, bindings, times, draws, and what events of a pledge do to bonds and claims. It does not know the languages of
rulebooks and terms, and the pairing: it does not decide entries again, and does not check rounds' signatures or open
envelopes; it says so.
Exit code 0: what it checks holds; 1: it does not; 2: wrong use.
"""

import hashlib
import sys
import zipfile

import pledge
from bundle import Bundle, judged, open_bundle, toml
from log import leaf
from record import Record, Wrong, need, notice_entry, parse_notice


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
    rules = toml(bundle.files["rulebook.toml"])
    weights = {stage.get("id"): stage.get("weights", "plain") for stage in rules.get("stages", [])}
    record = Record(notice, entry["at_ms"], weights, rules.get("utc_offset", "+08:00"))
    record.digest = leaf(data).hex()
    return record


def verify_sale(names, read_some):
    """Size and record of a sale's bundle."""
    bundle = Bundle(names, read_some)
    bundle.check_names()
    toml(bundle.files["rulebook.toml"]), toml(bundle.files["lot.toml"])
    return bundle, judged(bundle, lambda entry, signers, data: open_record(bundle, entry, signers, data))


def verify(path):
    """What was found, in words."""
    names, read_some = open_bundle(path)
    if "bundle.json" in names and read_some("bundle.json", 1024) == pledge.BUNDLE:
        return pledge.verify(names, read_some, verify_sale)
    bundle, record = verify_sale(names, read_some)
    return f"{bundle.size} entries, {record.draws} draws recomputed"


def main():
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        found = verify(sys.argv[1])
    except Wrong as wrong:
        where = "" if wrong.entry is None else f"entry {wrong.entry}: "
        print(f"fails: {where}{wrong.message} [{wrong.check}/{wrong.code}]")
        return 1
    except (OSError, zipfile.BadZipFile) as error:
        print(f"fails: {error} [files/unreadable]")
        return 1
    print(f"holds: {found}")
    print("not checked here: decisions by rules and terms, rounds' signatures, envelopes, the outcome")
    return 0


if __name__ == "__main__":
    sys.exit(main())
