package convert

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"tagbridge/mapping/tagmap"
)

// iobrokerType is a type of ioBroker.modbus as ours, with the byte of a register that it is.
type iobrokerType struct{ typ, order, half string }

// iobrokerTypes are types by their names there: be is as the specification of Modbus has it, le has all bytes the other way
// round, sw the words, sb the bytes of each word.
func iobrokerTypes() map[string]iobrokerType {
	all := map[string]iobrokerType{
		"uint8be": {"uint8", "", ".lo"}, "uint8le": {"uint8", "", ".hi"}, "int8be": {"int8", "", ".lo"}, "int8le": {"int8", "", ".hi"},
		"string": {typ: "string"}, "stringle": {typ: "string", order: "BADC"}, "string16": {typ: "chars"}, "string16le": {typ: "chars", order: "BADC"},
	}
	for name, typ := range map[string]string{"uint16": "uint16", "int16": "int16", "uint32": "uint32", "int32": "int32", "uint64": "uint64",
		"int64": "int64", "float": "float32", "double": "float64"} {
		for end, order := range map[string]string{"be": "", "le": "DCBA", "sw": "CDAB", "sb": "BADC"} {
			all[name+end] = iobrokerType{typ: typ, order: order}
		}
	}
	return all
}

// IoBroker converts a list of registers of ioBroker.modbus, separated by tabs. The list does not say of which table it is,
// which the name of its file mostly does, and whether its addresses are numbers such as 40001, aliases there, or those of the
// wire: unless wire says so, they are aliases where all of them can be.
func IoBroker(file string, content []byte, url string, wire bool) (*Result, error) {
	rows, _, problems := tagmap.Records(file, content)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("read %s: it is empty", file)
	}
	l := iobroker{r: &Result{}, url: url, at: map[string]int{}, units: map[string]*device{}, types: iobrokerTypes()}
	for i, h := range rows[0].Cells {
		l.at[strings.ToLower(strings.TrimSpace(h))] = i
	}
	for _, need := range []string{"_address", "name"} {
		if _, ok := l.at[need]; !ok {
			return nil, fmt.Errorf("read %s: no column %q: not a list of registers of ioBroker.modbus", file, need)
		}
	}
	_, typed := l.at["type"]
	l.table = iobrokerTable(file, typed)
	l.numbers(rows[1:], wire)
	for _, row := range rows[1:] {
		l.row(fmt.Sprintf("%s:%d", file, row.Line), row.Cells)
	}
	return l.r, nil
}

type iobroker struct {
	r     *Result
	url   string
	at    map[string]int // columns by their names
	table string
	base  int // address 0 of the table, as the list counts
	said  string
	units map[string]*device
	types map[string]iobrokerType
}

func (l *iobroker) cell(row []string, column string) string {
	if i, ok := l.at[column]; ok && i < len(row) {
		return strings.TrimSpace(row[i])
	}
	return ""
}

// iobrokerTable is the table that the name of a list tells; "" is one of registers.
func iobrokerTable(file string, typed bool) string {
	name := strings.ToLower(filepath.Base(file))
	switch {
	case !typed && strings.Contains(name, "coil"):
		return "coil"
	case !typed:
		return "discrete"
	case strings.Contains(name, "input") || strings.Contains(name, "eingang"):
		return "input"
	case !strings.Contains(name, "holding"):
		return ""
	}
	return "holding"
}

// aliases are what the first address of each table is called, and how many are called so.
var (
	aliases = map[string]int{"coil": 1, "discrete": 10001, "input": 30001, "holding": 40001}
	called  = map[string]int{"coil": 10_000, "discrete": 10_000, "input": 10_000, "holding": 1 << 16}
)

// numbers tells how the list counts.
func (l *iobroker) numbers(rows []tagmap.Record, wire bool) {
	inputs := l.table == "" && len(rows) > 0
	l.table = first(l.table, "holding")
	begin, all := aliases[l.table], len(rows) > 0
	for _, row := range rows {
		n, err := strconv.Atoi(l.cell(row.Cells, "_address"))
		if err != nil {
			continue
		}
		all = all && n >= begin && n < begin+called[l.table]
		inputs = inputs && n >= aliases["input"] && n < aliases["holding"]
	}
	switch {
	case wire:
	case inputs:
		l.table, l.base = "input", aliases["input"]
	case all:
		l.base = begin
	}
	if l.base > 0 {
		l.said = "addresses are those of \"use aliases as address\"; without it in ioBroker, convert again with --addresses=wire"
	}
}

// address is that of the list as ours.
func (l *iobroker) address(text string) (address, why string) {
	n, err := strconv.Atoi(text)
	if err != nil || n-l.base < 0 || n-l.base > 0xFFFF {
		return "", fmt.Sprintf("its address %q is no number of a %s", text, l.table)
	}
	return fmt.Sprintf("%s:%d", l.table, n-l.base), ""
}

func (l *iobroker) row(row string, cells []string) {
	name, number := l.cell(cells, "name"), l.cell(cells, "_address")
	if name == "" && number == "" {
		return
	}
	name = first(name, number)
	var c change
	if l.said != "" && len(l.r.Verdicts) == 0 {
		c.addf("%s", l.said)
	}
	address, why := l.address(number)
	t := tag{"tag": name, "address": address, "unit": l.cell(cells, "unit"), "description": l.cell(cells, "description")}
	if why == "" && (l.table == "holding" || l.table == "input") {
		why = l.typed(t, strings.ToLower(l.cell(cells, "type")), l.cell(cells, "len"))
	}
	if why == "" && !strings.HasPrefix(t["type"], "string") && !strings.HasPrefix(t["type"], "chars") {
		why = l.scale(t, cells, &c)
	}
	if why != "" {
		l.r.refuse(row, name, why)
		return
	}
	if strings.EqualFold(l.cell(cells, "poll"), "false") {
		t["enabled"] = "false"
		c.addf("it is not polled: enabled false")
	}
	if l.table == "coil" || l.table == "discrete" {
		c.addf("its address is that of the wire")
	}
	id := first(l.cell(cells, "deviceid"), "1")
	if _, err := strconv.ParseUint(id, 10, 8); err != nil {
		l.r.refuse(row, name, fmt.Sprintf("there is no unit %s", id))
		return
	}
	l.r.take(l.unit(id), row, t, c)
}

func (l *iobroker) unit(id string) *device {
	if l.units[id] == nil {
		d := l.r.device("unit-" + id)
		d.set("driver", "modbus")
		d.set("url", l.url)
		unit, _ := strconv.Atoi(id)
		d.set("unit_id", unit)
		l.units[id] = d
	}
	return l.units[id]
}

// typed fills in type and order.
func (l *iobroker) typed(t tag, typ, length string) (why string) {
	known, ok := l.types[typ]
	if !ok {
		return fmt.Sprintf("there is no type %q", typ)
	}
	t["type"], t["order"] = known.typ, known.order
	t["address"] += known.half
	n, err := strconv.Atoi(length)
	switch known.typ {
	case "string", "chars":
		if err != nil || n < 1 {
			return "a text without its length"
		}
		if known.typ == "string" {
			n *= 2 // the length is that in registers
		}
		t["type"] += ":" + strconv.Itoa(n)
	}
	return ""
}

var (
	iobrokerExponent = regexp.MustCompile(`^Math\.pow\(10,sf\[['"](\d+)['"]\](?:([-+])(\d{1,2}))?\)$`)
	iobrokerPower    = regexp.MustCompile(`^Math\.pow\(10,(-?\d{1,2})\)$`)
)

// scale takes over factor and offset, or the formula that is there in their place.
func (l *iobroker) scale(t tag, cells []string, c *change) (why string) {
	formula := strings.ReplaceAll(l.cell(cells, "formula"), " ", "")
	if formula == "" {
		// No factor, and 0, is 1 there.
		for column, nothing := range map[string]string{"factor": "1", "offset": "0"} {
			text := l.cell(cells, column)
			number := tagmap.WithPoint(text)
			if number != text {
				c.addf("its %s %s is %s", column, text, number)
			}
			if number == nothing || number == "0" {
				continue
			}
			t[map[string]string{"factor": "scale", "offset": "offset"}[column]] = number
		}
		return ""
	}
	factors, ok := factorsOf(formula)
	scale := 1.0
	for _, f := range factors {
		value, power := f.value, 0
		if m := iobrokerExponent.FindStringSubmatch(f.text); m != nil && t["scale_by"] == "" && !f.divides {
			if power, why = l.exponent(t, m); why != "" {
				return why
			}
		} else if m := iobrokerPower.FindStringSubmatch(f.text); m != nil {
			power, _ = strconv.Atoi(m[1])
		} else if f.text != "" {
			ok = false
		}
		value *= powerOf10(power)
		if f.divides {
			value = 1 / value
		}
		scale *= value
	}
	if !ok || scale == 0 {
		return fmt.Sprintf("its formula %s is more than a factor: read it unscaled with report none, and compute a tag of it with expr", l.cell(cells, "formula"))
	}
	if text := strconv.FormatFloat(scale, 'g', 15, 64); text != "1" {
		t["scale"] = text
	}
	return ""
}

func powerOf10(n int) float64 {
	f, _ := strconv.ParseFloat("1e"+strconv.Itoa(n), 64)
	return f
}

// exponent has t scaled by the exponent in the register that m names, plus the number that is returned.
func (l *iobroker) exponent(t tag, m []string) (more int, why string) {
	if t["scale_by"], why = l.address(m[1]); why != "" {
		return 0, why
	}
	var at, by int
	fmt.Sscanf(strings.TrimPrefix(t["address"], l.table+":"), "%d", &at)
	fmt.Sscanf(strings.TrimPrefix(t["scale_by"], l.table+":"), "%d", &by)
	if by-at > 120 || at-by > 120 {
		return 0, fmt.Sprintf("its exponent, %s, is too far away for one request", t["scale_by"])
	}
	if m[3] != "" {
		more, _ = strconv.Atoi(m[2] + m[3])
	}
	return more, ""
}

// factor is what a value is multiplied with, or divided by: a number, or a text that is not looked into.
type factor struct {
	value   float64
	text    string
	divides bool
}

// factorsOf takes a formula apart that is x and nothing but multiplications and divisions.
func factorsOf(formula string) (list []factor, ok bool) {
	formula = strings.NewReplacer("(x)", "x").Replace(formula)
	for strings.HasPrefix(formula, "(") && strings.Count(formula, "(") == 1 && strings.HasSuffix(formula, ")") {
		formula = formula[1 : len(formula)-1]
	}
	depth, begin, divides, found := 0, 0, false, false
	for i := 0; i <= len(formula); i++ {
		switch {
		case i < len(formula) && formula[i] == '(':
			depth++
		case i < len(formula) && formula[i] == ')':
			depth--
		}
		if i < len(formula) && (depth > 0 || formula[i] != '*' && formula[i] != '/') {
			continue
		}
		text := formula[begin:i]
		switch value, err := strconv.ParseFloat(text, 64); {
		case text == "x" && !divides && !found:
			found = true
		case err == nil:
			list = append(list, factor{value: value, divides: divides})
		default:
			list = append(list, factor{value: 1, text: text, divides: divides})
		}
		begin, divides = i+1, i < len(formula) && formula[i] == '/'
	}
	return list, found
}
