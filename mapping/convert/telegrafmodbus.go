package convert

import (
	"fmt"
	"maps"
	"net/url"
	"strconv"
	"strings"
)

// telegrafModbus is an input of Modbus, in any of its three styles.
type telegrafModbus struct {
	Name             string
	Interval         telegrafDuration
	Controller       string
	TransmissionMode string `toml:"transmission_mode"`
	Timeout          telegrafDuration
	BaudRate         int `toml:"baud_rate"`
	DataBits         int `toml:"data_bits"`
	StopBits         int `toml:"stop_bits"`
	Parity           string
	Type             string `toml:"configuration_type"`
	NoType           bool   `toml:"exclude_register_type_tag"`
	SlaveID          int    `toml:"slave_id"`

	telegrafCommon
	Workarounds struct {
		Pause        telegrafDuration `toml:"pause_between_requests"`
		AfterConnect telegrafDuration `toml:"pause_after_connect"`
		CloseAfter   bool             `toml:"close_connection_after_gather"`
		OneRequest   bool             `toml:"one_request_per_field"`
		TextIn       string           `toml:"string_register_location"`
		MostBits     int              `toml:"max_bit_registers_per_request"`
		MostWords    int              `toml:"max_word_registers_per_request"`
	}

	Coils     []telegrafField
	Discrete  []telegrafField `toml:"discrete_inputs"`
	Holding   []telegrafField `toml:"holding_registers"`
	Input     []telegrafField `toml:"input_registers"`
	Request   []telegrafBlock
	Metric    []telegrafBlock
	where     string
	known     map[modbusDevice]*device
	published string // address of the controller, as a URL
	poll      string
}

// modbusDevice tells the devices that one input becomes: a unit's fields in one measurement.
type modbusDevice struct {
	unit        int
	measurement string
}

// telegrafBlock is a request or a metric.
type telegrafBlock struct {
	SlaveID     int    `toml:"slave_id"`
	ByteOrder   string `toml:"byte_order"`
	Register    string
	Measurement string
	Fields      []telegrafField
	Tags        map[string]string
}

// telegrafField is a register of any style: address is a list in the register style, else a number.
type telegrafField struct {
	Name        string
	Register    string
	Address     any
	Measurement string
	ByteOrder   string `toml:"byte_order"`
	DataType    string `toml:"data_type"` // register style
	Type        string
	Scale       float64
	Bit         int
	Length      int
	Output      string
	Omit        bool
	tags        map[string]string // of its block
}

var telegrafTables = map[string]string{"coil": "coil", "discrete": "discrete", "holding": "holding", "input": "input", "": "holding"}

// telegrafOrders are the byte orders; those of 16 and 64 bits are the same two swaps.
var telegrafOrders = map[string]string{
	"": "ABCD", "AB": "ABCD", "BA": "BADC", "ABCD": "ABCD", "DCBA": "DCBA", "BADC": "BADC", "CDAB": "CDAB",
	"ABCDEFGH": "ABCD", "HGFEDCBA": "DCBA", "BADCFEHG": "BADC", "GHEFCDAB": "CDAB",
	"MSW-BE": "ABCD", "MSW-LE": "BADC", "LSW-BE": "CDAB", "LSW-LE": "DCBA",
}

// swapped are the orders with the bytes of each register the other way round.
var swapped = map[string]string{"": "BADC", "ABCD": "BADC", "BADC": "ABCD", "CDAB": "DCBA", "DCBA": "CDAB"}

func (m *telegrafModbus) convert(r *Result, interval string) {
	m.known, m.poll = map[modbusDevice]*device{}, first(string(m.Interval), interval)
	var why string
	if m.published, why = m.url(); why != "" {
		r.refuse(m.where, m.Name, why)
		return
	}
	style := m.Type
	if style == "" {
		style = "register"
	}
	switch style {
	case "register":
		for _, part := range []struct {
			table  string
			fields []telegrafField
		}{{"coil", m.Coils}, {"discrete", m.Discrete}, {"holding", m.Holding}, {"input", m.Input}} {
			for _, f := range part.fields {
				m.register(r, part.table, f)
			}
		}
	case "request", "metric":
		for _, b := range append(m.Request, m.Metric...) {
			for _, f := range b.Fields {
				f.ByteOrder = b.ByteOrder
				f.Register = first(f.Register, b.Register)
				f.tags = b.Tags
				m.field(r, b, f)
			}
		}
	default:
		r.refuse(m.where, m.Name, fmt.Sprintf("there is no configuration_type %q", style))
	}
}

// url is the controller as the configuration names it.
func (m *telegrafModbus) url() (text, why string) {
	u, err := url.Parse(m.Controller)
	if err != nil {
		return "", "its controller is no address"
	}
	mode := strings.ToLower(m.TransmissionMode)
	switch {
	case u.Scheme == "tcp" && mode == "rtuovertcp":
		return "rtuovertcp://" + u.Host, ""
	case u.Scheme == "tcp" && mode == "asciiovertcp":
		return "asciiovertcp://" + u.Host, ""
	case u.Scheme == "tcp":
		return "tcp://" + u.Host, ""
	case u.Scheme == "file":
		scheme := "rtu"
		if mode == "ascii" {
			scheme = "ascii"
		}
		parity := map[string]string{"E": "even", "O": "odd", "N": "none", "": "none"}[strings.ToUpper(m.Parity)]
		return fmt.Sprintf("%s://%s?baud=%d&data=%d&parity=%s&stop=%d", scheme, u.Path,
			or(m.BaudRate, 9600), or(m.DataBits, 8), parity, or(m.StopBits, 1)), ""
	}
	return "", fmt.Sprintf("controller %q is neither tcp:// nor file://", m.Controller)
}

func or(n, otherwise int) int {
	if n == 0 {
		return otherwise
	}
	return n
}

// device is that of a unit of the controller and a measurement, as Telegraf would name it.
func (m *telegrafModbus) device(r *Result, unit int, measurement string) *device {
	key := modbusDevice{unit, m.measurement(first(measurement, "modbus"))}
	if d := m.known[key]; d != nil {
		return d
	}
	name := first(m.Name, "modbus")
	if m.Type == "request" || m.Type == "metric" {
		name += "-" + strconv.Itoa(unit)
	}
	if measurement != "" && measurement != "modbus" && len(m.known) > 0 {
		name += "-" + measurement
	}
	d := r.device(name)
	d.set("driver", "modbus")
	d.set("url", m.published)
	d.set("unit_id", unit)
	d.set("poll", m.poll)
	d.set("measurement", key.measurement)
	if m.Timeout != "" {
		d.set("timeout", string(m.Timeout))
	}
	if m.Workarounds.Pause != "" {
		d.set("pause", string(m.Workarounds.Pause))
	}
	if m.Workarounds.AfterConnect != "" {
		d.set("pause_after_connect", string(m.Workarounds.AfterConnect))
	}
	if m.Workarounds.CloseAfter {
		d.set("close_after_poll", true)
	}
	if m.Workarounds.OneRequest {
		d.set("single_register", true)
	}
	if n := m.Workarounds.MostBits; n > 0 {
		d.set("max_bits", min(n, 2000))
	}
	if n := m.Workarounds.MostWords; n > 0 {
		d.set("max_registers", min(n, 125))
	}
	m.tagsOf(d, unit)
	m.known[key] = d
	return d
}

// typeTags are what Telegraf says of the table of a field.
var typeTags = map[string]string{"coil": "coil", "discrete": "discrete_input", "holding": "holding_register", "input": "input_register"}

// tagsOf gives a device the tags that Telegraf writes with it.
func (m *telegrafModbus) tagsOf(d *device, unit int) {
	all := map[string]string{"slave_id": strconv.Itoa(unit)}
	if m.Name != "" {
		all["name"] = m.Name
	}
	maps.Copy(all, m.global)
	maps.Copy(all, m.Tags)
	d.set("labels", labels(all))
}

// register takes a field of the register style.
func (m *telegrafModbus) register(r *Result, table string, f telegrafField) {
	row := m.where + " " + table
	list, ok := f.Address.([]any)
	if !ok || len(list) == 0 {
		r.refuse(row, f.Name, "it has no list of addresses")
		return
	}
	var at []int64
	for _, a := range list {
		n, isNumber := a.(int64)
		if !isNumber || len(at) > 0 && n != at[len(at)-1]+1 {
			r.refuse(row, f.Name, "its addresses are not one after the other")
			return
		}
		at = append(at, n)
	}
	f.Address, f.Register, f.Type = at[0], table, f.DataType
	var c change
	switch strings.ToUpper(f.DataType) {
	case "FIXED", "UFIXED", "FLOAT32":
		sign := "INT"
		if strings.ToUpper(f.DataType) != "FIXED" {
			sign = "UINT"
		}
		f.Type = sign + strconv.Itoa(16*len(at))
		c.addf("%s is %s with its scale", f.DataType, strings.ToLower(f.Type))
		if strings.ToUpper(f.DataType) == "FLOAT32" {
			c.addf("newer versions of Telegraf read it as FLOAT32-IEEE, where it has two registers: if that is right, its type is float32")
		}
	case "FLOAT32-IEEE", "FLOAT64-IEEE", "FLOAT16-IEEE":
		f.Type = strings.TrimSuffix(strings.ToUpper(f.DataType), "-IEEE")
	case "STRING":
		f.Length = len(at)
	}
	m.take(r, m.device(r, m.SlaveID, f.Measurement), row, f, c)
}

// field takes a field of the request and metric styles.
func (m *telegrafModbus) field(r *Result, b telegrafBlock, f telegrafField) {
	row := fmt.Sprintf("%s slave_id %d", m.where, b.SlaveID)
	if f.Omit {
		return
	}
	if _, ok := f.Address.(int64); !ok {
		r.refuse(row, f.Name, "it has no address")
		return
	}
	m.take(r, m.device(r, b.SlaveID, first(f.Measurement, b.Measurement)), row, f, nil)
}

func (m *telegrafModbus) take(r *Result, d *device, row string, f telegrafField, c change) {
	table, ok := telegrafTables[strings.ToLower(f.Register)]
	if !ok {
		r.refuse(row, f.Name, fmt.Sprintf("there is no register type %q", f.Register))
		return
	}
	order, ok := telegrafOrders[strings.ToUpper(f.ByteOrder)]
	if !ok {
		r.refuse(row, f.Name, fmt.Sprintf("there is no byte order %q", f.ByteOrder))
		return
	}
	t := tag{"tag": f.Name, "address": fmt.Sprintf("%s:%d", table, f.Address)}
	if !m.NoType {
		t["label.type"] = typeTags[table]
	}
	if order != "ABCD" {
		t["order"] = order
	}
	for name, value := range labels(f.tags) {
		t["label."+name] = value
	}
	if table == "holding" || table == "input" {
		if why := f.typed(t, m.Workarounds.TextIn); why != "" {
			r.refuse(row, f.Name, why)
			return
		}
	} else {
		delete(t, "order")
	}
	if f.Scale != 0 && f.Scale != 1 {
		t["scale"] = strconv.FormatFloat(f.Scale, 'f', -1, 64)
	}
	kind, cut := f.written(table, m.Type == "" || m.Type == "register")
	r.alike(t, kind, cut)
	r.renamed(f.Name)
	r.take(d, row, t, c)
}

// typed fills in the type of a register. textIn is the byte of registers that texts are in, lower or upper; "" is both.
func (f *telegrafField) typed(t tag, textIn string) (why string) {
	switch typ := strings.ToUpper(f.Type); typ {
	case "BIT":
		t["address"] += ".b" + strconv.Itoa(f.Bit)
		t["type"] = "bits:1" // 0 or 1, as Telegraf writes it
	case "INT8L", "UINT8L":
		t["address"] += ".lo"
		t["type"] = strings.ToLower(strings.TrimSuffix(typ, "L"))
	case "INT8H", "UINT8H":
		t["address"] += ".hi"
		t["type"] = strings.ToLower(strings.TrimSuffix(typ, "H"))
	case "STRING":
		t["type"] = fmt.Sprintf("string:%d", 2*f.Length)
		switch strings.ToLower(textIn) {
		case "lower":
			t["type"] = fmt.Sprintf("chars:%d", f.Length)
		case "upper":
			t["type"] = fmt.Sprintf("chars:%d", f.Length)
			t["order"] = swapped[t["order"]]
		}
	case "INT16", "UINT16", "INT32", "UINT32", "INT64", "UINT64", "FLOAT16", "FLOAT32", "FLOAT64":
		t["type"] = strings.ToLower(typ)
	default:
		return fmt.Sprintf("there is no type %q", f.Type)
	}
	return ""
}
