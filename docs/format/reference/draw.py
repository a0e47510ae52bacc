"""Commitments, seeds and the order of a draw, after docs/format/draw.md."""

from log import sha


def field(text):
    data = text.encode()
    return len(data).to_bytes(4, "big") + data


def i64(value):
    return value.to_bytes(8, "big", signed=True)


def secret_commitment(lot, stage, secret, value, salt):
    return sha(b"landgavel/commitment/v1\0", field(lot), field(stage), field(secret), i64(value), salt)


def seal_commitment(lot, stage, code, amounts, salt):
    count = len(amounts).to_bytes(4, "big")
    return sha(b"landgavel/seal/v1\0", field(lot), field(stage), field(code), count, *map(i64, amounts), salt)


def identity_commitment(lot, code, salt, identity):
    return sha(b"landgavel/identity/v1\0", field(lot), field(code), salt, field(identity))


def party_commitment(lot, party, secret):
    return sha(b"landgavel/party/v1\0", field(lot), field(party), secret)


def round_at(genesis_ms, period_ms, time_ms):
    """The first round at or after a time."""
    return 1 + max(0, -(-(time_ms - genesis_ms) // period_ms))


def commit_reveal_output(secrets):
    return sha(b"landgavel/commit-reveal/v1\0", *secrets)


def number_output(text):
    return sha(b"landgavel/number/v1\0", text.encode())


def seed_of(lot, stage, root, outputs):
    return sha(b"landgavel/draw/v1\0", field(lot), field(stage), root, *outputs)


def words(seed):
    block = 0
    while True:
        data = sha(seed, block.to_bytes(8, "big"))
        yield from (int.from_bytes(data[i : i + 8], "big") for i in range(0, 32, 8))
        block += 1


def below(stream, bound):
    """A number below a bound: words that would favour some are thrown away."""
    return next(word for word in stream if word < 2**64 - 2**64 % bound) % bound


def shuffle(seed, count):
    stream, order = words(seed), list(range(count))
    for place in range(count - 1, 0, -1):
        other = below(stream, place + 1)
        order[place], order[other] = order[other], order[place]
    return order


def tickets_order(seed, tickets):
    stream, order = words(seed), []
    left = [index for index, held in enumerate(tickets) if held > 0]
    while left:
        ticket = below(stream, sum(tickets[index] for index in left))
        for index in left:
            if ticket < tickets[index]:
                break
            ticket -= tickets[index]
        left.remove(index)
        order.append(index)
    return order + [index for index, held in enumerate(tickets) if held == 0]
