"""Keys and the verdict on signatures, after docs/format/record.md: strict Ed25519, and SM2 with SM3."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from restricted import b64

# y-coordinates of the points of low order, with either sign bit.
P = 2**255 - 19
LOW_ORDER_Y = {
    0,
    1,
    P - 1,
    55188659117513257062467267217118295137698188065244968500265048394206261417927,
    P - 55188659117513257062467267217118295137698188065244968500265048394206261417927,
}


def is_full_order(point):
    """Whether 32 bytes have a canonical y that is no point of low order."""
    y = int.from_bytes(point, "little") & (2**255 - 1)
    return y < P and y not in LOW_ORDER_Y


def is_point(data):
    """Whether 32 bytes are an acceptable Ed25519 key: some x belongs to the y."""
    if len(data) != 32 or not is_full_order(data):
        return False
    y = int.from_bytes(data, "little") & (2**255 - 1)
    d = -121665 * pow(121666, -1, P) % P
    square = (y * y - 1) * pow(d * y * y + 1, -1, P) % P
    return pow(square, (P - 1) // 2, P) in (0, 1)


def ed25519(key, message, signature):
    """The strict verdict. OpenSSL's equation has no cofactor, compares R as bytes, and refuses S >= L."""
    if len(key) != 32 or len(signature) != 64 or not is_full_order(key) or not is_full_order(signature[:32]):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
        return True
    except (InvalidSignature, ValueError):
        return False


# GB/T 32918.5: the curve y^2 = x^3 + ax + b modulo Q, of order N.
Q = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = Q - 3
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
G = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)
IDENTITY = b"1234567812345678"


def add(one, two):
    """The sum of two points; None is the point at infinity."""
    if one is None or two is None:
        return one or two
    if one[0] == two[0]:
        if (one[1] + two[1]) % Q == 0:
            return None
        slope = (3 * one[0] * one[0] + A) * pow(2 * one[1], -1, Q)
    else:
        slope = (two[1] - one[1]) * pow(two[0] - one[0], -1, Q)
    x = (slope * slope - one[0] - two[0]) % Q
    return x, (slope * (one[0] - x) - one[1]) % Q


def times(number, point):
    found = None
    for bit in bin(number)[2:]:
        found = add(found, found)
        if bit == "1":
            found = add(found, point)
    return found


def sm3(*parts):
    digest = hashes.Hash(hashes.SM3())
    for part in parts:
        digest.update(part)
    return digest.finalize()


def sm2_point(data):
    """The point of 65 bytes, or ValueError."""
    x, y = int.from_bytes(data[1:33], "big"), int.from_bytes(data[33:], "big")
    if len(data) != 65 or data[0] != 4 or x >= Q or y >= Q or (y * y - x * x * x - A * x - B) % Q:
        raise ValueError("not a point of the curve")
    return x, y


def sm2(key, message, signature):
    """GB/T 32918.2, sections 5.5 and 7.1."""
    point = sm2_point(key)
    numbers = [n.to_bytes(32, "big") for n in (A, B, *G)]
    za = sm3((8 * len(IDENTITY)).to_bytes(2, "big"), IDENTITY, *numbers, key[1:])
    e = int.from_bytes(sm3(za, message), "big")
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    t = (r + s) % N
    if len(signature) != 64 or not (0 < r < N and 0 < s < N) or t == 0:
        return False
    found = add(times(s, G), times(t, point))
    return found is not None and (e + found[0]) % N == r


def parse(text):
    """Algorithm and bytes of a key, or ValueError."""
    algorithm, split, data = text.partition(":")
    data = b64(data)
    if algorithm == "sm2" and split:
        sm2_point(data)
    elif algorithm != "ed25519" or not split or not is_point(data):
        raise ValueError("no key")
    return algorithm, data


def is_valid(text, message, signature):
    """Whether base64 of a signature is valid under a key in its text form; ValueError if that is no key."""
    algorithm, key = parse(text)
    try:
        signature = b64(signature)
    except ValueError:
        return False
    return (sm2 if algorithm == "sm2" else ed25519)(key, message, signature)
