"""Notice, commands, entries, times and draws, after docs/format/record.md, events.md, draw.md and verify.md.

What the rules make of a command is not decided here; what events say is believed as far as nothing contradicts it.
"""

import re

import draw
import keys
import standing
from log import leaf, sha, tree_hash
from restricted import SAFE, b64, encode, restricted, unhex

LAST_MOMENT = 253402300799999
TEXT_MOST = 32768
OFFICERS = "annul bond admit qualify default reject disqualify commit reveal mark step call hammer answer correct".split()
HALL = "pause resume".split()
BIDDERS = "apply withdraw bid join accept seal file confirm object".split()
IN_A_STAGE = "bid join accept seal file".split()
BINDING = {"do", "format", "lot", "rulebook", "key", "id", "note"}
# Further fields; those that may be absent have a question mark.
FIELDS = {
    "apply": "bidder identity? group? facts?",
    "bid": "bidder amount",
    "seal": "bidder commitment envelope",
    "file": "bidder documents",
    "bond": "bidder form amount valid_until? issuer?",
    "reject": "bidder reason",
    "disqualify": "bidder reason",
    "commit": "stage secret digest",
    "reveal": "stage secret value salt",
    "mark": "judge bidder criterion points",
    "step": "amount",
    "pause": "evidence",
    "resume": "",
    "call": "",
    "hammer": "",
    "annul": "cause reason",
    "object": "bidder text documents?",
    "answer": "about text documents?",
    "correct": "about text documents?",
    "beacon": "outputs",
}


class Wrong(Exception):
    """The first thing that is wrong."""

    def __init__(self, check, code, message, entry=None):
        super().__init__(message)
        self.check, self.code, self.message, self.entry = check, code, message, entry


def need(holds, check, code, message, entry=None):
    if not holds:
        raise Wrong(check, code, message, entry)


# Values ------------------------------------------------------------------------------------------


def is_text(value):
    return isinstance(value, str) and value != ""


def is_count(value, most=SAFE):
    return type(value) is int and 0 <= value <= most


def is_hex(value, size):
    try:
        return len(unhex(value, size)) == size
    except ValueError:
        return False


def is_key(value):
    try:
        return is_text(value) and bool(keys.parse(value))
    except ValueError:
        return False


def is_object(value, **kinds):
    """An object with exactly these fields."""
    return isinstance(value, dict) and set(value) == set(kinds) and all(of(value[name]) for name, of in kinds.items())


def is_list(value, kinds, most):
    return isinstance(value, list) and len(value) <= most and all(is_object(item, **kinds) for item in value)


def digest(value):
    return is_hex(value, 32)


def is_fact(value):
    return isinstance(value, (bool, str)) or type(value) is int


def is_moment(value):
    return bool(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)", value, re.ASCII))


KINDS = {
    "about": is_count,
    "amount": lambda value: is_text(value) or type(value) is int,
    "certificates": standing.are_brought,
    "documents": digest,
    "facts": lambda value: isinstance(value, dict) and all(map(is_fact, value.values())),
    "form": lambda value: value in ("cash", "guarantee", "insurance"),
    "outputs": lambda value: isinstance(value, list),
    "secret": lambda value: value in ("cap", "reserve"),
    "seen": lambda value: is_object(value, root=digest, size=is_count),
    "valid_until": lambda value: is_text(value) and is_moment(value),
    "id": lambda value: is_text(value) and len(value.encode()) <= 64,
}
KINDS |= {"points": KINDS["amount"], "value": KINDS["amount"], "digest": digest, "salt": digest, "commitment": digest}


# The notice --------------------------------------------------------------------------------------


def parse_notice(text):
    """A notice, or ValueError."""
    notice = restricted(text)
    local = {"chain": lambda v: v == "local", "genesis_s": is_count, "public_key": lambda v: is_hex(v, 96)}
    local["period_s"] = lambda v: is_count(v, 2**32 - 1) and v > 0
    kinds = {
        "format": lambda value: value == f"landgavel-record/{2 if 'issuers' in notice else 1}",
        "origin": is_text,
        "lot": is_text,
        "lot_sha256": digest,
        "rulebook_sha256": digest,
        "policy_sha256": digest,
        "officers": lambda value: is_list(value, {"key": is_key, "name": is_text}, 64),
        "beacon": lambda value: value == {"chain": "quicknet"} or is_object(value, **local),
        "draw_delay_ms": is_count,
        "seal_delay_ms": is_count,
        "parties": lambda value: is_list(value, {"commitment": digest, "name": is_text}, 64),
        "checkpoint_within_ms": lambda value: is_count(value, 3600000),
        "clock_tolerance_ms": lambda value: is_count(value, 60000),
        "demonstration": lambda value: isinstance(value, bool),
    }
    if "hall" in notice:
        kinds["hall"] = lambda value: is_key(value) and value not in {officer["key"] for officer in notice["officers"]}
    if "issuers" in notice:
        kinds["issuers"] = standing.are_issuers
    if "fallback" in notice:
        kinds["fallback"] = lambda value: is_object(value, after_ms=is_count, number=is_text)
    if not is_object(notice, **kinds) or notice["seal_delay_ms"] < notice["clock_tolerance_ms"]:
        raise ValueError("a field of the notice")
    return notice


def parse_entry(data):
    """An entry, its text read and its signatures verified."""
    try:
        entry = restricted(data.decode())
        name = "notice" if "notice" in entry else "command"
        fields = {"at_ms", "entry", name, "signatures", "events", "refused"}
        if not set(entry) <= fields or not is_count(entry["at_ms"], LAST_MOMENT) or not is_count(entry["entry"]):
            raise ValueError("a field of the entry")
        text, signed = entry[name], entry.get("signatures", [])
        if not isinstance(text, str) or not is_list(signed, {"key": is_any_text, "signature": is_any_text}, 2**16):
            raise ValueError("a field of the entry")
    except (ValueError, KeyError) as error:
        raise Wrong("binding", "unreadable_entry", f"not an entry of this format: {error}")
    try:
        if len(text.encode()) > TEXT_MOST:
            raise ValueError("too long")
        command = restricted(text)
    except ValueError as error:
        raise Wrong("binding", "not_canonical", str(error))
    for place, one in enumerate(signed):
        need(place < 4, "signatures", "too_many_signatures", "more than four signatures")
        try:
            valid = keys.is_valid(one["key"], text.encode(), one["signature"])
        except ValueError as error:
            raise Wrong("signatures", "no_key", f"{one['key']}: {error}")
        need(valid, "signatures", "bad_signature", f"the signature of {one['key']} is not valid")
    return entry, command, [one["key"] for one in signed]


def is_any_text(value):
    return isinstance(value, str)


# The record --------------------------------------------------------------------------------------


class Record:
    """Entries in their order, and what they bind."""

    def __init__(self, notice, at, weights, offset="+08:00"):
        # How a draw of a stage weighs its entrants, as the rulebook says it, and the offset of its days.
        self.notice, self.weights, self.facts, self.offset = notice, weights, {}, offset
        self.issuers, self.identities = notice.get("issuers", []), set()
        self.officers = {officer["key"] for officer in notice["officers"]}
        self.tolerance = notice["clock_tolerance_ms"]
        self.keys, self.ids, self.published, self.ciphertexts = {}, set(), {}, set()
        # The running stage; the frozen draw as root, time, time of witnessing; waiting seals by bidder: round.
        self.stage, self.frozen, self.seals = None, None, {}
        self.last = self.first_uncovered = at
        # When the sale was awarded, and the leaf hash of its notice.
        self.awarded, self.digest = None, None
        self.cosigned, self.unseen_seals, self.draws = None, [], 0
        # Events entered by hash: what they said of the stage, its draw and its seals is not known here.
        self.is_blind = False

    def round_ms(self, number):
        beacon = self.notice["beacon"]
        genesis, period = beacon.get("genesis_s", 1692803367), beacon.get("period_s", 3)
        return 1000 * (genesis + (number - 1) * period)

    def round_at(self, time_ms):
        first = self.round_ms(1)
        return draw.round_at(first, self.round_ms(2) - first, time_ms)

    def draw_round(self):
        return self.round_at(min(self.frozen[1] + self.notice["draw_delay_ms"], LAST_MOMENT))

    def enter(self, number, entry, command, signers):
        at, verb = entry["at_ms"], command.get("do")
        need(self.cosigned is None or at >= self.cosigned - self.tolerance, "times", "dated_back", "too early")
        if verb == "beacon" and self.frozen:
            self.before_draw()
        need(verb != "open" or not self.unseen_seals, "seals", "not_witnessed", "opened too early")
        need(at >= self.last, "times", "time_runs_backwards", "time fell")
        need(is_text(verb) and is_text(command.get("note", "-")), "binding", "field", "do or note")
        by_hand = verb == "beacon" and any(
            isinstance(output, dict) and "number" in output for output in as_list(command.get("outputs"))
        )
        self.signed_by(verb, command, signers, by_hand)
        refused = None
        if signers:
            need(self.published, "notice", "notice_not_published", "no checkpoint covers the notice")
            refused = self.bound(verb, command, signers)
        if refused is None and verb == "apply" and self.issuers:
            brought = command.get("certificates", [])
            need(standing.are_brought(brought), "binding", "field", "certificates")
            day = standing.day_at(at, self.offset)
            refused = standing.refused(self.issuers, command, brought, day, self.identities)
        if refused is None:
            need(self.has_its_fields(verb, command, bool(signers)), "binding", "field", "a field of the command")
            short = len(command.get("text", "").encode()) <= 4096
            need(short and command.get("about", 0) < number, "binding", "field", "a field of the statement")
            if verb == "seal":
                refused = self.seal(command)
        found = entry.get("refused")
        code = found.get("code") if isinstance(found, dict) and found.get("clause") == "record" else None
        # Which attribute a stage decides on, and when its window ends, only the rules say.
        open_ended = refused is None and code in ("other_attribute", "other_round")
        open_ended |= self.is_blind and {code, refused} <= {None, "other_stage", "ciphertext_copied"}
        need(code == refused or open_ended, "replay", "does_not_follow", f"refused as {code}, expected {refused}")
        if verb in ("object", "answer", "correct") and refused is None:
            need(entry.get("events") == [], "replay", "does_not_follow", "a statement leads to no events")
        has_result = set(entry) & {"events", "refused"}
        need(len(has_result) == 1, "replay", "does_not_follow", "events or refused")
        if verb == "open" and not self.is_blind:
            self.open(at, command)
        if verb == "beacon" and not self.is_blind:
            outputs = self.outputs(at, command["outputs"])
        events = entry.get("events", [])
        need(isinstance(events, (list, dict)), "replay", "does_not_follow", "events")
        for event in events if isinstance(events, list) else []:
            kind = event.get("event") if isinstance(event, dict) else None
            self.happened(number, at, kind, event, command, verb)
            if kind == "draw_held" and not self.is_blind:
                self.draw(event, outputs)
        if isinstance(events, dict):
            self.hidden_events(verb, command)
        self.last = at
        self.first_uncovered = at if self.first_uncovered is None else self.first_uncovered

    def hidden_events(self, verb, command):
        """Events that entered by hash: only what their command alone shows is known."""
        self.is_blind = True
        if verb == "apply":
            self.keys[command["bidder"]] = command["key"]
            self.identities.add(command.get("identity"))

    def signed_by(self, verb, command, signers, by_hand):
        if verb in BIDDERS:
            need(len(signers) == 1, "signatures", "unsigned", "needs the bidder's signature")
            need(is_text(command.get("bidder")), "binding", "field", "bidder")
            known = self.keys.get(command["bidder"])
            if verb == "apply":
                fresh = known is None and signers[0] not in self.keys.values()
                need(fresh, "binding", "already_enrolled", "a key or code a second time")
            else:
                need(known == signers[0], "signatures", "key_not_allowed", "another key")
        elif verb in HALL and self.notice.get("hall") in signers:
            need(len(signers) == 1, "signatures", "unsigned", "the hall signs alone")
        elif verb in ("tick", "open") or (verb == "beacon" and not by_hand):
            need(not signers, "signatures", "key_not_allowed", "nobody signs this")
        else:
            allowed = len(set(signers)) == len(signers) and set(signers) <= self.officers
            need(allowed, "signatures", "key_not_allowed", "not different officers")
            needed = 2 if verb == "annul" or by_hand else 1
            need(len(signers) == needed, "signatures", "unsigned", f"needs {needed} officers")

    def bound(self, verb, command, signers):
        """Checks what binds a signature; gives the refusal of what does not fit the sale."""
        fields = [command.get(name) for name in ("format", "lot", "rulebook", "key", "id")]
        need(fields[0] == "landgavel-command/1", "binding", "field", "format")
        need(is_text(fields[1]) and digest(fields[2]), "binding", "field", "lot or rulebook")
        same = fields[1:3] == [self.notice["lot"], self.notice["rulebook_sha256"]]
        need(same, "binding", "other_sale", "signed for another sale")
        need(fields[3] == signers[0] and KINDS["id"](fields[4]), "binding", "field", "key or id")
        name = (signers[0], fields[4])
        need(name not in self.ids, "binding", "id_repeated", "the id stands twice")
        self.ids.add(name)
        if verb not in BIDDERS:
            return None
        need(KINDS["seen"](command.get("seen")), "binding", "field", "seen")
        if self.published.get(command["seen"]["size"]) != unhex(command["seen"]["root"], 32):
            return "unknown_checkpoint"
        if verb not in IN_A_STAGE:
            return None
        need(is_text(command.get("stage")), "binding", "field", "stage")
        if command["stage"] != self.stage:
            return "other_stage"
        need(verb != "bid" or is_text(command.get("attribute")), "binding", "field", "attribute")
        return None

    def has_its_fields(self, verb, command, signed):
        if verb not in BIDDERS + OFFICERS + HALL + ["beacon", "open", "tick"]:
            return False
        if verb == "tick":
            return set(command) == {"do"}
        if verb == "open":
            kinds = {"do": is_text, "bidder": is_text, "round": is_count, "signature": lambda v: is_hex(v, 48)}
            return is_object(command, **kinds)
        known = FIELDS.get(verb, "bidder").split()
        needed = {name for name in known if not name.endswith("?")}
        allowed = {name.rstrip("?") for name in known} | (BINDING if signed else {"do"})
        if verb == "apply" and self.issuers:
            allowed |= {"certificates"}
        if verb in BIDDERS:
            allowed |= {"seen"}
        if verb in IN_A_STAGE:
            allowed |= {"stage"}
        if verb == "bid":
            allowed |= {"attribute"}
        kinds = all(KINDS.get(name, is_text)(value) for name, value in command.items())
        return needed <= set(command) <= allowed and kinds

    def seal(self, command):
        try:
            envelope = b64(command["envelope"])
        except ValueError:
            return "envelope_malformed"
        # Whether U is a point of G2 needs the curve.
        if len(envelope) != 704 or envelope[:8] != b"LGSEAL\0\1" or not any(envelope[40:48]):
            return "envelope_malformed"
        if envelope[8:40] != self.chain_hash():
            return "other_round"
        return "ciphertext_copied" if envelope in self.ciphertexts else None

    def chain_hash(self):
        beacon = self.notice["beacon"]
        if beacon["chain"] == "quicknet":
            return bytes.fromhex("52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971")
        numbers = beacon["period_s"].to_bytes(4, "big"), beacon["genesis_s"].to_bytes(8, "big")
        return sha(*numbers, bytes.fromhex(beacon["public_key"]), bytes(32), b"local")

    def open(self, at, command):
        waits = self.seals.get(command["bidder"])
        need(waits == command["round"], "seals", "wrong_opening", "no seal waits for this round")
        self.not_before(at, waits)

    def not_before(self, at, number):
        need(at + self.tolerance >= self.round_ms(number), "times", "round_not_yet", "no such round yet")

    def before_draw(self):
        cosigned = self.frozen[2]
        need(cosigned is not None, "draws", "not_witnessed", "the entrants were not witnessed")
        latest = self.round_ms(self.draw_round()) - 1000 - self.tolerance
        need(cosigned <= latest, "draws", "witnessed_too_late", "the round may have been known")

    def outputs(self, at, outputs):
        """The 32 bytes of each source."""
        need(self.frozen, "draws", "source", "no draw waits")
        found = []
        for output in outputs:
            if is_object(output, round=is_count, signature=lambda value: is_hex(value, 48)):
                need(output["round"] == self.draw_round(), "draws", "source", f"the round must be {self.draw_round()}")
                self.not_before(at, output["round"])
                found.append(sha(unhex(output["signature"], 48)))
            elif is_object(output, number=lambda value: is_text(value) and len(value.encode()) <= 1024):
                found.append(draw.number_output(output["number"]))
            else:
                parties = self.notice["parties"]
                fine = is_object(output, secrets=lambda value: isinstance(value, list) and all(map(digest, value)))
                need(fine and 0 < len(parties) == len(output["secrets"]), "draws", "source", "an output")
                secrets = [unhex(secret, 32) for secret in output["secrets"]]
                for party, secret in zip(parties, secrets):
                    made = draw.party_commitment(self.notice["lot"], party["name"], secret)
                    need(made.hex() == party["commitment"], "draws", "source", "another secret")
                found.append(draw.commit_reveal_output(secrets))
        return found

    def happened(self, number, at, kind, event, command, verb):
        try:
            if kind == "applied":
                self.keys[event["bidder"]] = command["key"]
                self.facts[event["bidder"]] = event["facts"]
                self.identities.add(command.get("identity"))
            elif kind == "awarded":
                self.awarded = at if self.awarded is None else self.awarded
            elif kind == "stage_opened":
                self.stage = event["stage"]
            elif kind == "stage_ended":
                self.stage, self.frozen, self.seals = None, None, {}
            elif kind == "seal_lodged":
                self.lodged(number, event, command)
            elif kind in ("seal_voided", "seal_opened"):
                waited = self.seals.pop(event["bidder"], None)
                if kind == "seal_voided":
                    self.unseen_seals = [seal for seal in self.unseen_seals if seal[1] != event["bidder"]]
                elif event["result"] == "unreadable" and verb != "open":
                    need(waited is None, "seals", "seal_not_opened", "no entry tries to open it")
            elif kind == "draw_frozen":
                self.frozen = [unhex(event["root"], 32), at, None]
        except (KeyError, TypeError, ValueError) as error:
            raise Wrong("replay", "does_not_follow", f"the event {kind}: {error}")

    def lodged(self, number, event, command):
        envelope = b64(command["envelope"])
        round_ = int.from_bytes(envelope[40:48], "big")
        readable = min(max(0, self.round_ms(round_) - self.tolerance), LAST_MOMENT)
        same = (event["envelope"], event["readable_ms"]) == (command["commitment"], readable)
        need(same, "replay", "does_not_follow", "a seal was lodged otherwise")
        self.ciphertexts.add(envelope)
        self.seals[event["bidder"]] = round_
        self.unseen_seals.append((number, event["bidder"], readable))

    def draw(self, event, outputs):
        codes = sorted(event["order"], key=str.encode)
        root = tree_hash([leaf(code.encode()) for code in codes])
        need(self.frozen and root == self.frozen[0], "replay", "does_not_follow", "other entrants than were frozen")
        need(event["outputs"] == [out.hex() for out in outputs], "replay", "does_not_follow", "other outputs")
        seed = draw.seed_of(self.notice["lot"], self.stage, root, outputs)
        order = self.drawn(seed, codes)
        need(order == event["order"], "replay", "does_not_follow", f"the draw gives {order}")
        self.draws, self.frozen = self.draws + 1, None

    def drawn(self, seed, codes):
        """The entrants in the order that the seed gives, by the weights of the stage."""
        weights = self.weights.get(self.stage, "plain")

        def number(code, fact):
            value = self.facts.get(code, {}).get(fact)
            return value if type(value) is int else None

        if weights == "plain":
            return [codes[index] for index in draw.shuffle(seed, len(codes))]
        if "weighted" in weights:
            held = [number(code, weights["weighted"]) or 0 for code in codes]
            tickets = [min(max(tickets, 0), 1000000) for tickets in held]
            return [codes[index] for index in draw.tickets_order(seed, tickets)]
        order = [codes[index] for index in draw.shuffle(seed, len(codes))]
        tiers = {code: number(code, weights["tiered"]) for code in codes}
        return sorted(order, key=lambda code: (tiers[code] is None, tiers[code] or 0))

    def checkpoint(self, size, root, seconds):
        cosigned = 1000 * seconds
        need(self.last <= cosigned + self.tolerance, "times", "dated_forward", "an entry says a later time", size - 1)
        late = self.notice["checkpoint_within_ms"] + self.tolerance
        first = self.first_uncovered
        need(first is None or cosigned <= first + late, "times", "witnessed_late", "too late", size - 1)
        self.cosigned = max(cosigned, self.cosigned or 0)
        if self.frozen and self.frozen[2] is None:
            self.frozen[2] = cosigned
        for _, _, readable in self.unseen_seals:
            need(cosigned + 1000 <= readable, "seals", "witnessed_too_late", "a seal was seen too late", size - 1)
        self.first_uncovered, self.unseen_seals = None, []
        self.published[size] = root


def as_list(value):
    return value if isinstance(value, list) else []


def notice_entry(entry, notice, signers, own):
    """The bytes of entry 0 as they must be; checks who signed."""
    officers = {officer["key"] for officer in notice["officers"]}
    fine = len(signers) >= 2 and len(set(signers)) == len(signers) and set(signers) <= officers
    need(fine, "notice", "four_eyes", "is not signed by two different officers")
    need(set(entry) == {"at_ms", "entry", "notice", "signatures"}, "notice", "not_canonical", "other fields")
    need(encode(entry).encode() == own, "notice", "not_canonical", "another form")
