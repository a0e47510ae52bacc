#!/usr/bin/env python3
"""Holds this implementation to the vectors of the format.

    python3 vectors.py [FOLDER]     docs/format/vectors without one

Exit code 0: all agree; 1: some differ, and are named; 2: wrong use.
"""

import copy
import json
import os
import sys

import draw
import keys
import log
import record
from restricted import encode, restricted, unhex

HERE = os.path.dirname(os.path.abspath(__file__))
CCTV = os.path.join(HERE, "..", "..", "..", "crates", "landgavel-log", "tests", "cctv", "ed25519vectors.json")
FOLDER = os.path.join(HERE, "..", "vectors")


def holds(judge, *arguments):
    """Whether a reader takes something."""
    try:
        return judge(*arguments) is not False
    except (ValueError, record.Wrong):
        return False


def values(names, case):
    return [case[name] for name in names.split()]


def check_restricted(vectors):
    for text in vectors["accepted"]:
        yield text, holds(restricted, text) and encode(restricted(text)), text
    for case in vectors["refused"]:
        yield case["why"], holds(restricted, case["text"]), False
    for case in vectors["not_utf8"]:
        yield case["why"], holds(bytes.decode, bytes.fromhex(case["hex"])), False


def check_keys(vectors):
    for case in vectors["keys"]:
        yield case["what"], holds(keys.parse, case["key"]), case["is_key"]
    for case in vectors["ed25519"] + vectors["sm2"]:
        key, message, signature = values("key message signature", case)
        yield case["what"], keys.is_valid(key, bytes.fromhex(message), signature), case["valid"]


def check_cctv(vectors):
    """C2SP's edge cases of Ed25519: a part of low order in a point is no reason to refuse."""
    for case in vectors:
        key, signature = bytes.fromhex(case["key"]), bytes.fromhex(case["sig"])
        valid = keys.is_point(key) and keys.ed25519(key, case["msg"].encode(), signature)
        harmless = {"low_order_component_A", "low_order_component_R"}
        yield case["number"], valid, set(case["flags"] or []) <= harmless


def check_draw(vectors):
    made = vectors["commitments"]
    for case in made["secrets"]:
        lot, stage, secret, value, salt = values("lot stage secret value salt", case)
        found = draw.secret_commitment(lot, stage, secret, value, unhex(salt, 32))
        yield f"the {secret} {value}", found.hex(), case["commitment"]
    for case in made["seals"]:
        lot, stage, bidder, amounts, salt = values("lot stage bidder amounts salt", case)
        found = draw.seal_commitment(lot, stage, bidder, amounts, unhex(salt, 32))
        yield f"a seal of {bidder}", found.hex(), case["commitment"]
        hidden = unhex(salt, 32) + bytes([len(amounts)]) + b"".join(map(draw.i64, amounts))
        yield f"what a seal of {bidder} hides", hidden.hex(), case["hidden"]
    for case in made["parties"]:
        found = draw.party_commitment(case["lot"], case["party"], unhex(case["secret"], 32))
        yield f"the party {case['party']}", found.hex(), case["commitment"]
    for case in made["identities"]:
        lot, bidder, salt, identity = values("lot bidder salt identity", case)
        found = draw.identity_commitment(lot, bidder, unhex(salt, 32), identity)
        yield f"the identity of {bidder}", found.hex(), case["commitment"]
    for case in vectors["rounds"]:
        genesis, period, time = values("genesis_s period_s time_ms", case)
        yield f"the round at {time}", draw.round_at(1000 * genesis, 1000 * period, time), case["round"]
    for case in vectors["roots"]:
        codes = sorted(case["codes"], key=str.encode)
        yield f"the root over {codes}", log.tree_hash([log.leaf(code.encode()) for code in codes]).hex(), case["root"]
    for case in vectors["outputs"]["numbers"]:
        yield case["number"], draw.number_output(case["number"]).hex(), case["output"]
    for case in vectors["outputs"]["secrets"]:
        found = draw.commit_reveal_output([unhex(secret, 32) for secret in case["secrets"]])
        yield "revealed secrets", found.hex(), case["output"]
    for case in vectors["outputs"]["signatures"]:
        yield "a round's signature", log.sha(bytes.fromhex(case["signature"])).hex(), case["output"]
    for case in vectors["seeds"]:
        outputs = [unhex(output, 32) for output in case["outputs"]]
        found = draw.seed_of(case["lot"], case["stage"], unhex(case["root"], 32), outputs)
        yield f"a seed of {len(outputs)} outputs", found.hex(), case["seed"]
    for case in vectors["words"]:
        stream = draw.words(unhex(case["seed"], 32))
        yield "words", [str(next(stream)) for _ in case["words"]], case["words"]
    for case in vectors["shuffles"]:
        yield f"{case['count']} shuffled", draw.shuffle(unhex(case["seed"], 32), case["count"]), case["order"]
    for case in vectors["weighted"]:
        yield f"tickets {case['tickets']}", draw.tickets_order(unhex(case["seed"], 32), case["tickets"]), case["order"]


def check_log(vectors):
    for case in vectors["leaves"]:
        yield case["entry"], log.leaf(case["entry"].encode()).hex(), case["leaf"]
    leaves = [log.leaf(f"entry {number}".encode()) for number in range(257)]
    for case in vectors["roots"]:
        yield f"the root of {case['size']}", log.tree_hash(leaves[: case["size"]]).hex(), case["root"]
    for case in vectors["inclusion"]:
        index, size = case["index"], case["size"]
        proof = [unhex(node, 32) for node in case["proof"]]
        root = log.root_of_path(unhex(case["leaf"], 32), index, size, proof) if index < size else None
        yield f"leaf {index} of {size}", root == unhex(case["root"], 32), case["holds"]
    for case in vectors["consistency"]:
        old, new = unhex(case["old_root"], 32), unhex(case["new_root"], 32)
        proof = [unhex(node, 32) for node in case["proof"]]
        roots = log.roots_of_growth(case["old"], case["new"], proof, old)
        yield f"{case['old']} grown to {case['new']}", roots == (old, new), case["holds"]
    for case in vectors["tiles"]:
        names = sorted(name for name, *_ in log.tiles(case["size"]))
        found = [len(names), names[0] if names else None, names[-1] if names else None]
        yield f"tiles of {case['size']}", found, values("count first last", case)
        if case["paths"] is not None:
            yield f"all tiles of {case['size']}", names, case["paths"]
    for case in vectors["names"]:
        yield case["path"], log.tile_name(f"tile/{case['level']}", case["index"], case["width"]), case["path"]
    for case in vectors["bundles"]["accepted"]:
        found = log.entries(bytes.fromhex(case["bundle"]), len(case["entries"]))
        yield case["bundle"][:40], [entry.hex() for entry in found], case["entries"]
    for case in vectors["bundles"]["refused"]:
        yield case["why"], holds(log.entries, bytes.fromhex(case["bundle"]), case["width"]), False


def is_vkey(text):
    return any(holds(log.parse_vkey, text, kind) for kind in (1, 4))


def check_notes(vectors):
    for case in vectors["keys"]:
        yield case["what"], is_vkey(case["key"]), case["is_key"]
    policies = {name: log.Policy(text) for name, text in vectors["policies"].items()}
    for case in vectors["refused_policies"]:
        yield case["why"], holds(log.Policy, case["policy"]), False
    for case in vectors["checkpoints"]:
        policy, found = policies[case["policy"]], None
        if policy.quorum != "none" and holds(policy.judge, case["note"]):
            origin, size, root, time = policy.judge(case["note"])
            found = {"origin": origin, "root": root.hex(), "size": str(size), "witnessed_s": time}
        yield f"{case['what']}, by the policy {case['policy']}", found, case["believed"]


def check_record(vectors):
    notice = vectors["notice"]
    yield "the notice", encode(record.parse_notice(notice["text"])), notice["text"]
    yield "the notice's digest", log.leaf(notice["entry"].encode()).hex(), notice["digest"]
    for case in vectors["refused_notices"]:
        yield case["why"], holds(record.parse_notice, case["text"]), case["why"] == "no point"
    for case in vectors["records"]:
        yield from check_steps(case["what"], case["steps"])


# Faults that need the rules, or a pairing, to be seen.
RULES = {"tick_owed", "tick_late", "seal_not_opened", "entry_too_long"}


def check_steps(what, steps):
    entry, notice, signers = record.parse_entry(steps[0]["entry"].encode())
    record.notice_entry(entry, notice, signers, steps[0]["entry"].encode())
    held, number = record.Record(record.parse_notice(entry["notice"]), entry["at_ms"], {}), 1
    for step in steps[1:]:
        if "published" in step:
            root = unhex(step["published"]["root"], 32)
            held.checkpoint(step["published"]["size"], root, step["witnessed_s"])
        elif "entry" in step:
            entry, command, signers = record.parse_entry(step["entry"].encode())
            again = {name: entry[name] for name in entry if name in ("events", "refused")}
            again |= {"at_ms": step["at_ms"], "command": step["command"], "entry": number}
            again |= {"signatures": step["signatures"]} if step["signatures"] else {}
            yield f"{what}: entry {number}", encode(again), step["entry"]
            held.enter(number, entry, command, signers)
            number += 1
        elif step["fault"] not in RULES:
            entry = {name: step[name] for name in ("at_ms", "command", "signatures") if step[name]}
            yield f"{what}: turned away after entry {number - 1}", turned_away(held, number, entry), step["fault"]


def turned_away(held, number, entry):
    """The fault of a command, tried on a copy of what is held."""
    entry = entry | {"entry": number, "events": []}
    try:
        parsed, command, signers = record.parse_entry(encode(entry).encode())
        copy.deepcopy(held).enter(number, parsed, command, signers)
    except record.Wrong as wrong:
        return wrong.code
    return None


CHECKS = {
    "restricted.json": check_restricted,
    "keys.json": check_keys,
    "draw.json": check_draw,
    "log.json": check_log,
    "notes.json": check_notes,
    "record.json": check_record,
}


def main():
    if len(sys.argv) > 2:
        print(__doc__, file=sys.stderr)
        return 2
    folder, differ = sys.argv[1] if len(sys.argv) == 2 else FOLDER, 0
    files = [(name, os.path.join(folder, name), check) for name, check in CHECKS.items()]
    if os.path.exists(CCTV):
        files.append(("cctv", CCTV, check_cctv))
    for name, path, check in files:
        with open(path, encoding="utf-8") as file:
            results = list(check(json.load(file)))
        wrong = [(what, found, expected) for what, found, expected in results if found != expected]
        for what, found, expected in wrong:
            print(f"{name}: {what}: {found}, expected {expected}")
        print(f"{name}: {len(results) - len(wrong)} of {len(results)} agree")
        differ += len(wrong)
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
