"""Certificates of standing in a record of the second format, after docs/format/record.md."""

import datetime
import re

import keys
from restricted import restricted, unhex

FACTS_MOST, TEXT_MOST = 16, 4096
FIELDS = {"format", "fact", "value", "identity", "issuer", "issued", "valid_until", "basis"}


def is_text(value):
    return isinstance(value, str) and value != ""


def is_day(value):
    try:
        return is_text(value) and datetime.date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def is_digest(value):
    try:
        return len(unhex(value, 32)) == 32
    except ValueError:
        return False


def are_issuers(value):
    """Whether a notice may name these."""
    if not isinstance(value, list) or not 1 <= len(value) <= 64:
        return False
    for item in value:
        if not isinstance(item, dict) or set(item) != {"fact", "key", "name"} or not all(map(is_text, item.values())):
            return False
        try:
            keys.parse(item["key"])
        except ValueError:
            return False
    places = [(item["fact"].encode(), item["name"].encode()) for item in value]
    facts = {item["fact"] for item in value}
    return all(one < other for one, other in zip(places, places[1:])) and len(facts) <= FACTS_MOST


def are_brought(value):
    """Whether a command may bring these."""
    if not isinstance(value, list) or len(value) > FACTS_MOST:
        return False
    return all(
        isinstance(item, dict)
        and set(item) == {"signature", "text"}
        and all(map(is_text, item.values()))
        and len(item["text"].encode()) <= TEXT_MOST
        for item in value
    )


def parse(text):
    """A certificate; None for what is none."""
    try:
        found = restricted(text)
        basis = found["basis"]
        fine = (
            set(found) == FIELDS
            and found["format"] == "landgavel-standing/1"
            and is_text(found["fact"])
            and is_text(found["issuer"])
            and (is_text(found["value"]) or isinstance(found["value"], bool) or type(found["value"]) is int)
            and is_text(found["identity"])
            and found["identity"].startswith("sha256:")
            and is_digest(found["identity"].removeprefix("sha256:"))
            and is_day(found["issued"])
            and is_day(found["valid_until"])
            and found["issued"] <= found["valid_until"]
            and set(basis) == {"card", "card_sha256", "table_sha256"}
            and is_text(basis["card"])
            and is_digest(basis["card_sha256"])
            and is_digest(basis["table_sha256"])
        )
    except (ValueError, KeyError, TypeError):
        return None
    return found if fine else None


def day_at(at_ms, offset):
    """The day of a moment at an offset such as +08:00."""
    sign, hours, minutes = re.fullmatch(r"([+-])(\d\d):(\d\d)", offset).groups()
    east = datetime.timedelta(hours=int(hours), minutes=int(minutes)) * (1 if sign == "+" else -1)
    return (datetime.datetime(1970, 1, 1) + datetime.timedelta(milliseconds=at_ms) + east).date().isoformat()


def refused(issuers, command, brought, day, taken):
    """Why an application does not show what it must; None when it does."""
    facts = command.get("facts") if isinstance(command.get("facts"), dict) else {}
    read = [(parse(item["text"]), item) for item in brought]
    for fact in dict.fromkeys(issuer["fact"] for issuer in issuers):
        found = "certificate_missing"
        for certificate, item in read:
            if certificate and certificate["fact"] != fact:
                continue
            if certificate is None:
                found = "certificate_invalid"
                continue
            signed = any(
                issuer["fact"] == fact
                and issuer["name"] == certificate["issuer"]
                and keys.is_valid(issuer["key"], item["text"].encode(), item["signature"])
                for issuer in issuers
            )
            stated = facts.get(fact)
            if not signed or certificate["identity"] != command.get("identity") or certificate["identity"] in taken:
                found = "certificate_invalid"
            elif not certificate["issued"] <= day <= certificate["valid_until"]:
                found = "certificate_not_valid_now"
            elif type(stated) is not type(certificate["value"]) or stated != certificate["value"]:
                found = "certificate_contradicts"
            else:
                found = None
                break
        if found:
            return found
    return "certificate_invalid" if len(brought) > len(issuers) else None
