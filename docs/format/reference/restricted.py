"""Restricted JSON, base64 and hexadecimal, after docs/format/record.md."""

import base64
import json
import re

SAFE = 2**53 - 1
DEEPEST = 32


def encode(value):
    """The one form of a value."""
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be", "surrogatepass"))
        return "{" + ",".join(encode(key) + ":" + encode(value[key]) for key in keys) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(encode, value)) + "]"
    if value is None or isinstance(value, (bool, int, str)):
        return json.dumps(value, ensure_ascii=False)
    raise ValueError("a value that the format does not have")


def depth(value):
    """How deep objects and lists nest."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(depth, inner), default=0)


def restricted(text):
    """Reads a text in restricted JSON, or raises ValueError."""

    def pairs(items):
        if len({key for key, _ in items}) != len(items):
            raise ValueError("a key stands twice")
        return dict(items)

    def whole(digits):
        if len(digits) > 17 or abs(int(digits)) > SAFE:
            raise ValueError("an integer beyond 2^53 - 1")
        return int(digits)

    def refuse(what):
        raise ValueError(f"{what} is not an integer")

    text.encode("utf-8")  # a lone surrogate cannot be encoded
    try:
        value = json.loads(text, object_pairs_hook=pairs, parse_int=whole, parse_float=refuse, parse_constant=refuse)
        if not isinstance(value, dict) or depth(value) > DEEPEST or encode(value) != text:
            raise ValueError("not in its canonical form")
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    return value


def b64(text):
    """Base64 with padding, in its one form."""
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data).decode() != text:
        raise ValueError("base64 that is not canonical")
    return data


def unhex(text, size):
    """So many bytes in lower-case hexadecimal."""
    if not isinstance(text, str) or not re.fullmatch("[0-9a-f]*", text) or len(text) != 2 * size:
        raise ValueError(f"not {size} bytes in hexadecimal")
    return bytes.fromhex(text)
