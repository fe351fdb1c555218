package convert

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"tagbridge/mapping/tagmap"
)

// kepwareTypes are the data types of Kepware's Modbus drivers.
var kepwareTypes = map[string]string{
	"boolean": "bool", "short": "int16", "word": "uint16", "long": "int32", "dword": "uint32", "llong": "int64",
	"qword": "uint64", "float": "float32", "double": "float64", "bcd": "bcd16", "lbcd": "bcd32", "default": "", "": "",
	"string": "string",
}

var (
	kepwareBit    = regexp.MustCompile(`^(\d{5,6})\.(\d{1,2})$`)
	kepwareString = regexp.MustCompile(`^(\d{5,6})\.(\d{1,3})([HL])$`)
)

// Kepware converts the CSV export of a device's tags. Its address and settings are not in there: url is where the
// device is. Kepware reads the low word first unless told otherwise, so does the result.
func Kepware(file string, content []byte, url string) (*Result, error) {
	rows, commas, problems := tagmap.Records(file, content)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, fmt.Errorf("read %s: it is empty", file)
	}
	at := map[string]int{}
	for i, h := range rows[0].Cells {
		at[strings.ToLower(strings.TrimSpace(h))] = i
	}
	for _, need := range []string{"tag name", "address", "data type"} {
		if _, ok := at[need]; !ok {
			return nil, fmt.Errorf("read %s: no column %q: not a tag export of Kepware", file, need)
		}
	}
	r := &Result{}
	d := r.device("kepware")
	d.set("driver", "modbus")
	d.set("url", url)
	d.set("unit_id", 1)
	d.set("order", "CDAB")
	for _, record := range rows[1:] {
		k := kepwareRow{commas: commas, cell: func(column string) string {
			if j, ok := at[column]; ok && j < len(record.Cells) {
				return record.Cells[j]
			}
			return ""
		}}
		r.kepware(d, fmt.Sprintf("%s:%d", file, record.Line), k)
	}
	return r, nil
}

type kepwareRow struct {
	cell   func(column string) string
	commas bool // numbers may have decimal commas
}

func (k kepwareRow) number(column string) string {
	if k.commas {
		return tagmap.WithPoint(k.cell(column))
	}
	return k.cell(column)
}

func (k kepwareRow) is(column string) bool {
	v := strings.ToLower(k.cell(column))
	return v == "1" || v == "true" || v == "yes"
}

func (r *Result) kepware(d *device, row string, k kepwareRow) {
	name := k.cell("tag name")
	if name == "" {
		return
	}
	var c change
	t := tag{"tag": name, "unit": k.cell("eng units"), "description": k.cell("description")}
	if strings.Contains(name, ".") {
		t["tag"] = strings.ReplaceAll(name, ".", "/")
		c.addf("groups are separated by /")
	}
	access := strings.ToUpper(strings.ReplaceAll(k.cell("client access"), "/", ""))
	if access == "WO" {
		r.refuse(row, name, "it can only be written, and tagbridge only reads")
		return
	}
	if access == "RW" {
		c.addf("it is only read")
	}
	typ, known := kepwareTypes[strings.TrimSuffix(strings.ToLower(k.cell("data type")), " array")]
	if !known {
		r.refuse(row, name, fmt.Sprintf("there is no type %s", k.cell("data type")))
		return
	}
	t["type"], t["address"] = typ, k.cell("address")
	array, why := kepwareArray(t)
	if why == "" {
		why = kepwareHex(t, &c)
	}
	if why == "" {
		why = kepwareAddress(t, &c)
	}
	if why != "" {
		r.refuse(row, name, why)
		return
	}
	if ms, err := strconv.Atoi(k.cell("scan rate")); err == nil && ms > 0 {
		if ms < 10 {
			c.addf("read every 10 ms, not every %d", ms)
		}
		t["poll"] = fmt.Sprintf("%dms", max(ms, 10))
	}
	if why := k.scale(t, &c); why != "" {
		r.refuse(row, name, why)
		return
	}
	if array != nil {
		r.elements(d, row, t, array)
		return
	}
	r.take(d, row, t, c)
}

// kepwareAddress rewrites t's address; why it cannot is returned.
func kepwareAddress(t tag, c *change) (why string) {
	a := t["address"]
	if strings.ContainsAny(a, "[]") {
		return "it is an array: make a row of each element"
	}
	if m := kepwareString.FindStringSubmatch(a); m != nil {
		t["address"], t["type"] = m[1], "string:"+m[2]
		t["order"] = "ABCD"
		if m[3] == "L" {
			t["order"] = "BADC"
		}
		return ""
	}
	if t["type"] == "string" {
		return "a string without its length: write it as 400001.20H"
	}
	if m := kepwareBit.FindStringSubmatch(a); m != nil {
		t["address"] = m[1] + ".b" + m[2]
		if t["type"] != "bool" && t["type"] != "" {
			c.addf("a single bit is a bool")
		}
		t["type"] = "bool"
	}
	return ""
}

// scale takes over the scaling.
func (k kepwareRow) scale(t tag, c *change) (why string) {
	kind := strings.ToLower(k.cell("scaling"))
	if k.is("negate value") && kind != "linear" {
		t["scale"] = "-1"
		c.addf("negated by scale -1")
	}
	switch kind {
	case "", "none":
		return ""
	case "linear":
	default:
		return fmt.Sprintf("there is no scaling %q", k.cell("scaling"))
	}
	t["raw_min"], t["raw_max"] = k.number("raw low"), k.number("raw high")
	t["eng_min"], t["eng_max"] = k.number("scaled low"), k.number("scaled high")
	low, high := k.is("clamp low"), k.is("clamp high")
	if k.is("negate value") {
		t["eng_min"], t["eng_max"] = negated(t["eng_min"]), negated(t["eng_max"])
		c.addf("negated by its range")
		low, high = high, low
	}
	switch {
	case low && high:
		t["clamp"] = "both"
	case low:
		t["clamp"] = "low"
	case high:
		t["clamp"] = "high"
	}
	if st := strings.ToLower(k.cell("scaled data type")); st != "" && st != "double" && st != "float" {
		c.addf("scaled values are float64, not %s", k.cell("scaled data type"))
	}
	return ""
}

func negated(number string) string {
	switch {
	case number == "" || number == "0":
		return number
	case number[0] == '-':
		return number[1:]
	}
	return "-" + strings.TrimPrefix(number, "+")
}
