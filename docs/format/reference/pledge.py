"""The record of a pledge, after docs/format/pledge.md.

What the terms make of a command is not decided here; what events say is added up in a ledger of bonds and claims, which
must be those of the standing.
"""

import hashlib
import unicodedata

from bundle import Bundle, judged, toml
from ledger import Ledger, is_number
from log import leaf
from record import Wrong, digest, is_count, is_key, is_list, is_object, is_text, need
from restricted import restricted
from standing import day_at, is_day

FORM = "landgavel-pledge-bundle/1"
BUNDLE = b'{"format":"%s"}\n' % FORM.encode()
LIMITS = {
    "bundle.json": 1024,
    "policy.txt": 65536,
    "terms.toml": 1 << 20,
    "checkpoint": 65536,
    "checkpoints.jsonl": 64 << 20,
    "standing.json": 16 << 20,
}
APPROVAL = "officer second_officer reason"
# Own fields of commands; those that may be absent have a question mark.
FIELDS = {
    "evidence": "about source document on? figure? year? confirmed? since? until? built? invested?",
    "retract": "about year? source reason",
    "dispute": "claim statement",
    "bond": "form amount issuer currency? beneficiary? on_demand? confirmed? valid_until? number? letter?",
    "extend-bond": "bond valid_until letter",
    "pay": "claim amount",
    "call-bond": "claim",
    "call-expiring": "bond",
    "settle": "claim amount " + APPROVAL,
    "extend": "about until " + APPROVAL,
    "stop-time": "from until " + APPROVAL,
    "waive": "about year? " + APPROVAL,
    "take-back": "amount " + APPROVAL,
    "rekey": "of new_key " + APPROVAL,
}
BINDING = {"do", "format", "pledge", "opening", "key", "id", "note"}
HALTED = {"since", "until", "built", "invested"}
OF_GUARANTEES = {"valid_until", "number", "letter"}


def is_number_of_guarantee(text):
    return text.strip() == text and len(text) <= 64 and not any(unicodedata.category(one) == "Cc" for one in text)


KINDS = {name: is_number for name in ("bond", "claim", "year")}
KINDS |= {name: is_day for name in ("on", "since", "until", "from", "valid_until")}
KINDS |= {"document": digest, "statement": digest, "letter": digest, "new_key": is_key}
KINDS |= {name: lambda value: isinstance(value, bool) for name in ("on_demand", "confirmed")}
KINDS |= {"number": lambda value: is_text(value) and is_number_of_guarantee(value)}
KINDS |= {"form": lambda value: value in ("cash", "guarantee")}
CODES = set(
    """pledge_over amount_too_large unknown_subject already_settled bond_form_not_accepted
    bond_in_other_currency bond_for_other_beneficiary amount_not_positive bond_doubted bond_not_on_demand letter_not_named
    bond_without_end bond_expired lodged_before too_many_bonds unknown_bond not_later nothing_held not_expiring
    extension_awaited wrong_source shown_by_bond figure_doubted investment_doubted beyond_land wrong_finding term_not_begun evidence_too_early
    evidence_of_future before_contract out_of_order ban_over evidence_already_entered no_evidence unknown_claim
    claim_closed pays_too_much claim_is_disputed disputed_before cure_over claim_not_disputed beyond_claim cure_runs
    empty_span beyond_dates no_ground other_compensation""".split()
)


def parse_opening(text):
    """An opening, or ValueError."""
    opening = restricted(text)
    holder = {"key": is_key, "name": is_text}

    def holders(value):
        return is_list(value, holder, 64)

    sale = {"entries": is_count, "notice": digest, "origin": is_text, "outcome_sha256": digest, "root": digest}
    kinds = {
        "format": lambda value: value == "landgavel-pledge-record/1",
        "origin": is_text,
        "pledge": is_text,
        "terms_sha256": digest,
        "policy_sha256": digest,
        "sale": lambda value: is_object(value, **sale),
        "winner": lambda value: is_object(value, **holder),
        "signed": is_day,
        "officers": holders,
        "sources": holders,
        "guarantors": holders,
        "checkpoint_within_ms": lambda value: is_count(value, 3600000),
        "clock_tolerance_ms": lambda value: is_count(value, 60000),
        "demonstration": lambda value: isinstance(value, bool),
    }
    if not is_object(opening, **kinds):
        raise ValueError("a field of the opening")
    all_of = [opening["winner"], *opening["officers"], *opening["sources"], *opening["guarantors"]]
    for field in ("name", "key"):
        if len({one[field] for one in all_of}) != len(all_of):
            raise ValueError("a name or key stands twice")
    return opening


def sources_of(terms):
    """Every name that the terms ask for evidence."""
    listed = [item for part in ("milestones", "promises", "bans") for item in terms.get(part, [])]
    alone = [terms.get("duties", {}), terms.get("idle", {}).get("halted", {})]
    return {item.get("signed_by") for item in [*listed, *alone]} - {None}


def years_of(terms):
    """Ids of promises, with the number of their years."""
    return {promise.get("id"): promise.get("years", 1) for promise in terms.get("promises", [])}


def open_record(bundle, terms, sale, entry, signers, data):
    """The record that entry 0 opens."""
    try:
        opening = parse_opening(entry["notice"])
    except ValueError as error:
        raise Wrong("notice", "unreadable", str(error))
    for name, file in [("terms", "terms.toml"), ("policy", "policy.txt")]:
        same = opening[name + "_sha256"] == hashlib.sha256(bundle.files[file]).hexdigest()
        need(same, "notice", "other_file", f"fixes another {file}")
    need(opening["pledge"] == terms.get("id"), "notice", "other_file", "is of other terms")
    need(opening["origin"] == bundle.origin, "notice", "other_log", "stands in another log")
    files, record = sale
    named = {
        "entries": files.size,
        "notice": record.digest,
        "origin": files.origin,
        "outcome_sha256": hashlib.sha256(files.files["outcome.json"]).hexdigest(),
        "root": files.root.hex(),
    }
    need(opening["sale"] == named, "notice", "other_sale", "names another record of the sale")
    officers = {officer["key"] for officer in opening["officers"]}
    fine = len(signers) >= 2 and len(set(signers)) == len(signers) and set(signers) <= officers
    need(fine, "notice", "four_eyes", "is not signed by two different officers")
    keyed = {source["name"] for source in opening["sources"]}
    need(sources_of(terms) <= keyed, "notice", "no_source", "gives no key for a source")
    winner = opening["winner"]
    same = opening["demonstration"] or record.keys.get(winner["name"]) == winner["key"]
    need(same, "notice", "other_winner", "gives the winner another key")
    is_after = entry["at_ms"] >= record.last and opening["signed"] >= day_at(record.awarded, record.offset)
    need(is_after, "notice", "not_opened", "is older than the sale")
    need(set(entry) == {"at_ms", "entry", "notice", "signatures"}, "notice", "not_canonical", "other fields")
    return Pledge(opening, years_of(terms), leaf(data).hex(), entry["at_ms"])


class Pledge:
    """Entries in their order, and what they bind."""

    def __init__(self, opening, years, own_digest, at):
        self.opening, self.years, self.digest = opening, years, own_digest
        self.roles = {opening["winner"]["name"]: "winner"}
        for role in ("officers", "sources", "guarantors"):
            self.roles |= {holder["name"]: role for holder in opening[role]}
        holders = [opening["winner"], *opening["officers"], *opening["sources"], *opening["guarantors"]]
        self.names = {holder["key"]: holder["name"] for holder in holders}
        self.ever, self.ids, self.is_published = set(self.names), set(), False
        self.tolerance, self.last, self.cosigned = opening["clock_tolerance_ms"], at, None
        self.ledger = Ledger(at)

    # Commands ------------------------------------------------------------------------------------

    def enter(self, number, entry, command, signers):
        at, verb = entry["at_ms"], command.get("do")
        need(self.cosigned is None or at >= self.cosigned - self.tolerance, "times", "dated_back", "too early")
        need(at >= self.last, "times", "time_runs_backwards", "time fell")
        need(is_text(verb), "binding", "field", "do")
        self.signed_by(verb, command, signers)
        if verb == "tick":
            need(set(command) == {"do"}, "binding", "field", "a tick has no other field")
        else:
            need(self.is_published, "notice", "notice_not_published", "no checkpoint covers the opening")
            self.bound(command, signers)
            need(self.has_its_fields(verb, command), "binding", "field", "a field of the command")
        result = set(entry) & {"events", "refused"}
        follows = len(result) == 1 and ("signatures" in entry) == bool(signers)
        need(follows, "replay", "does_not_follow", "events, refused or signatures")
        if "refused" in entry:
            code = entry["refused"]
            fine = is_object(code, code=lambda value: value in CODES) and verb not in ("tick", "rekey")
            need(fine, "replay", "does_not_follow", "a refusal")
        else:
            self.follow(at, verb, command, entry["events"])
        self.last = at

    def signed_by(self, verb, command, signers):
        def refuse(holds, why):
            need(holds, "signatures", "key_not_allowed", why)

        def is_short(holds):
            need(holds, "signatures", "unsigned", "another number of signatures is due")

        names = [self.names.get(key) for key in signers]
        roles = [self.roles.get(name) for name in names]
        if verb == "tick":
            refuse(not signers, "nobody signs this")
            return
        if verb in ("evidence", "retract", "dispute"):
            is_short(len(signers) == 1)
            if verb != "dispute":
                need(is_text(command.get("source")), "binding", "field", "source")
            own = roles[0] == "winner" if verb == "dispute" else (roles[0], names[0]) == ("sources", command["source"])
            refuse(own, "another key")
            return
        is_short(1 <= len(signers) <= 2)
        refuse(roles[0] == "officers", "an officer signs first")
        if len(signers) == 2:
            is_second = roles[1] == "officers" and names[1] != names[0]
            is_guarantor = verb in ("bond", "extend-bond") and roles[1] == "guarantors"
            is_unknown = self.ledger.is_blind and verb == "extend-bond"
            is_issuer = is_guarantor and (is_unknown or names[1] == self.issuer(verb, command))
            refuse(is_second or is_issuer, "the second may not sign this")
        for name, field in zip(names, ("officer", "second_officer")):
            need(command.get(field, name) == name, "binding", "field", f"{field} is not who signed")
        is_short(len(signers) == 2)

    def issuer(self, verb, command):
        if verb == "bond":
            return command.get("issuer")
        place = command.get("bond")
        bonds = self.ledger.bonds
        return bonds[place - 1]["issuer"] if is_number(place) and place <= len(bonds) else None

    def bound(self, command, signers):
        need(command.get("format") == "landgavel-pledge-command/1", "binding", "field", "format")
        need(is_text(command.get("pledge")), "binding", "field", "pledge")
        need(command["pledge"] == self.opening["pledge"], "binding", "other_pledge", "signed for another pledge")
        need(digest(command.get("opening")), "binding", "field", "opening")
        need(command["opening"] == self.digest, "binding", "other_pledge", "signed for another opening")
        own = command.get("id")
        fine = command.get("key") == signers[0] and is_text(own) and len(own.encode()) <= 64
        need(fine, "binding", "field", "key or id")
        need((signers[0], own) not in self.ids, "binding", "id_repeated", "the id stands twice")
        self.ids.add((signers[0], own))

    def has_its_fields(self, verb, command):
        known = FIELDS.get(verb)
        if known is None:
            return False
        needed = {name for name in known.split() if not name.endswith("?")}
        allowed = {name.rstrip("?") for name in known.split()} | BINDING
        if not needed <= set(command) <= allowed:
            return False
        if not all(KINDS.get(name, is_text)(value) for name, value in command.items()):
            return False
        if verb == "evidence" and not self.is_shown(command):
            return False
        if verb in ("evidence", "retract", "waive") and not self.is_dated(command):
            return False
        if verb == "bond" and command["form"] == "cash" and OF_GUARANTEES & set(command):
            return False
        if verb == "rekey":
            third = command["of"] in self.roles and command["of"] not in (command["officer"], command["second_officer"])
            return third and command["new_key"] not in self.ever
        return True

    def is_shown(self, command):
        """Whether what is shown is shown by what goes with it, and by nothing else."""
        about, has = command["about"], set(command)
        if about == "idle":
            return HALTED <= has and not has & {"on", "figure"}
        if has & HALTED or ("on" in has) == ("figure" in has):
            return False
        return about in self.years if "figure" in has else "confirmed" not in has

    def is_dated(self, command):
        """Whether a year stands where it must, and nowhere else."""
        years = self.years.get(command["about"], 0)
        return years > 0 if "year" in command else years <= 1

    # Events --------------------------------------------------------------------------------------

    def follow(self, at, verb, command, events):
        if not isinstance(events, list):
            need(is_object(events, count=is_count, sha256=digest), "replay", "does_not_follow", "events")
            self.ledger.is_blind = True
            return
        if verb == "rekey":
            approval = {"first": command["officer"], "second": command["second_officer"], "reason": command["reason"]}
            event = {"event": "rekeyed", "of": command["of"], "key": command["new_key"], "approval": approval}
            need(events == [event], "replay", "does_not_follow", "a key is replaced otherwise")
            self.names = {key: name for key, name in self.names.items() if name != command["of"]}
            self.names[command["new_key"]] = command["of"]
            self.ever.add(command["new_key"])
            return
        for event in events:
            try:
                self.ledger.enter(at, command, event)
            except (KeyError, TypeError, IndexError, ValueError) as error:
                raise Wrong("replay", "does_not_follow", f"an event: {error}")

    # Times and the end ---------------------------------------------------------------------------

    def checkpoint(self, size, root, seconds):
        cosigned = 1000 * seconds
        need(self.last <= cosigned + self.tolerance, "times", "dated_forward", "an entry says a later time", size - 1)
        self.cosigned = max(cosigned, self.cosigned or 0)
        self.is_published = True

    def stands(self, standing):
        """Whether the standing is that of this pledge, with its bonds, claims and status."""
        opening = self.opening
        same = {"pledge": opening["pledge"], "winner": opening["winner"]["name"], "signed": opening["signed"]}
        return all(standing.get(field) == value for field, value in same.items()) and self.ledger.stands(standing)


def verify(names, read_some, verify_sale):
    """What was found, in words; the sale is judged first."""
    inside = {name.removeprefix("sale/") for name in names if name.startswith("sale/")}
    bundle = Bundle({name for name in names if not name.startswith("sale/")}, read_some, LIMITS, FORM)
    bundle.check_names()
    terms = toml(bundle.files["terms.toml"])
    try:
        files, sold = verify_sale(inside, lambda name, most: read_some("sale/" + name, most))
        need(sold.awarded is not None, "sale", "not_awarded", "says of no award")
    except Wrong as wrong:
        raise Wrong("sale", wrong.code, f"the sale: {wrong.message}", wrong.entry)
    sale = files, sold
    record = judged(bundle, lambda entry, signers, data: open_record(bundle, terms, sale, entry, signers, data))
    try:
        text = bundle.text("standing.json")
        standing = restricted(text.removesuffix("\n"))
        fine = text.endswith("\n") and record.stands(standing)
    except (ValueError, KeyError, TypeError):
        fine = False
    need(fine, "outcome", "other_outcome", "another standing than bonds and claims have")
    return f"{bundle.size} entries of a pledge, {len(record.ledger.bonds)} bonds and {len(record.ledger.claims)} claims added up"
