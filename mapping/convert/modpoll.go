package convert

import (
	"fmt"
	"strconv"
	"strings"

	"tagbridge/mapping/tagmap"
)

var modpollTables = map[string]string{
	"coil": "coil", "discrete_input": "discrete", "holding_register": "holding", "input_register": "input",
}

// modpollOrders are byte order and word order of modpoll, big or little end first.
var modpollOrders = map[string]string{"": "", "BE_BE": "ABCD", "LE_BE": "BADC", "BE_LE": "CDAB", "LE_LE": "DCBA"}

// Modpoll converts the registers of modpoll: lines device, poll and ref. url is where the devices are.
func Modpoll(file string, content []byte, url string) (*Result, error) {
	rows, commas, problems := tagmap.Records(file, content)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	m := modpoll{r: &Result{}, url: url, commas: commas}
	strange, references := 0, 0
	for _, record := range rows {
		cell := func(n int) string {
			if n < len(record.Cells) {
				return record.Cells[n]
			}
			return ""
		}
		row := fmt.Sprintf("%s:%d", file, record.Line)
		switch strings.ToLower(cell(0)) {
		case "device":
			m.device(row, cell)
		case "poll":
			if m.noUnit {
				continue
			}
			m.table, m.order, m.why = modpollTables[strings.ToLower(cell(1))], modpollOrders[strings.ToUpper(cell(4))], ""
			if m.table == "" {
				m.why = fmt.Sprintf("there is no table %s", cell(1))
			}
		case "ref":
			references++
			m.ref(row, cell)
		default:
			m.r.refuse(row, cell(0), "a line begins with device, poll or ref")
			strange++
		}
	}
	if m.d == nil || references == 0 || strange > references {
		return nil, fmt.Errorf("read %s: not a file of modpoll: that has lines which begin with device, poll and ref; of these %d do with ref, "+
			"and %d with something else", file, references, strange)
	}
	return m.r, nil
}

type modpoll struct {
	r            *Result
	url          string
	d            *device
	table, order string
	why          string // the references of this poll cannot be taken
	noUnit       bool   // nor any of this device
	commas       bool   // numbers may have decimal commas
}

func (m *modpoll) device(row string, cell func(int) string) {
	m.d = m.r.device(cell(1))
	m.d.set("driver", "modbus")
	m.d.set("url", m.url)
	m.table, m.why, m.noUnit = "", "", false
	unit, err := strconv.ParseUint(cell(2), 10, 8)
	if err != nil && cell(2) != "" {
		m.why, m.noUnit = "its device has no unit of 0 to 255", true
		m.r.refuse(row, cell(1), fmt.Sprintf("there is no unit %s", cell(2)))
		return
	}
	if cell(2) == "" {
		unit = 1
	}
	m.d.set("unit_id", int(unit))
}

func (m *modpoll) ref(row string, cell func(int) string) {
	name := cell(1)
	switch {
	case m.d == nil || m.table == "" && m.why == "":
		m.r.refuse(row, name, "it comes before its device or poll")
		return
	case m.why != "":
		m.r.refuse(row, name, m.why)
		return
	}
	var c change
	t := tag{"tag": name, "address": m.table + ":" + cell(2), "type": strings.ToLower(cell(3)), "unit": cell(5), "scale": cell(6)}
	if m.commas {
		t["scale"] = tagmap.WithPoint(t["scale"])
	}
	switch typ := t["type"]; {
	case strings.HasPrefix(typ, "string"):
		t["type"] = "string:" + strings.TrimLeft(typ[len("string"):], ":")
	case typ == "bool8", typ == "bool16":
		m.bits(row, t)
		return
	case typ == "bool":
		t["type"] = ""
		if m.table == "holding" || m.table == "input" {
			t["address"] += ".b0"
			c.addf("bit 0 of the register")
		}
	default:
		t["order"] = m.order
	}
	if at, bit, ok := strings.Cut(cell(2), ":"); ok && t["type"] == "" {
		t["address"] = m.table + ":" + at + ".b" + bit // as modpoll writes a bit of a register
		c = nil
	}
	if strings.Contains(cell(4), "w") {
		c.addf("it is only read")
	}
	m.r.take(m.d, row, t, c)
}

// bits takes a tag for each of the bits that modpoll makes one value of.
func (m *modpoll) bits(row string, t tag) {
	n, _ := strconv.Atoi(strings.TrimPrefix(t["type"], "bool"))
	at, err := strconv.Atoi(strings.TrimPrefix(t["address"], m.table+":"))
	if err != nil {
		m.r.refuse(row, t["tag"], "its address is no number")
		return
	}
	for i := range n {
		one := tag{"tag": fmt.Sprintf("%s/%d", t["tag"], i), "address": fmt.Sprintf("%s:%d", m.table, at+i)}
		if m.table == "holding" || m.table == "input" {
			one["address"] = fmt.Sprintf("%s:%d.b%d", m.table, at, i)
		}
		m.r.take(m.d, row, one, change{fmt.Sprintf("one of %d bits", n)})
	}
}
