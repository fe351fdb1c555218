package tagmap

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"tagbridge/mapping"
	"tagbridge/mapping/source"
)

// readRegister reads where and what a Modbus tag is.
func readRegister(b *tagBuilder, r *row, t *mapping.Tag) {
	if r.has(colElement) {
		r.problemf(colElement, "only OPC UA tags have elements")
	}
	t.Order = b.def.Order
	if text := r.text(colOrder); text != "" {
		o, err := mapping.ParseOrder(text)
		if err != nil {
			r.problemf(colOrder, "must be %s%s", source.OrList(mapping.OrderNames[:]), DidYouMeanOrder(text))
		}
		t.Order = o
	}
	text := r.text(colAddress)
	if text == "" {
		if !r.unknown(colAddress) {
			r.problemf(colAddress, "a tag needs an address, such as 40001 or holding:0%s", otherSeparator(r))
		}
		readType(b, r, t)
		return
	}
	if r.comma {
		text = strings.Replace(text, ",", ".", 1) // so that 40001,1 is answered as 40001.1 is
	}
	a, err := b.def.Numbers.ParseAddress(text)
	if err != nil {
		r.problemf(colAddress, "%s", source.Reason(err, text))
		readType(b, r, t)
		return
	}
	t.Address, t.Wide = a, b.def.Wide
	if !readType(b, r, t) {
		return
	}
	if t.Type == mapping.TypeAuto {
		t.Type = defaultType(a)
	}
	checkPlace(r, t)
}

// otherSeparator says what a row may have in place of its cells' separator, as the end of a message.
func otherSeparator(r *row) string {
	if r.csv != nil && strings.ContainsAny(r.text(colTag), ",;\t") {
		return "; are the cells of this row separated as those of the first one are?"
	}
	return ""
}

func defaultType(a mapping.Address) mapping.Type {
	switch {
	case a.Table.IsBits(), a.Part == mapping.Bit:
		return mapping.TypeBool
	case a.Part != mapping.Whole:
		return mapping.TypeUint8
	}
	return mapping.TypeUint16
}

// readType reads the type, and reports whether it can be used. TypeAuto then stands for one that is not known: what
// depends on the type is not checked.
func readType(b *tagBuilder, r *row, t *mapping.Tag) bool {
	text := r.text(colType)
	if text == "" {
		return true
	}
	if (b.kind.typed || t.IsComputed()) && strings.EqualFold(text, "string") {
		t.Type = mapping.TypeString // as long as it is
		return true
	}
	typ, length, err := mapping.ParseType(text)
	if err != nil {
		r.problemf(colType, "%s", source.Reason(err, text)+didYouMeanType(text))
		return false
	}
	t.Type, t.Length = typ, length
	if typ == mapping.TypeDatetime {
		t.Zone = b.def.Zone
	}
	return true
}

// registerMeant is the register that a number may mean which reads as a bit: manuals that count as the wire does print
// plain numbers.
func registerMeant(text string, t mapping.Type) string {
	number, err := strconv.Atoi(text)
	if err != nil || number < 10000 || t == mapping.TypeBool {
		return ""
	}
	return fmt.Sprintf(", or is register %d of the wire meant: holding:%d?", number, number)
}

// checkPlace compares address and type.
func checkPlace(r *row, t *mapping.Tag) {
	a := t.Address
	switch {
	case a.Table.IsBits() && t.Type != mapping.TypeBool:
		r.problemf(colType, "a %s is a single bit: its type is bool%s", a.Table, registerMeant(r.text(colAddress), t.Type))
	case t.Type == mapping.TypeBits && (a.Part == mapping.HiByte || a.Part == mapping.LoByte):
		r.problemf(colType, "write the lowest bit in place of the byte: %s:%d.b%d", a.Table, a.Number, 8*b2i(a.Part == mapping.HiByte))
	case t.Type == mapping.TypeBits && int(a.Bit)+t.Length > 32:
		r.problemf(colType, "%d bits from bit %d on are more than the 32 of two registers", t.Length, a.Bit)
	case a.Part == mapping.Bit && t.Type != mapping.TypeBool && t.Type != mapping.TypeBits:
		r.problemf(colType, "%s is a single bit: its type is bool, or bits:N for N bits from there up", a)
	case (a.Part == mapping.HiByte || a.Part == mapping.LoByte) && !t.Type.IsPart():
		r.problemf(colType, "%s is a single byte: its type is uint8, int8 or bcd8", a)
	case t.Wide && !t.Type.FitsWide(t.Length):
		r.problemf(colType, "is made of registers of two bytes, and those of the device have four (register_bytes: 4)")
	case int(a.Number)+t.Registers() > 1<<16:
		r.problemf(colAddress, "%s takes %d registers, and the table ends at 65535 (%s:65535)", t.TypeText(), t.Registers(), a.Table)
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// typeSynonyms are what other programs call the types.
var typeSynonyms = map[string]string{
	"float": "float32", "real": "float32", "single": "float32", "double": "float64", "lreal": "float64",
	"int": "int16", "short": "int16", "word": "uint16", "uint": "uint16", "ushort": "uint16", "signed": "int16",
	"unsigned": "uint16", "dint": "int32", "long": "int32", "dword": "uint32", "udint": "uint32", "ulong": "uint32",
	"lint": "int64", "ulint": "uint64", "lword": "uint64", "byte": "uint8", "usint": "uint8", "sint": "int8",
	"char": "int8", "boolean": "bool", "bit": "bool", "text": "string:N", "str": "string:N", "bcd": "bcd16",
	"f16": "float16", "f32": "float32", "f64": "float64", "i8": "int8", "i16": "int16", "i32": "int32", "i64": "int64",
	"s8": "int8", "s16": "int16", "s32": "int32", "s64": "int64", "u8": "uint8", "u16": "uint16", "u32": "uint32", "u64": "uint64",
	"lbcd": "bcd32", "half": "float16", "bcd4": "bcd16",
	"s24": "int24", "i24": "int24", "u24": "uint24", "s48": "int48", "i48": "int48", "u48": "uint48",
	"nibble": "bits:4", "bitrange": "bits:N", "mod10": "mod10k:N", "modulo10k": "mod10k:N", "modulo10000": "mod10k:N",
	"epoch": "datetime:epoch", "unixtime": "datetime:epoch", "timestamp": "datetime:epoch", "time": "datetime:six", "date": "datetime:six",
	"signmagnitude": "sm16", "acc16": "uint16", "acc32": "uint32", "acc64": "uint64", "enum16": "uint16", "enum32": "uint32",
	"bitfield16": "uint16", "bitfield32": "uint32", "sunssf": "int16",
}

// plainTypes are the types without what comes after their colons.
var plainTypes = func() (names []string) {
	for _, t := range mapping.AllTypes() {
		names = append(names, t.String())
	}
	return names
}()

// sizedText is how other programs write string:N.
var sizedText = regexp.MustCompile(`(?i)^(?:string|str|text|char|varchar)[\[( ]?(\d+)[\])]?$`)

func didYouMeanType(text string) string {
	if m := sizedText.FindStringSubmatch(text); m != nil {
		return ": did you mean string:" + m[1] + "?"
	}
	name, _, _ := strings.Cut(text, ":")
	folded := source.FoldName(name)
	if _, _, err := mapping.ParseType(name + ":1"); name == "" || folded == "datetime" || err == nil { // it is its length that is wrong
		return ""
	}
	if t, ok := typeSynonyms[folded]; ok {
		return ": did you mean " + t + "?"
	}
	return source.DidYouMean(name, plainTypes)
}

var orderSynonyms = map[string]string{
	"big": "ABCD", "bigendian": "ABCD", "be": "ABCD", "ab": "ABCD", "abcdefgh": "ABCD", "msb": "ABCD", "1234": "ABCD",
	"little": "DCBA", "littleendian": "DCBA", "le": "DCBA", "hgfedcba": "DCBA", "lsb": "DCBA", "4321": "DCBA",
	"wordswap": "CDAB", "wordswapped": "CDAB", "swapwords": "CDAB", "ghefcdab": "CDAB", "3412": "CDAB",
	"byteswap": "BADC", "byteswapped": "BADC", "swapbytes": "BADC", "badcfehg": "BADC", "ba": "BADC", "2143": "BADC",
	"bigendianswap": "BADC", "littleendianswap": "CDAB", "beb": "BADC", "leb": "CDAB",
}

// DidYouMeanOrder is the end of a message about text that is no byte order: it names the one that was probably meant.
func DidYouMeanOrder(text string) string {
	if o, ok := orderSynonyms[source.FoldName(text)]; ok {
		return ": did you mean " + o + "?"
	}
	best, bestDistance := "", 4 // any arrangement of the four letters is nearest to one of ours
	for _, name := range mapping.OrderNames {
		if d := source.Distance(strings.ToUpper(text), name, bestDistance); d < bestDistance {
			best, bestDistance = name, d
		}
	}
	if best == "" {
		return ""
	}
	return ": did you mean " + best + "?"
}
