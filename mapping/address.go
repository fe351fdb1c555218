package mapping

import (
	"fmt"
	"strconv"
	"strings"
)

// maxNumber is the last number of each table.
const maxNumber = 65535

// ParseAddress reads a Modbus address in any notation of the tag map: Modicon 40001 and 400001, counted from 1;
// holding:0, input:0, coil:0 and discrete:0, counted from 0, decimal or 0x; each with .bN, .hi or .lo for a part of a
// register, and after a word also with a plain .N for a bit. Its errors are for who edits the map in a spreadsheet.
func ParseAddress(s string) (Address, error) { return Numbers{}.ParseAddress(s) }

// ParseAddress is the function of that name where numbers without a table are those of n.
func (n Numbers) ParseAddress(s string) (Address, error) {
	a, why := n.parse(s)
	if why != "" {
		return Address{}, fmt.Errorf("address %q: %s", s, why)
	}
	return a, nil
}

func (n Numbers) parse(s string) (a Address, why string) {
	place, part, parted := strings.Cut(s, ".")
	word, number, worded := strings.Cut(place, ":")
	switch {
	case worded:
		a, why = parseWorded(word, number)
	case s == "":
		return a, "empty; " + wantAddress
	case n.Wire:
		a, why = n.parseWire(s, place)
	default:
		a, why = parseModicon(s, place)
	}
	if why != "" || !parted {
		return a, why
	}
	return a.withPart(place, part, worded)
}

const wantAddress = "want a Modicon number like 40001 or a table and number like holding:0"

// parseWorded reads the number behind a table's name.
func parseWorded(word, number string) (Address, string) {
	var a Address
	for table, name := range TableNames {
		if strings.EqualFold(word, name) {
			v, why := parseNumber(number)
			return Address{Table: Table(table), Number: v}, why
		}
	}
	if table, ok := tableMeant(word); ok {
		return a, fmt.Sprintf("no table %q: did you mean %s:%s?", word, table, number)
	}
	return a, fmt.Sprintf("no table %q: want coil, discrete, input or holding", word)
}

// tableMeant is the table that other programs, or people in a hurry, mean by word.
func tableMeant(word string) (Table, bool) {
	switch word = strings.ToLower(word); strings.TrimRight(word, "x") {
	case "0", "c":
		return Coil, true
	case "1", "di":
		return Discrete, true
	case "3", "ir":
		return Input, true
	case "4", "hr", "mw", "%mw":
		return Holding, true
	}
	for table, name := range TableNames {
		if len(word) > 2 && strings.HasPrefix(word, name[:3]) {
			return Table(table), true
		}
	}
	return 0, false
}

func parseNumber(s string) (uint16, string) {
	digits, base := s, 10
	if len(s) > 2 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X') {
		digits, base = s[2:], 16
	}
	for i := range len(digits) {
		if !isDigit(digits[i]) && (base == 10 || !isHexLetter(digits[i])) {
			return 0, fmt.Sprintf("%q is not a number", s)
		}
	}
	v, err := strconv.ParseUint(digits, base, 64)
	switch {
	case digits == "":
		return 0, "no number after the colon"
	case err != nil || v > maxNumber:
		return 0, fmt.Sprintf("%s is past %d, the last of its table", s, maxNumber)
	}
	return uint16(v), ""
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isHexLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'f' }

// withPart adds the part of a register that is written behind place's point.
func (a Address) withPart(place, part string, worded bool) (Address, string) {
	lower := strings.ToLower(part)
	number, isBit := strings.CutPrefix(lower, "b")
	plain := isDigits(part)
	switch {
	case plain:
		number = part
	case isBit && isDigits(number):
	case lower == "hi":
		a.Part = HiByte
	case lower == "lo":
		a.Part = LoByte
	default:
		return a, fmt.Sprintf("no part %q of a register: want .b0 to .b15, .hi or .lo", "."+part)
	}
	if a.Table.IsBits() {
		return a, fmt.Sprintf("a %s is a single bit and has no part %q", a.bitName(), "."+part)
	}
	if a.Part != Whole {
		return a, ""
	}
	return a.withBit(place, number, plain && !worded)
}

// withBit adds a bit. bare says that it was written .N behind a Modicon number: to a spreadsheet that is a decimal
// fraction, whose trailing zeros it drops.
func (a Address) withBit(place, number string, bare bool) (Address, string) {
	bit, err := strconv.Atoi(number)
	switch {
	case err != nil || bit > 15:
		return a, fmt.Sprintf("no bit %s: a register has bits 0 to 15", number)
	case bare && number == "1":
		return a, fmt.Sprintf("bit or fraction? Write %s.b1 (or %s.b10: a spreadsheet makes %s.10 into %s.1)",
			place, place, place, place)
	case bare:
		return a, fmt.Sprintf("bit or fraction? Write %s.b%d: a spreadsheet drops the zeros of a fraction", place, bit)
	}
	a.Part, a.Bit = Bit, uint8(bit)
	return a, ""
}

func (a Address) bitName() string {
	if a.Table == Discrete {
		return "discrete input"
	}
	return "coil"
}

func isDigits(s string) bool {
	for i := range len(s) {
		if !isDigit(s[i]) {
			return false
		}
	}
	return s != ""
}

// String is the canonical notation of a, such as holding:99, holding:99.b3 or input:0.hi.
func (a Address) String() string {
	return a.Table.String() + ":" + strconv.Itoa(int(a.Number)) + a.partText()
}

func (a Address) partText() string {
	switch a.Part {
	case Bit:
		return ".b" + strconv.Itoa(int(a.Bit))
	case HiByte:
		return ".hi"
	case LoByte:
		return ".lo"
	}
	return ""
}
