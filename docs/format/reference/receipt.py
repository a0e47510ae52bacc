#!/usr/bin/env python3
"""A second judge of receipts and of requests to witnesses, after docs/format/receipt.md alone.

    python3 receipt.py RECEIPT POLICY      says what the receipt proves, or what is wrong
    python3 receipt.py VECTORS             compares its verdicts with those of the vectors

Needs the package `cryptography`. Exit code 0: it holds, or all verdicts agree; 1: not; 2: wrong use.
"""

import json
import sys

from keys import ed25519
from log import Policy, number, parse_checkpoint, parse_note, root_of_path, roots_of_growth, sha
from restricted import b64


class Wrong(Exception):
    """What is wrong: a code, or the status of a refusal."""


def need(holds, code):
    if not holds:
        raise Wrong(code)


def hashes(lines):
    """Hashes up to an empty line, and the text after it."""
    found = []
    while (line := lines.pop(0)) != "":
        found.append(b64(line))
        need(len(found) <= 63 and len(found[-1]) == 32, None)
    return found, "\n".join(lines)


def checkpoint(note):
    """Origin, size, root and signatures of a note that is a checkpoint; verifies nothing."""
    body, signatures = parse_note(note)
    lines = body[:-1].split("\n")
    need("" not in lines, None)
    # A receipt may be of a log whose checkpoints have further lines.
    origin, size, root = parse_checkpoint("\n".join(lines[:3]) + "\n")
    return body, origin, size, root, signatures


def read(receipt):
    """Extra data, index, path and note of a receipt."""
    need(len(receipt) <= 156000, "too_large")
    try:
        lines = receipt.decode().split("\n")
        need(lines.pop(0) == "c2sp.org/tlog-proof@v1", None)
        extra = None
        if lines[0].startswith("extra "):
            extra = b64(lines.pop(0)[6:])
            need(1 <= len(extra) <= 65535, None)
        need(lines[0].startswith("index "), None)
        index = number(lines.pop(0)[6:], 2**63 - 2)
        path, note = hashes(lines)
        checkpoint(note)
        return extra, index, path, note
    except (Wrong, ValueError, IndexError) as error:
        raise Wrong("malformed") from error


def judge(receipt, policy, entry=None):
    """What a receipt proves."""
    extra, index, path, note = read(receipt)
    need(entry is not None or extra is not None, "no_entry")
    need(entry is None or extra is None or entry == extra, "other_entry")
    leaf = sha(b"\0", extra if entry is None else entry)
    need(policy.quorum != "none", "no_quorum_asked")
    body, origin, size, root, signatures = checkpoint(note)
    logs = {key for key, (_, kind, _) in policy.keys.items() if kind == 1 and key[0] == origin}
    need(logs, "unknown_log")
    times, signed = {}, False
    for name, key_id, data in signatures:
        if (name, key_id) in logs:
            need(ed25519(policy.keys[(name, key_id)][0], body.encode(), data), "log_signature")
            signed = True
    need(signed, "log_signature")
    for name, key_id, data in signatures:
        key, kind, witness = policy.keys.get((name, key_id), (None, None, None))
        if kind == 4:
            time = int.from_bytes(data[:8], "big")
            message = f"cosignature/v1\ntime {time}\n{body}".encode()
            need(0 < time < 2**63 and ed25519(key, message, data[8:]), "cosignature")
            times[witness] = min(time, times.get(witness, time))
    seen = policy.reached(policy.quorum, times)
    need(seen is not None, "no_quorum")
    need(index < size and root_of_path(leaf, index, size, path) == root, "not_included")
    cosigned = [name for name in policy.members if name in times]
    return {"index": index, "leaf": leaf.hex(), "size": size, "witnessed_s": seen, "witnesses": cosigned}


def status(case, log):
    """What a witness answers."""
    try:
        lines = case["body"].split("\n")
        need(lines[0].startswith("old "), None)
        old = number(lines.pop(0)[4:], 2**63 - 1)
        path, note = hashes(lines)
        body, origin, size, root, signatures = checkpoint(note)
    except (Wrong, ValueError, IndexError):
        return 400
    name, key_id, key = log.split("+", 2)
    own = [data for who, sig_id, data in signatures if (who, sig_id.hex()) == (name, key_id)]
    if origin != name:
        return 404
    if not own or not all(ed25519(b64(key)[1:], body.encode(), data) for data in own):
        return 403
    if old > size:
        return 400
    if old != case["seen_size"]:
        return 409
    seen_root = b64(case["seen_root"])
    if old == 0:
        follows = not path and (size > 0 or root == sha())
    else:
        follows = roots_of_growth(old, size, path, seen_root) == (seen_root, root)
    if not follows:
        return 422
    return 200 if case["now_s"] >= case["seen_s"] else 503


def verdict(receipt, policy, entry=None):
    try:
        return judge(receipt, policy, entry)
    except Wrong as wrong:
        return wrong.args[0]


def compare(vectors):
    """Names every case whose verdict differs."""
    policies = {name: Policy(text) for name, text in vectors["policies"].items()}
    differ = 0
    for case in vectors["receipts"]:
        entry = None if case["entry"] is None else b64(case["entry"])
        found = verdict(case["receipt"].encode(), policies[case["policy"]], entry)
        if found != case["verdict"]:
            differ += 1
            print(f"{case['what']}: {found}, expected {case['verdict']}")
    for case in vectors["requests"]:
        found = status(case, vectors["log"])
        if found != case["status"]:
            differ += 1
            print(f"{case['what']}: {found}, expected {case['status']}")
    count = len(vectors["receipts"]) + len(vectors["requests"])
    print(f"{count - differ} of {count} verdicts agree")
    return differ == 0


def main():
    if len(sys.argv) == 2:
        with open(sys.argv[1], encoding="utf-8") as file:
            return 0 if compare(json.load(file)) else 1
    if len(sys.argv) != 3:
        print(__doc__)
        return 2
    with open(sys.argv[1], "rb") as receipt, open(sys.argv[2], encoding="utf-8") as policy:
        found = verdict(receipt.read(), Policy(policy.read()))
    print(found)
    return 0 if isinstance(found, dict) else 1


if __name__ == "__main__":
    sys.exit(main())
