"""The register image of the interop tests: what is in the registers, the tag maps over it, and what has to come out.

All three come from one table, and the registers are encoded here, with struct and by the contract's own words, so that
a mistake of tagbridge's decoder cannot hide in a mirrored encoder. Standard library only.
"""

import csv
import json
import math
import os
import struct

ORDERS = ["ABCD", "CDAB", "BADC", "DCBA"]
MODICON = {"coil": 0, "discrete": 1, "input": 3, "holding": 4}
NO_VALUE = {"kind": "none", "value": None}

INTEGERS = {
    "int16": (">h", [-32768, 32767, -2, 0x0102]),
    "uint16": (">H", [0, 65535, 0x0102]),
    "int32": (">i", [-(2**31), 2**31 - 1, -2, 0x01020304]),
    "uint32": (">I", [2**32 - 1, 0x01020304]),
    "int64": (">q", [-(2**63), 2**63 - 1, -2, 0x0102030405060708]),
    "uint64": (">Q", [2**64 - 1, 2**53 + 1, 0x0102030405060708]),
}
FLOATS = {
    "float16": (">e", 32, [1.5, -2.25, 65504.0, 0.0]),
    "float32": (">f", 32, [23.1, -0.1, 3.4028234663852886e38, 1e-45, 0.0, 100.0]),
    "float64": (">d", 64, [23.1, -0.1, 1.7976931348623157e308, 5e-324, 123456789.0, 2.0**60]),
}
BCD = {"bcd16": (4, [0, 9999, 1234]), "bcd32": (8, [99999999, 12345678])}
# name, N, bytes in the registers (the byte past an odd N is made X, which must not be seen), text
STRINGS = [
    ("odd", 7, b"Kessel1", "Kessel1"),
    ("even", 8, b"Kessel-2", "Kessel-2"),
    ("nul", 9, b"abc\0defgh", "abc"),
    ("blanks", 6, b"ab    ", "ab"),
    ("inner", 5, b"a b c", "a b c"),
    ("empty", 3, b"\0\0\0", ""),
    ("utf8", 9, "Öl 5 µm".encode(), "Öl 5 µm"),
    ("latin1", 7, "Kühler ".encode("latin-1"), "Kühler"),
    ("cp1252", 4, b"5 \x80\x96", "5 €–"),
    ("quotes", 5, b'"a\\b"', '"a\\b"'),
]


def shortest(v, bits):
    """The shortest decimal that reads back as v."""
    if bits == 64:
        return repr(v)
    packed = struct.pack(">f", v)
    for digits in range(1, 10):
        text = f"{v:.{digits}g}"
        try:
            if struct.pack(">f", float(text)) == packed:
                return text
        except OverflowError:  # rounded up past the largest float32
            pass
    raise ValueError(v)


def ordered(data, order, is_string=False):
    """The registers that hold data, most significant byte first, in the given order."""
    words = [data[i : i + 2] for i in range(0, len(data), 2)]
    if order in ("CDAB", "DCBA") and not is_string:
        words.reverse()
    if order in ("BADC", "DCBA"):
        words = [w[::-1] for w in words]
    return [struct.unpack(">H", w)[0] for w in words]


def good(kind, value, text=None):
    return {"kind": kind, "value": value, "text": text, "quality": "Good"}


class Map:
    """One unit: registers and bits by table, rows of its tag map, and the expected samples by tag."""

    def __init__(self):
        self.tables = {name: {} for name in MODICON}
        self.free = {name: 0 for name in MODICON}
        self.rows, self.expected = [], {}

    def place(self, table, words):
        at = self.free[table]
        for i, w in enumerate(words):
            self.tables[table][at + i] = w
        self.free[table] = at + len(words)
        return at

    def row(self, tag, address, expected, **columns):
        if tag in self.expected:
            raise ValueError(f"two tags {tag}")
        self.rows.append({"tag": tag, "address": address, **columns})
        self.expected[tag] = expected

    def value(self, tag, table, data, expected, **columns):
        """One value of its own registers; data is most significant byte first."""
        is_string = columns["type"].startswith("string")
        at = self.place(table, ordered(data, columns.get("order", "ABCD"), is_string))
        self.row(tag, self.notation(table, at), expected, **columns)

    def notation(self, table, at):
        """An address, in each of the notations in turn."""
        digit = MODICON[table]
        ways = [f"{table}:{at}", f"{table}:0x{at:X}", f"{digit}{at + 1:04d}", f"{digit}{at + 1:05d}"]
        return ways[len(self.rows) % len(ways)]

    def write(self, path):
        columns = ["tag", "address"]
        for row in self.rows:
            columns += [c for c in row if c not in columns]
        with open(path, "w", encoding="utf-8", newline="") as f:
            out = csv.DictWriter(f, columns, restval="")
            out.writeheader()
            out.writerows(self.rows)


def every_type(m):
    """Every type in every order in both tables of registers."""
    for table in ("holding", "input"):
        for order in ORDERS:
            for typ, (fmt, values) in INTEGERS.items():
                for i, v in enumerate(values):
                    want = good("integer", str(v))
                    m.value(f"{table}/{order}/{typ}/{i}", table, struct.pack(fmt, v), want, type=typ, order=order)
            for typ, (fmt, bits, values) in FLOATS.items():
                for i, v in enumerate(values):
                    want = good(f"float{bits}", shortest(v, bits))
                    m.value(f"{table}/{order}/{typ}/{i}", table, struct.pack(fmt, v), want, type=typ, order=order)
            for typ, (digits, values) in BCD.items():
                for i, v in enumerate(values):
                    data, want = bytes.fromhex(f"{v:0{digits}d}"), good("integer", str(v))
                    m.value(f"{table}/{order}/{typ}/{i}", table, data, want, type=typ, order=order)
            for name, n, data, text in STRINGS:
                data = data.ljust(n, b"\0") + b"X" * (n % 2)
                want = good("text", text)
                m.value(f"{table}/{order}/string/{name}", table, data, want, type=f"string:{n}", order=order)


def parts(m):
    """Bits and bytes of registers in every order, and the two tables of bits."""
    word = 0x8A41  # 1000 1010 0100 0001
    for table in ("holding", "input"):
        for order in ORDERS:
            at = m.place(table, ordered(struct.pack(">H", word), order))
            name = f"{table}/{order}"
            for bit in (0, 1, 6, 7, 8, 9, 11, 14, 15):
                dot = f".{bit}" if bit > 9 else f".b{bit}"
                m.row(f"{name}/bit/{bit}", f"{table}:{at}{dot}", good("bool", bool(word >> bit & 1)), order=order)
            m.row(f"{name}/modicon_bit", f"{MODICON[table]}{at + 1:04d}.b15", good("bool", True), order=order)
            m.row(f"{name}/word", f"{table}:{at}", good("integer", str(word)), order=order)
            m.row(f"{name}/hi/uint8", f"{table}:{at}.hi", good("integer", str(0x8A)), order=order, type="uint8")
            m.row(f"{name}/lo/uint8", f"{table}:{at}.lo", good("integer", str(0x41)), order=order, type="uint8")
            m.row(f"{name}/hi/int8", f"{table}:{at}.hi", good("integer", str(0x8A - 256)), order=order, type="int8")
            m.row(f"{name}/lo/int8", f"{table}:{at}.lo", good("integer", str(0x41)), order=order, type="int8")
    for table in ("coil", "discrete"):
        for i in range(40):
            v = (i * 7 + len(table)) % 3 == 0
            at = m.place(table, [v])
            m.row(f"{table}/{i}", m.notation(table, at), good("bool", v))


def specials(m):
    """What is no value."""
    no_data = {**NO_VALUE, "quality": "BadNoData"}
    for order in ORDERS:

        def one(name, typ, data, expected, **columns):
            m.value(f"special/{order}/{name}", "holding", data, expected, type=typ, order=order, **columns)

        for typ, fmt in (("float16", ">e"), ("float32", ">f"), ("float64", ">d")):
            for name, v in (("nan", math.nan), ("inf", math.inf), ("minus_inf", -math.inf)):
                one(f"{typ}/{name}", typ, struct.pack(fmt, v), no_data)
        one("nibble", "bcd16", b"\x12\x3A", {**NO_VALUE, "quality": "BadDecodingError"})
        one("invalid/hex", "int32", b"\x80\x00\x00\x01", no_data, invalid="0x7FFFFFFF|0x80000001")
        one("invalid/hex_float", "float32", b"\x7f\x7f\xff\xff", no_data, invalid="0x7F7FFFFF")
        one("invalid/decimal", "int16", struct.pack(">h", -9999), no_data, invalid="-9999", scale="0.1")
        other = good("decimal", "-999.8")
        one("invalid/other", "int16", struct.pack(">h", -9998), other, invalid="-9999|0x7FFF", scale="0.1")


def engineering(m):
    """Scaling, clamping, plausible ranges, enumerations."""

    def int16(tag, raw, expected, **columns):
        m.value(f"eng/{tag}", "input", struct.pack(">h", raw), expected, type="int16", **columns)

    def clamped(value):
        return {**good("decimal", value), "quality": "GoodClamped"}

    int16("tenths", 3, good("decimal", "0.3"), scale="0.1")
    int16("negative", -1, good("decimal", "-0.1"), scale="0.1")
    int16("whole", 20, good("decimal", "2"), scale="0.1")
    int16("offset", 231, good("decimal", "-26.9"), scale="0.1", offset="-50")
    int16("offset_only", 7, good("decimal", "7.5"), offset="0.5")
    m.value("eng/float", "input", struct.pack(">f", 23.1), good("decimal", "231"), type="float32", scale="10")
    exact = good("decimal", "123456789012.345")
    m.value("eng/int64", "input", struct.pack(">q", 123456789012345), exact, type="int64", scale="0.001")
    line = {"raw_min": "0", "raw_max": "27648", "eng_min": "0", "eng_max": "100"}
    int16("range/middle", 13824, good("decimal", "50"), **line)
    int16("range/below", -276, good("near", str(-276 * 100 / 27648)), **line)
    int16("clamp/low", -276, clamped("0"), clamp="low", **line)
    int16("clamp/high", 30000, clamped("100"), clamp="high", **line)
    int16("clamp/both", 30000, clamped("100"), clamp="both", **line)
    int16("clamp/inside", 27648, good("decimal", "100"), clamp="both", **line)
    int16("clamp/other_end", -276, good("near", str(-276 * 100 / 27648)), clamp="high", **line)
    doubtful = {**good("decimal", "150"), "quality": "UncertainEngineeringUnitsExceeded"}
    int16("limits/above", 1500, doubtful, scale="0.1", min="0", max="120")
    int16("limits/below", -1, {**doubtful, "value": "-0.1"}, scale="0.1", min="0", max="120")
    int16("limits/at", 1200, good("decimal", "120"), scale="0.1", min="0", max="120")
    int16("limits/unscaled", 7, {**doubtful, "kind": "integer", "value": "7"}, max="6")
    states = "0=stopped|1=running|-1=locked out"
    int16("enum/listed", 1, good("integer", "1", "running"), enum=states)
    int16("enum/negative", -1, good("integer", "-1", "locked out"), enum=states)
    int16("enum/unlisted", 5, good("integer", "5"), enum=states)


def holes():
    """Two blocks with illegal addresses between them, in each table; the gap is smaller than max_gap."""
    m = Map()
    for table in MODICON:
        bits = table in ("coil", "discrete")
        for at in [*range(0, 10), *range(18, 28)]:
            m.tables[table][at] = at % 2 == 0 if bits else 1000 + at
        for at in (0, 8, 18, 27):
            want = good("bool", at % 2 == 0) if bits else good("integer", str(1000 + at))
            m.row(f"{table}/{at}", f"{table}:{at}", want)
    refused = {**NO_VALUE, "quality": "BadConfigurationError"}
    m.row("hole/holding", "holding:13", refused)
    m.row("hole/holding/edge", "holding:9", refused, type="uint32")  # its second register is in the hole
    m.row("hole/coil", "coil:12", refused)
    m.row("hole/discrete", "discrete:10", refused)  # none in input: there only the gap is in the way
    return m


def failing():
    """A unit whose register 5 answers with exception 4 whenever it is part of a request; see FailingBlock."""
    m = Map()
    for at in range(10):
        m.tables["holding"][at] = 500 + at
        failed = {**NO_VALUE, "quality": "BadDeviceFailure"}
        m.row(f"register/{at}", f"holding:{at}", failed if at == 5 else good("integer", str(500 + at)))
    return m


def silent():
    """A unit that is not there: the same registers as failing, which nobody answers for."""
    m = Map()
    for at in range(3):
        m.row(f"register/{at}", f"holding:{at}", {**NO_VALUE, "quality": "BadTimeout"})
    return m


def image():
    m = Map()
    for part in (every_type, parts, specials, engineering):
        part(m)
    return m


def build(folder):
    """Writes NAME.csv for each unit and expected.json into folder; returns name: Map."""
    units = {"image": image(), "holes": holes(), "failing": failing(), "silent": silent()}
    for name, m in units.items():
        m.write(os.path.join(folder, name + ".csv"))
    with open(os.path.join(folder, "expected.json"), "w", encoding="utf-8") as f:
        json.dump({name: m.expected for name, m in units.items()}, f, ensure_ascii=False, indent=1)
    return units
