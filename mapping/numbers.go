package mapping

import "fmt"

// Numbers says what a number without a table means in an address. The zero value is Modicon's: the first digit names the
// table, and the others count from 1.
type Numbers struct {
	Wire  bool  // they are those of the wire, which count from 0, in Table
	Table Table // where Wire
}

// parseWire reads a number of the wire. whole is the address as written, number what is before its first point.
func (n Numbers) parseWire(whole, number string) (Address, string) {
	v, why := parseNumber(number)
	switch {
	case looksGrouped(whole):
		return Address{}, "thousands separator: write " + onlyDigits(whole)
	case looksScientific(whole):
		return Address{}, "a spreadsheet made a power of ten of it: format the column as text and write the address again"
	case why == "":
		return Address{Table: n.Table, Number: v}, ""
	case !isDigits(number):
		return Address{}, "want a number of the wire like 0 (the device has addresses: wire), or a table and number like holding:0" + addressMeant(whole)
	}
	why = "past 65535, the last number of the wire, which is what numbers are in a device that has addresses: wire"
	if a, not := parseModicon(whole, number); not == "" {
		why += fmt.Sprintf("; counted as Modicon does it is %s", a)
	}
	return Address{}, why
}

// Modicon is the Modicon number of a, of five digits where that is enough, as String is for the wire: 40001, 465536, 40001.b3.
func (a Address) Modicon() string {
	digits := [...]byte{Coil: '0', Discrete: '1', Input: '3', Holding: '4'}
	width := 4
	if a.Number >= 9999 {
		width = 5
	}
	return fmt.Sprintf("%c%0*d%s", digits[a.Table], width, int(a.Number)+1, a.partText())
}

// AsCounted is the register that a means if its number is Modicon's: holding:40100, for 40100, is then holding:99. false: it
// cannot be one.
func (a Address) AsCounted() (meant Address, ok bool) {
	if a.Table != Holding || a.Number < 10000 {
		return Address{}, false
	}
	meant, why := parseModicon("", fmt.Sprint(a.Number))
	if why != "" || meant.Table.IsBits() {
		return Address{}, false
	}
	meant.Part, meant.Bit = a.Part, a.Bit
	return meant, true
}
