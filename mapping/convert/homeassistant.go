package convert

import (
	"fmt"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"tagbridge/mapping"
	"tagbridge/mapping/source"
)

// homeTypes are the types of Home Assistant.
var homeTypes = map[string]string{
	"": "int16", "int16": "int16", "uint16": "uint16", "int32": "int32", "uint32": "uint32", "int64": "int64", "uint64": "uint64",
	"float16": "float16", "float32": "float32", "float64": "float64", "string": "string",
}

// homeOrders are the orders by what is swapped.
var homeOrders = map[string]string{"": "", "none": "", "byte": "BADC", "word": "CDAB", "word_byte": "DCBA"}

// homeTables are the tables by input_type.
var homeTables = map[string]string{"holding": "holding", "input": "input", "coil": "coil", "discrete_input": "discrete"}

// things is a part of a configuration in YAML.
type things map[string]any

func (t things) text(keys ...string) string {
	for _, key := range keys {
		if v, ok := t[key]; ok && v != nil {
			return strings.TrimSpace(fmt.Sprint(v))
		}
	}
	return ""
}

func (t things) list(key string) []things {
	items, _ := t[key].([]any)
	var list []things
	for _, item := range items {
		if m, ok := item.(map[string]any); ok {
			list = append(list, m)
		}
	}
	return list
}

// HomeAssistant converts the sensors and binary sensors of Home Assistant's Modbus integration, in a configuration.yaml, or in
// the list that its modbus includes. What can be switched there is not taken.
func HomeAssistant(file string, content []byte) (*Result, error) {
	text, err := source.Text(content)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	var whole any
	if err := yaml.Unmarshal([]byte(text), &whole); err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	all, ok := whole.(map[string]any)
	if !ok {
		all = map[string]any{"modbus": whole}
	}
	hubs := things(all).list("modbus")
	if len(hubs) == 0 {
		return nil, fmt.Errorf("read %s: it has no list of hubs under modbus: not of Home Assistant", file)
	}
	r := &Result{}
	for i, hub := range hubs {
		name := first(hub.text("name"), "modbus")
		h := home{r: r, row: fmt.Sprintf("%s: modbus %d", file, i+1), name: name, hub: hub, units: map[string]*device{}}
		var why string
		if h.url, why = homeURL(hub); why != "" {
			r.refuse(h.row, name, why)
			continue
		}
		for _, s := range hub.list("sensors") {
			h.sensor(s)
		}
		for _, s := range hub.list("binary_sensors") {
			h.binary(s)
		}
		for _, kind := range []string{"climates", "covers", "fans", "lights", "switches"} {
			for _, s := range hub.list(kind) {
				r.refuse(h.row, s.text("name"), "only sensors and binary_sensors are taken, not "+kind)
			}
		}
	}
	return r, nil
}

type home struct {
	r     *Result
	row   string
	name  string
	url   string
	hub   things
	units map[string]*device
}

// homeURL is where a hub is.
func homeURL(hub things) (url, why string) {
	host, port := hub.text("host"), hub.text("port")
	kind := hub.text("type")
	if strings.ContainsAny(host+port, "?#%@ \t\r\n\\\"") || port == "" {
		return "", "its host or port is none"
	}
	switch kind {
	case "tcp", "udp", "rtuovertcp":
		if _, err := strconv.ParseUint(port, 10, 16); err != nil || host == "" {
			return "", "its host or port is none"
		}
		return kind + "://" + net.JoinHostPort(host, port), ""
	case "serial":
		number := func(key, otherwise string) string {
			if _, err := strconv.ParseUint(hub.text(key), 10, 32); err != nil {
				return otherwise
			}
			return hub.text(key)
		}
		parity := map[string]string{"E": "even", "O": "odd"}[strings.ToUpper(hub.text("parity"))]
		scheme := "rtu"
		if hub.text("method") == "ascii" {
			scheme = "ascii"
		}
		return fmt.Sprintf("%s://%s?baud=%s&data=%s&parity=%s&stop=%s", scheme, port, number("baudrate", "9600"), number("bytesize", "8"),
			first(parity, "none"), number("stopbits", "1")), ""
	}
	return "", fmt.Sprintf("there is no type %q", kind)
}

func (h *home) unit(id string) *device {
	if d := h.units[id]; d != nil {
		return d
	}
	name := h.name
	if id != "1" {
		name += "-" + id
	}
	d := h.r.device(name)
	d.set("driver", "modbus")
	d.set("url", h.url)
	unit, _ := strconv.Atoi(id)
	d.set("unit_id", unit)
	d.set("poll", "15s") // as there
	for _, option := range []struct {
		theirs, ours string
		step         time.Duration
	}{{"timeout", "timeout", time.Second}, {"delay", "pause_after_connect", time.Second}, {"message_wait_milliseconds", "pause", time.Millisecond}} {
		if n, err := strconv.Atoi(h.hub.text(option.theirs)); err == nil && n > 0 && n < 60_000 {
			d.set(option.ours, (time.Duration(n) * option.step).String())
		}
	}
	h.units[id] = d
	return d
}

// begun is the row of s as far as all have it, in which table it is, and of which unit; why it is none.
func (h *home) begun(s things, table string) (t tag, unit, why string) {
	unit = first(s.text("slave", "device_address"), "1")
	if _, err := strconv.ParseUint(unit, 10, 8); err != nil {
		return nil, "", fmt.Sprintf("there is no unit %s", unit)
	}
	at, err := strconv.ParseUint(s.text("address"), 0, 16)
	if err != nil {
		return nil, "", fmt.Sprintf("its address %q is no number", s.text("address"))
	}
	table, ok := homeTables[first(s.text("input_type"), table)]
	if !ok {
		return nil, "", fmt.Sprintf("there is no input_type %q", s.text("input_type"))
	}
	t = tag{"tag": s.text("name"), "address": fmt.Sprintf("%s:%d", table, at), "unit": s.text("unit_of_measurement")}
	if n, err := strconv.Atoi(s.text("scan_interval")); err == nil && n > 0 && n < 1_000_000 {
		t["poll"] = strconv.Itoa(n) + "s"
	}
	return t, unit, ""
}

func (h *home) sensor(s things) {
	name := s.text("name")
	t, unit, why := h.begun(s, "holding")
	if why != "" {
		h.r.refuse(h.row, name, why)
		return
	}
	typ, ok := homeTypes[s.text("data_type")]
	order, same := homeOrders[s.text("swap")]
	if !ok || !same {
		h.r.refuse(h.row, name, fmt.Sprintf("data_type %q, swap %q: there is no such type here", s.text("data_type"), s.text("swap")))
		return
	}
	var c change
	t["type"], t["order"] = typ, order
	if typ == "string" {
		n, err := strconv.Atoi(s.text("count"))
		if err != nil || n < 1 || n > mapping.MaxLength {
			h.r.refuse(h.row, name, "a text without its count of registers")
			return
		}
		t["type"] = "string:" + strconv.Itoa(2*n)
	} else {
		for column, nothing := range map[string]string{"scale": "1", "offset": "0"} {
			if v := s.text(column); v != nothing {
				t[column] = v
			}
		}
		t["invalid"] = homeNone(typ, s.text("nan_value"))
	}
	for _, key := range []string{"min_value", "max_value", "zero_suppress"} {
		if s.text(key) != "" {
			c.addf("without its %s", key)
		}
	}
	h.take(unit, t, c, s)
}

// homeNone is the value that means none, as the bits that it is.
func homeNone(typ, text string) string {
	bits, err := strconv.Atoi(strings.TrimLeft(typ, "abcdefghijklmnopqrstuvwxyz"))
	n, wrong := strconv.ParseInt(text, 0, 64)
	if err != nil || wrong != nil || strings.HasPrefix(typ, "float") {
		return text
	}
	return fmt.Sprintf("0x%0*X", bits/4, uint64(n)<<(64-bits)>>(64-bits))
}

// binary takes a coil or a discrete input, or bit 0 of a register.
func (h *home) binary(s things) {
	t, unit, why := h.begun(s, "coil")
	if why != "" {
		h.r.refuse(h.row, s.text("name"), why)
		return
	}
	if strings.HasPrefix(t["address"], "holding") || strings.HasPrefix(t["address"], "input") {
		t["address"] += ".b0"
		t["type"] = "bool"
	}
	h.take(unit, t, nil, s)
}

// take takes t, and as many of its kind after it as are wanted.
func (h *home) take(unit string, t tag, c change, s things) {
	more, err := strconv.Atoi(first(s.text("virtual_count", "slave_count"), "0"))
	if err != nil || more < 0 || more > maxElements || more > 0 && t["type"] == "bool" {
		h.r.refuse(h.row, s.text("name"), "its virtual_count is none that can be taken: make a row of each")
		return
	}
	step := 1
	if typ, n, err := mapping.ParseType(t["type"]); err == nil {
		step = max(typ.Registers(), (n+1)/2, 1)
	}
	table, number, _ := strings.Cut(t["address"], ":")
	at, _ := strconv.Atoi(number)
	for i := range more + 1 {
		one, said := maps.Clone(t), slices.Clone(c)
		if i > 0 {
			one["tag"] = fmt.Sprintf("%s/%d", t["tag"], i)
			one["address"] = fmt.Sprintf("%s:%d", table, at+i*step)
			said.addf("one of %d", more+1)
		}
		h.r.take(h.unit(unit), h.row, one, said)
	}
}
