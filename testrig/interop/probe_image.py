"""An image of every type and order to be searched by what a display shows: random values, before and after they moved.

    probe_image.py FOLDER SEED

writes into FOLDER probe.registers, lines of "unit table first words…", of unit 41 as they are before, and of unit 42 as they are after, and
probe.json, the numbers that are kept there with what a display of four digits shows of them. Registers are encoded here, by
the contract's own words. Standard library only.
"""

import decimal
import json
import os
import random
import struct
import sys

import image

STRINGS = ["SDM630 v2.1", "Inverter-5000", "SN 20240917-0042", "ABB ACS580"]


def shown(raw, exp):
    """What a display of four digits shows of raw times ten to the power of exp."""
    return f"{decimal.Decimal(raw).scaleb(exp):.3e}"


def near(r, v, low, high):
    """Another value within low and high, some way from v."""
    while True:
        other = v * (1 + r.choice([-1, 1]) * r.uniform(0.01, 0.3))
        if low <= other <= high and shown(other, 0) != shown(v, 0):
            return other


def between(r, low, high):
    """A number whose size, not its value, is as likely as another."""
    return low * (high / low) ** r.random()


def mod10k(v, n):
    return b"".join(struct.pack(">H", v // 10000**i % 10000) for i in reversed(range(n)))


def packed(fmt, junk=b""):
    return lambda v, r: junk + struct.pack(fmt, v)


def low_bytes(n, width):
    """The low n bytes of width, above which is anything but a sign."""
    return lambda v, r: bytes([r.randrange(1, 255)] * (width - n)) + (v & (1 << 8 * n) - 1).to_bytes(n, "big")


# type: (least and greatest size, whether the number may be negative: 0 never, 1 maybe, 2 always, bytes of it)
WHOLE = {
    "int16": (1000, 32767, 1, packed(">h")),
    "uint16": (1000, 65535, 0, packed(">H")),
    "int32": (200000, 2**31 - 1, 1, packed(">i")),
    "uint32": (200000, 2**32 - 1, 0, packed(">I")),
    "int64": (10**10, 2**63 - 2**40, 1, packed(">q")),
    "uint64": (10**10, 2**63, 0, packed(">Q")),
    "bcd16": (1000, 9999, 0, lambda v, r: bytes.fromhex(f"{v:04d}")),
    "bcd32": (200000, 99999999, 0, lambda v, r: bytes.fromhex(f"{v:08d}")),
    "int24": (70000, 2**23 - 1, 1, low_bytes(3, 4)),
    "uint24": (70000, 2**24 - 1, 0, low_bytes(3, 4)),
    "int48": (2**33, 2**47 - 1, 1, low_bytes(6, 6)),
    "uint48": (2**33, 2**48 - 1, 0, low_bytes(6, 6)),
    "sm16": (1000, 32767, 2, lambda v, r: struct.pack(">H", 0x8000 | -v)),
    "sm32": (200000, 2**31 - 1, 2, lambda v, r: struct.pack(">I", 0x80000000 | -v)),
    "mod10k:2": (10**5, 10**8 - 1, 0, lambda v, r: mod10k(v, 2)),
    "mod10k:3": (10**9, 10**12 - 1, 0, lambda v, r: mod10k(v, 3)),
    "mod10k:4": (10**13, 10**16 - 1, 0, lambda v, r: mod10k(v, 4)),
}
FLOATS = {"float16": (">e", 1, 60000), "float32": (">f", 0.05, 1e6), "float64": (">d", 0.05, 1e6)}
# part, least, greatest, and the register around it
PARTS = {
    "uint8": [(".hi", 10, 255, lambda v, r: v << 8 | r.randrange(1, 256)), (".lo", 10, 255, lambda v, r: r.randrange(1, 256) << 8 | v)],
    "bcd8": [(".lo", 10, 99, lambda v, r: 0xF000 | r.randrange(1, 10) << 8 | int(str(v), 16))],
    "bits:12": [(".b2", 1000, 4095, lambda v, r: v << 2 | 3 | 1 << 15)],
    "bits:10": [(".b3", 512, 1023, lambda v, r: v << 3 | 5 | 5 << 13)],
}


class Image:
    def __init__(self, r):
        self.r, self.tags, self.units = r, [], {41: {}, 42: {}}

    def put(self, table, before, after):
        """Registers, before and after."""
        at = len(self.units[41].setdefault(table, []))
        self.units[41][table] += before
        self.units[42].setdefault(table, []).extend(after)
        return at

    def number(self, table, typ, order, values, exp, data, part=""):
        words = [image.ordered(data(v, self.r), order) for v in values]
        at = self.put(table, *words)
        self.tags.append({"address": f"{table}:{at}{part}", "type": typ, "order": order, "exp": exp, "shows": [shown(v, exp) for v in values]})

    def whole(self, table, typ, order):
        low, high, sign, data = WHOLE[typ]
        v = between(self.r, low, high)
        values = [int(v), int(near(self.r, v, low, high))]
        if sign == 2 or sign == 1 and self.r.random() < 0.5:
            values = [-v for v in values]
        self.number(table, typ, order, values, self.r.choice([0, 0, -1, -2]), data)

    def floating(self, table, typ, order):
        fmt, low, high = FLOATS[typ]
        v = between(self.r, low, high)
        values = [struct.unpack(fmt, struct.pack(fmt, x))[0] for x in (v, near(self.r, v, low, high))]
        self.number(table, typ, order, values, 0, packed(fmt))

    def part(self, table, typ):
        for part, low, high, word in PARTS[typ]:
            values = [self.r.randrange(low, high + 1) for _ in range(2)]
            if values[0] == values[1]:
                values[1] = low if values[0] > low else high
            self.number(table, typ, "ABCD", values, 0, lambda v, r: struct.pack(">H", word(v, r)), part)

    def still(self, table, order):
        """What is no number: a text, a date, characters, a state, bits, zeros."""
        text = self.r.choice(STRINGS).ljust(20).encode()
        self.put(table, *[image.ordered(text, order, True)] * 2)
        date = [24, 9, self.r.randrange(1, 29), self.r.randrange(24), self.r.randrange(60), self.r.randrange(60)]
        self.put(table, *[image.ordered(struct.pack(">6H", *date), order)] * 2)
        self.put(table, *[[ord(c) for c in "H1-6"]] * 2)
        self.put(table, [self.r.randrange(5), 1 << self.r.randrange(16), 0, 0], [self.r.randrange(5), 1 << self.r.randrange(16), 0, 0])

    def fill(self):
        for table in ("holding", "input"):
            jobs = [(self.whole, (table, t, o)) for t in WHOLE for o in image.ORDERS if len(WHOLE[t][3](-9999 if WHOLE[t][2] == 2 else 9999, self.r)) > 2 or o in ("ABCD", "BADC")]
            jobs += [(self.floating, (table, t, o)) for t in FLOATS for o in image.ORDERS if t != "float16" or o in ("ABCD", "BADC")]
            jobs += [(self.part, (table, t)) for t in PARTS]
            jobs += [(self.still, (table, o)) for o in image.ORDERS]
            self.r.shuffle(jobs)
            for job, args in jobs:
                job(*args)


def main():
    folder, seed = sys.argv[1:]
    m = Image(random.Random(int(seed)))
    m.fill()
    with open(os.path.join(folder, "probe.json"), "w", encoding="utf-8") as f:
        json.dump(m.tags, f, indent=1)
    with open(os.path.join(folder, "probe.registers"), "w", encoding="utf-8") as f:
        for unit, tables in m.units.items():
            for table, words in tables.items():
                f.write(f"{unit} {table} 0 {' '.join(f'{w:04x}' for w in words)}\n")


if __name__ == "__main__":
    main()
