package convert

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"tagbridge/mapping/sheet"
	"tagbridge/mapping/tagmap"
)

// neuronTypes are the types of Neuron.
var neuronTypes = map[string]string{
	"int16": "int16", "uint16": "uint16", "word": "uint16", "int32": "int32", "uint32": "uint32", "dword": "uint32", "int64": "int64",
	"uint64": "uint64", "lword": "uint64", "float": "float32", "double": "float64", "string": "string", "bit": "bool", "bool": "bool",
}

// neuronOrders are the orders by what follows # in an address. Of 64 bits, WS and WR are none of ours.
var neuronOrders = map[string]string{"": "", "L": "", "LL": "", "B": "DCBA", "BB": "DCBA", "LB": "BADC", "BL": "CDAB"}

var neuronAddress = regexp.MustCompile(`^(\d{1,3})!([0134])(\d{1,5})(?:#([A-Z]{1,2}))?(?:\.(\d{1,3})([HLDE])?)?$`)

// Neuron converts the tags of Neuron's Modbus drivers: its workbook, or the same table as CSV.
func Neuron(file string, content []byte, url string) (*Result, error) {
	rows, err := neuronRows(file, content)
	if err != nil {
		return nil, err
	}
	n := neuron{r: &Result{}, url: url, at: map[string]int{}, units: map[string]*device{}}
	if len(rows) > 0 {
		for i, h := range rows[0].Cells {
			n.at[strings.ToLower(strings.TrimSpace(h))] = i
		}
	}
	for _, need := range []string{"group", "name", "address", "type"} {
		if _, ok := n.at[need]; !ok {
			return nil, fmt.Errorf("read %s: no column %q: not the tags of Neuron", file, need)
		}
	}
	groups := map[string]bool{}
	for _, row := range rows[1:] {
		groups[n.cell(row.Cells, "group")] = true
	}
	n.grouped = len(groups) > 1
	for _, row := range rows[1:] {
		n.row(fmt.Sprintf("%s:%d", file, row.Line), row.Cells)
	}
	return n.r, nil
}

// neuronRows are the rows of a workbook's first sheet, or of a CSV file.
func neuronRows(file string, content []byte) (list []tagmap.Record, err error) {
	if !strings.HasPrefix(string(content[:min(len(content), 4)]), "PK\x03\x04") {
		rows, _, problems := tagmap.Records(file, content)
		return rows, problems.Err()
	}
	b, err := sheet.Open(content, sheet.Own)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	s, err := b.Sheet("")
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	for i := range s.Rows {
		row := &s.Rows[i]
		record := tagmap.Record{Line: row.Number}
		for _, c := range row.Cells {
			for len(record.Cells) < c.Column {
				record.Cells = append(record.Cells, "")
			}
			record.Cells = append(record.Cells, c.Text)
		}
		list = append(list, record)
	}
	return list, nil
}

type neuron struct {
	r       *Result
	url     string
	at      map[string]int
	units   map[string]*device
	grouped bool // names are unique in a group only
}

func (n *neuron) cell(row []string, column string) string {
	if i, ok := n.at[column]; ok && i < len(row) {
		return strings.TrimSpace(row[i])
	}
	return ""
}

func (n *neuron) row(row string, cells []string) {
	name := n.cell(cells, "name")
	if name == "" {
		return
	}
	var c change
	attribute := strings.ToLower(n.cell(cells, "attribute"))
	if strings.Contains(attribute, "write") {
		if !strings.Contains(attribute, "read") && !strings.Contains(attribute, "subscribe") {
			n.r.refuse(row, name, "it can only be written, and tagbridge only reads")
			return
		}
		c.addf("it is only read")
	}
	t := tag{"tag": name, "description": n.cell(cells, "description"), "unit": n.cell(cells, "unit")}
	if n.grouped {
		t["tag"] = n.cell(cells, "group") + "/" + name
	}
	m := neuronAddress.FindStringSubmatch(strings.ToUpper(n.cell(cells, "address")))
	if m == nil || len(m[1]) == 3 && m[1] > "255" {
		n.r.refuse(row, name, fmt.Sprintf("its address %q is none of its Modbus drivers, such as 1!400001", n.cell(cells, "address")))
		return
	}
	why := neuronTag(t, m, strings.ToLower(n.cell(cells, "type")))
	if strings.Contains(attribute, "subscribe") {
		t["report"] = "change"
	}
	if ms, err := strconv.Atoi(n.cell(cells, "interval")); why == "" && err == nil && ms > 0 {
		t["poll"] = fmt.Sprintf("%dms", max(ms, 10))
	}
	if d := n.cell(cells, "decimal"); d != "" && d != "0" && d != "1" && t["type"] != "bool" {
		t["scale"] = d
	}
	if b := n.cell(cells, "bias"); b != "" && b != "0" && t["type"] != "bool" {
		t["offset"] = b
	}
	if why != "" {
		n.r.refuse(row, name, why)
		return
	}
	n.r.take(n.unit(m[1]), row, t, c)
}

func (n *neuron) unit(id string) *device {
	if n.units[id] == nil {
		d := n.r.device("unit-" + id)
		d.set("driver", "modbus")
		d.set("url", n.url)
		unit, _ := strconv.Atoi(id)
		d.set("unit_id", unit)
		n.units[id] = d
	}
	return n.units[id]
}

// neuronTag fills in address, type and order; m is the address taken apart.
func neuronTag(t tag, m []string, typ string) (why string) {
	table := kepwareTables[m[2]]
	number, _ := strconv.Atoi(m[3])
	if number < 1 || number > 1<<16 {
		return "its number is none of 1 to 65536"
	}
	t["address"] = fmt.Sprintf("%s:%d", table, number-1)
	known, ok := neuronTypes[typ]
	order, same := neuronOrders[m[4]]
	switch {
	case !ok:
		return fmt.Sprintf("there is no type %q", typ)
	case !same:
		return fmt.Sprintf("there is no order #%s", m[4])
	}
	t["type"] = known
	words := table == "holding" || table == "input"
	switch {
	case known == "string" && (m[5] == "" || m[6] == "D" || m[6] == "E"):
		return "a text is written with its length and H or L here, such as 1!400001.20H"
	case known == "string":
		t["type"] = "string:" + m[5]
		if m[6] == "L" {
			order = "BADC"
		}
	case known == "bool" && words:
		if typ == "bool" && m[5] == "" {
			return "a bool of a register without its bit: write it as 1!400001.0, of type bit"
		}
		t["address"] += ".b" + first(m[5], "0")
	case known == "bool":
		t["type"] = ""
	}
	t["order"] = order
	return ""
}
