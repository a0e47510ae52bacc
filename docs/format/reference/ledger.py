"""What events of a pledge do to its bonds and claims, after docs/format/pledge.md.

What the terms make of a command is not decided here: what an event says is believed as far as nothing contradicts it.
"""

from record import is_count, is_text
from standing import is_day

# Events that do nothing to bonds, claims and status.
OTHERS = {"bond_missing", "evidence_retracted", "judged", "extended", "time_stopped", "waived", "idle"}


class Ledger:
    """Bonds and claims, added up."""

    def __init__(self, at):
        # Events entered by hash: what they did is not known here, nor what follows from it.
        self.is_blind = False
        self.last, self.status, self.bonds, self.claims, self.demanded = at, "running", [], [], 0
        self.papers, self.forfeits = set(), 0

    def says(self, command, event, *fields):
        """What an event repeats of its command."""
        for field in fields:
            if command.get(field) != event.get(field):
                raise ValueError(f"{field} is not that of the command")

    def lodge(self, *papers):
        if self.papers & set(papers):
            raise ValueError("a paper that was lodged before")
        self.papers |= set(papers)

    def guarantee(self, event):
        bond = self.bonds[need_number(event["bond"]) - 1]
        if bond["form"] != "guarantee":
            raise ValueError("a bond that is no guarantee")
        return bond

    def claim(self, event):
        return self.claims[need_number(event["claim"]) - 1]

    def take(self, event, what):
        for part in event["from"]:
            bond = self.bonds[need_number(part["bond"]) - 1]
            bond[what] += part["amount_minor"]
            if part["amount_minor"] <= 0 or held(bond) < 0:
                raise ValueError("more than the bond holds")
        return sum(part["amount_minor"] for part in event["from"])

    def enter(self, at, command, event):
        """An event of a command, or an error that says what contradicts it."""
        self.last = at
        if self.is_blind:
            return
        kind = event["event"]
        if kind == "bond_lodged":
            self.says(command, event, "form", "issuer", "valid_until", "number", "letter")
            said_true(command, event)
            bond = {name: event.get(name) for name in ("form", "issuer", "number", "amount_minor", "valid_until")}
            bond |= {"released_minor": 0, "called_minor": 0, "lapsed_minor": 0, "forfeited_minor": 0}
            if event["form"] == "guarantee":
                if not all(is_text(event.get(field)) for field in ("valid_until", "number", "letter")):
                    raise ValueError("a guarantee that is not named")
                self.lodge(event["letter"], (plain(event["issuer"]), plain(event["number"])))
            self.bonds.append(bond)
        elif kind == "bond_extended":
            self.says(command, event, "bond", "valid_until", "letter")
            self.lodge(event["letter"])
            self.guarantee(event)["valid_until"] = event["valid_until"]
        elif kind == "bond_expiring":
            ends = self.guarantee(event)["valid_until"]
            if event["valid_until"] != ends or event["due"] >= ends or event["needed_until"] <= ends:
                raise ValueError("another end")
        elif kind == "bond_turned_to_cash":
            self.says(command, event, "bond")
            bond = self.guarantee(event)
            if event["amount_minor"] != held(bond) or not held(bond):
                raise ValueError("another amount than the bond held")
            bond["form"], bond["valid_until"] = "cash", None
        elif kind == "bond_lapsed":
            bond = self.guarantee(event)
            if event["amount_minor"] != held(bond):
                raise ValueError("another amount than the bond held")
            bond["lapsed_minor"] += event["amount_minor"]
        elif kind == "top_up_demanded":
            self.demanded += event["amount_minor"]
        elif kind == "released":
            self.take(event, "released_minor")
        elif kind == "forfeited":
            self.forfeits -= self.take(event, "forfeited_minor")
            if self.forfeits < 0:
                raise ValueError("more than is forfeited")
        elif kind == "evidence_entered":
            self.says(command, event, "about", "on", "since", "until", "source", "document")
            said_true(command, event)
        elif kind == "claim_raised":
            fresh = {"about": event["about"], "amount_minor": event["amount_minor"], "cure_until": event["cure_until"]}
            fresh |= {"year": event["year"]} if "year" in event else {}
            fresh |= {"fee_minor": 0, "paid_minor": 0, "from_bond_minor": 0, "refund_minor": 0, "state": "open"}
            self.claims.append(fresh)
        elif kind == "claim_withdrawn":
            claim = self.claim(event)
            claim["state"] = "closed"
            claim["amount_minor"] = max(0, claim["paid_minor"] + claim["from_bond_minor"] - claim["fee_minor"])
        elif kind == "claim_reduced":
            claim = self.claim(event)
            beyond = claim["paid_minor"] + claim["from_bond_minor"] - event["amount_minor"] - claim["fee_minor"]
            if event["refund_minor"] != max(0, beyond) or not 0 <= event["amount_minor"] < claim["amount_minor"]:
                raise ValueError("another refund")
            claim["amount_minor"], claim["refund_minor"] = event["amount_minor"], event["refund_minor"]
            if not owed(claim) and (claim["state"] != "disputed" or not claim["amount_minor"]):
                claim["state"] = "closed"
        elif kind == "claim_paid":
            self.says(command, event, "claim")
            self.collect(self.claim(event), event["fee_minor"], "paid_minor", event["amount_minor"])
        elif kind == "bond_called":
            self.says(command, event, "claim")
            claim = self.claim(event)
            self.collect(claim, event["fee_minor"], "from_bond_minor", self.take(event, "called_minor"))
            if event["remainder_minor"] != owed(claim):
                raise ValueError("another remainder")
        elif kind == "claim_disputed":
            self.says(command, event, "claim", "statement")
            self.claim(event)["state"] = "disputed"
        elif kind == "claim_settled":
            self.says(command, event, "claim")
            claim = self.claim(event)
            beyond = claim["paid_minor"] + claim["from_bond_minor"] - event["amount_minor"] - event["fee_minor"]
            if event["refund_minor"] != max(0, beyond) or not 0 <= event["amount_minor"] <= claim["amount_minor"]:
                raise ValueError("another refund")
            if event["fee_minor"] > claim["fee_minor"] or event["cure_until"] < claim["cure_until"]:
                raise ValueError("a higher fee, or less time")
            claim |= {name: event[name] for name in ("amount_minor", "fee_minor", "refund_minor", "cure_until")}
            claim["state"] = "open" if owed(claim) else "closed"
        elif kind == "taken_back":
            if event["arithmetic"][-1] != {"amount_minor": event["compensation_minor"]}:
                raise ValueError("another compensation than its steps have")
            self.status, self.forfeits = kind, event["forfeits_minor"]
        elif kind == "discharged":
            self.status = kind
        elif kind not in OTHERS:
            raise ValueError("no such event")

    def collect(self, claim, fee, where, amount):
        claim["fee_minor"] += fee
        claim[where] += amount
        if not owed(claim) and claim["state"] != "disputed":
            claim["state"] = "closed"

    def stands(self, standing):
        """Whether bonds, claims and status are those of the standing."""
        if self.is_blind:
            return True
        bonds = [bond | {"held_minor": held(bond)} for bond in self.bonds]
        # Whether a demand to extend stands is for the terms to say; it is about a guarantee that ends after it.
        for bond, told in zip(bonds, standing["bonds"]):
            by = bond["extend_by"] = told["extend_by"]
            if by is not None and not (is_day(by) and bond["form"] == "guarantee" and by < bond["valid_until"]):
                return False
        if not is_split(standing["deposit"], standing["price_minor"]):
            return False
        claims = [claim | {"owed_minor": owed(claim)} for claim in self.claims]
        lodged = sum(bond["amount_minor"] for bond in bonds)
        missing = max(0, standing["bond_required_minor"] + self.demanded - lodged) if self.status == "running" else 0
        own = {
            "status": self.status,
            "last_ms": self.last,
            "bonds": bonds,
            "claims": claims,
            "bond_held_minor": sum(map(held, self.bonds)),
            "bond_missing_minor": missing,
        }
        return all(standing.get(field) == value for field, value in own.items())


def is_number(value):
    return is_count(value) and value > 0


def need_number(value):
    """A number from 1."""
    if not is_number(value):
        raise ValueError("no number")
    return value


def plain(name):
    """A name without spaces, in narrow and small letters."""
    narrow = (chr(ord(one) - 0xFEE0) if "\uff01" <= one <= "\uff5e" else one for one in name if not one.isspace())
    return "".join(one.lower() for one in narrow)


def said_true(command, event):
    """What was confirmed is told as such, and nothing else is."""
    if event.get("confirmed", False) is not command.get("confirmed", False) or event.get("confirmed") is False:
        raise ValueError("another confirmation")


def is_split(deposit, price):
    """A deposit is earnest money up to a fifth of the price; the rest is prepayment."""
    if deposit is None:
        return True
    earnest = min(deposit["amount_minor"], price // 5)
    whole = {"amount_minor": deposit["amount_minor"], "earnest_minor": earnest}
    return deposit == whole | {"prepayment_minor": deposit["amount_minor"] - earnest}


def held(bond):
    gone = ("released_minor", "called_minor", "lapsed_minor", "forfeited_minor")
    return bond["amount_minor"] - sum(bond[field] for field in gone)


def owed(claim):
    paid = claim["paid_minor"] + claim["from_bond_minor"]
    return max(0, claim["amount_minor"] + claim["fee_minor"] - paid)
