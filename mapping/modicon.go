package mapping

import (
	"fmt"
	"strconv"
	"strings"
)

// modiconTables are the tables by the first digit of a Modicon address.
var modiconTables = map[byte]Table{'0': Coil, '1': Discrete, '3': Input, '4': Holding}

// parseModicon reads five or six digits: that of the table, then a number counted from 1. whole is the address as
// written, digits what stands before its first point.
func parseModicon(whole, digits string) (Address, string) {
	var a Address
	switch {
	case looksGrouped(whole):
		return a, "thousands separator: write " + onlyDigits(whole)
	case looksScientific(whole):
		return a, "a spreadsheet made a power of ten of it: format the column as text and write the address again"
	case !isDigits(digits):
		return a, wantAddress + addressMeant(whole)
	case len(digits) < 5:
		return a, lostZeros(digits)
	case len(digits) > 6:
		return a, fmt.Sprintf("%d digits, a Modicon number has five or six", len(digits))
	}
	table, ok := modiconTables[digits[0]]
	if !ok {
		return a, fmt.Sprintf("first digit %c: want 0 (coil), 1 (discrete input), 3 (input register) or 4 (holding register)%s",
			digits[0], wireMeant(digits))
	}
	number, _ := strconv.Atoi(digits[1:]) // at most five digits
	switch {
	case number == 0:
		return a, fmt.Sprintf("Modicon numbers count from 1: %s is %s:0", digits[:len(digits)-1]+"1", table)
	case number-1 > maxNumber:
		return a, fmt.Sprintf("past %c%d, which is %s:%d, the last of its table", digits[0], maxNumber+1, table, maxNumber)
	}
	return Address{Table: table, Number: uint16(number - 1)}, ""
}

// wireMeant is how digits are written if they are a number of the wire, as the end of a message.
func wireMeant(digits string) string {
	if _, why := parseNumber(digits); why != "" {
		return ""
	}
	return fmt.Sprintf(", or is it a number of the wire: holding:%s? If all of the device's are, give it addresses: wire", digits)
}

// AsPrinted is the five-digit number that stands for a where numbers count from 1, and the register that a manual means by
// it whose numbers are those of the wire, as many do: Huawei's 32080, Schneider's 45100. false: there is none.
func (a Address) AsPrinted() (number int, wire Address, ok bool) {
	number = int(a.Number) + 1
	switch {
	case number > 9999:
		return 0, wire, false
	case a.Table == Holding:
		number += 40000
	case a.Table == Input:
		number += 30000
	default:
		return 0, wire, false
	}
	return number, Address{Table: Holding, Number: uint16(number)}, true
}

// addressMeant is how an address of another program is written here, as the end of a message.
func addressMeant(s string) string {
	lower := strings.ToLower(s)
	if first, rest, ok := strings.Cut(lower, "x"); ok && len(first) == 1 {
		if table, ok := modiconTables[first[0]]; ok && isDigits(rest) && first != "0" {
			return fromOne(first+rest, table, rest)
		}
		if first == "0" && len(rest) == 5 && isDigits(rest) { // 0x00001
			return ": did you mean " + first + rest + "?"
		}
		if _, why := parseNumber(lower); why == "" && first == "0" {
			return ": did you mean holding:" + s + "?"
		}
	}
	word := strings.TrimRight(lower, "0123456789")
	if table, ok := tableMeant(word); ok && word != lower { // HR100, %MW100
		if number, err := strconv.Atoi(lower[len(word):]); err == nil && word == "hr" && number > 0 {
			return fmt.Sprintf(": did you mean holding:%d, or holding:%d if it counts from 1?", number, number-1)
		}
		return fmt.Sprintf(": did you mean %s:%s?", table, lower[len(word):])
	}
	return ""
}

// fromOne is what 4x00001 or 4x1 means, whose number counts from 1.
func fromOne(modicon string, table Table, digits string) string {
	if len(digits) == 5 {
		return ": did you mean " + modicon + "?"
	}
	number, err := strconv.Atoi(digits)
	if err != nil || number < 1 || number > maxNumber+1 {
		return ""
	}
	return fmt.Sprintf(": did you mean %s:%d? (%cx counts from 1)", table, number-1, modicon[0])
}

// lostZeros answers fewer than five digits: a spreadsheet drops the leading zeros of 00001.
func lostZeros(digits string) string {
	number, _ := strconv.Atoi(digits)
	if number == 0 {
		return "Modicon numbers count from 1; the first coil is coil:0, the first holding register holding:0"
	}
	return fmt.Sprintf("leading zeros lost? coil:%d (a Modicon number has five or six digits; register %s is holding:%s)",
		number-1, digits, strings.TrimLeft(digits, "0"))
}

// looksGrouped reports digits in groups of three, as in 40.001, 40,001 or 400 001.
func looksGrouped(s string) bool {
	groups := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(".,' \u00a0\u202f", r) })
	for i, g := range groups {
		if !isDigits(g) || i == 0 && len(g) > 3 || i > 0 && len(g) != 3 {
			return false
		}
	}
	return len(groups) > 1
}

func onlyDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// looksScientific reports notations such as 4.00E+05.
func looksScientific(s string) bool {
	d, err := ParseDecimal(s)
	return err == nil && strings.ContainsAny(s, "eE") && d.Mant > 0
}
