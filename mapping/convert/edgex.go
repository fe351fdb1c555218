package convert

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"tagbridge/mapping/source"
)

// edgexProfile is a device profile of EdgeX, or a list of its devices.
type edgexProfile struct {
	Name            string
	DeviceResources []edgexResource `yaml:"deviceResources"`
	DeviceCommands  []struct {
		ResourceOperations []struct {
			DeviceResource string            `yaml:"deviceResource"`
			Mappings       map[string]string `yaml:"mappings"`
		} `yaml:"resourceOperations"`
	} `yaml:"deviceCommands"`
	DeviceList []edgexDevice `yaml:"deviceList"`
}

type edgexResource struct {
	Name        string
	Description string
	Attributes  map[string]any
	Properties  map[string]any
}

type edgexDevice struct {
	Name        string
	ProfileName string                      `yaml:"profileName"`
	Protocols   map[string]map[string]any   `yaml:"protocols"`
	AutoEvents  []struct{ Interval string } `yaml:"autoEvents"`
}

var edgexTables = map[string]string{
	"COILS": "coil", "DISCRETES_INPUT": "discrete", "DISCRETE_INPUTS": "discrete", "INPUT_REGISTERS": "input", "HOLDING_REGISTERS": "holding",
}

var edgexTypes = map[string]string{
	"bool": "bool", "int16": "int16", "int32": "int32", "int64": "int64", "uint16": "uint16", "uint32": "uint32", "uint64": "uint64",
	"float32": "float32", "float64": "float64",
}

// EdgeX converts a device profile of EdgeX's Modbus service, in YAML or JSON. Where its devices are is in another file: url
// is, unless the list of devices is in the same one, as a second document.
func EdgeX(file string, content []byte, url string) (*Result, error) {
	text, err := source.Text(content)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	var all edgexProfile
	decoder := yaml.NewDecoder(bytes.NewReader([]byte(text)))
	for range 100 {
		var one edgexProfile
		if err := decoder.Decode(&one); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, fmt.Errorf("read %s: %w", file, err)
		}
		all.Name = first(all.Name, one.Name)
		all.DeviceResources = append(all.DeviceResources, one.DeviceResources...)
		all.DeviceCommands = append(all.DeviceCommands, one.DeviceCommands...)
		all.DeviceList = append(all.DeviceList, one.DeviceList...)
	}
	if len(all.DeviceResources) == 0 {
		return nil, fmt.Errorf("read %s: it has no deviceResources: not a device profile of EdgeX. A list of devices goes with it as a second document, after a line ---", file)
	}
	r := &Result{}
	devices := all.devices(r, file, url)
	texts := all.texts()
	for _, resource := range all.DeviceResources {
		t, c, why := resource.tag()
		if why != "" {
			r.refuse(file, resource.Name, why)
			continue
		}
		if list := texts[resource.Name]; list != "" && t["type"] != "bool" && t["scale"] == "" && t["offset"] == "" {
			t["enum"] = list
		}
		r.take(devices[0], file, t, c)
	}
	for _, d := range devices[1:] {
		d.tags = devices[0].tags
	}
	return r, nil
}

// devices are those of the list that have this profile, or one where url says.
func (p *edgexProfile) devices(r *Result, file, url string) (list []*device) {
	for _, e := range p.DeviceList {
		if e.ProfileName != p.Name {
			continue
		}
		address, unit, why := e.where()
		if why != "" {
			r.refuse(file, e.Name, why)
			continue
		}
		d := r.device(e.Name)
		d.set("driver", "modbus")
		d.set("url", address)
		d.set("unit_id", unit)
		for _, event := range e.AutoEvents {
			if every, err := time.ParseDuration(event.Interval); err == nil && every > 0 {
				d.set("poll", max(every, 10*time.Millisecond).String())
				break
			}
		}
		list = append(list, d)
	}
	if len(list) == 0 {
		d := r.device(first(p.Name, "edgex"))
		d.set("driver", "modbus")
		d.set("url", url)
		d.set("unit_id", 1)
		list = append(list, d)
	}
	return list
}

// where is a device's address and unit.
func (e *edgexDevice) where() (url string, unit int, why string) {
	for _, name := range slices.Sorted(maps.Keys(e.Protocols)) {
		p := e.Protocols[name]
		get := func(key, otherwise string) string {
			if v, ok := p[key]; ok {
				return fmt.Sprint(v)
			}
			return otherwise
		}
		unit, err := strconv.ParseUint(get("UnitID", "1"), 10, 8)
		address, number := get("Address", ""), get("Port", "502")
		_, odd := strconv.ParseUint(number, 10, 16)
		switch {
		case err != nil || odd != nil || address == "" || strings.ContainsAny(address, "?#%@ \t\r\n\\\""):
			return "", 0, "its Address, Port or UnitID is none"
		case name == "modbus-tcp":
			return "tcp://" + net.JoinHostPort(address, number), int(unit), ""
		case name == "modbus-rtu":
			parity := map[string]string{"N": "none", "E": "even", "O": "odd"}[strings.ToUpper(get("Parity", "N"))]
			return fmt.Sprintf("rtu://%s?baud=%s&data=%s&parity=%s&stop=%s", address, get("BaudRate", "9600"), get("DataBits", "8"),
				first(parity, "none"), get("StopBits", "1")), int(unit), ""
		}
	}
	return "", 0, "it is not read over modbus-tcp or modbus-rtu"
}

// texts are lists of values with their texts, by resources.
func (p *edgexProfile) texts() map[string]string {
	all := map[string]string{}
	for _, c := range p.DeviceCommands {
		for _, o := range c.ResourceOperations {
			texts := map[int]string{}
			for value, text := range o.Mappings {
				if n, err := strconv.Atoi(value); err == nil && text != "" && !strings.ContainsAny(text, "|=") {
					texts[n] = text
				}
			}
			var list []string
			for _, n := range slices.Sorted(maps.Keys(texts)) {
				list = append(list, fmt.Sprintf("%d=%s", n, texts[n]))
			}
			if all[o.DeviceResource] == "" {
				all[o.DeviceResource] = strings.Join(list, "|")
			}
		}
	}
	return all
}

// tag is the resource as a row; why says why it is none.
func (e *edgexResource) tag() (t tag, c change, why string) {
	get := func(of map[string]any, key string) string {
		for k, v := range of {
			if strings.EqualFold(k, key) && v != nil {
				return strings.TrimSpace(fmt.Sprint(v))
			}
		}
		return ""
	}
	table, ok := edgexTables[strings.ToUpper(get(e.Attributes, "primaryTable"))]
	if !ok {
		return nil, nil, fmt.Sprintf("there is no primaryTable %q", get(e.Attributes, "primaryTable"))
	}
	if strings.EqualFold(get(e.Properties, "readWrite"), "W") {
		return nil, nil, "it can only be written, and tagbridge only reads"
	}
	if strings.EqualFold(get(e.Properties, "readWrite"), "RW") {
		c.addf("it is only read")
	}
	t = tag{"tag": e.Name, "description": e.Description, "unit": get(e.Properties, "units")}
	number, bit := edgexAddress(e.Attributes["startingAddress"])
	t["address"] = table + ":" + number
	value := strings.ToLower(get(e.Properties, "valueType"))
	raw := strings.ToLower(first(get(e.Attributes, "rawType"), value))
	if why := edgexType(t, table, value, raw, bit); why != "" {
		return nil, nil, why
	}
	if n, err := strconv.Atoi(get(e.Attributes, "stringRegisterSize")); value == "string" && err == nil {
		t["type"] = "string:" + strconv.Itoa(2*n)
	}
	if strings.HasSuffix(t["type"], "32") {
		t["order"] = edgexOrder(get(e.Attributes, "isByteSwap") == "true", get(e.Attributes, "isWordSwap") == "true")
	}
	return t, c, edgexScale(t, func(key string) string { return get(e.Properties, key) })
}

// edgexAddress is the number and the bit of an address, which may be a number with a part: EdgeX writes that with two places.
func edgexAddress(v any) (number, bit string) {
	text := strings.TrimSpace(fmt.Sprint(v))
	if f, ok := v.(float64); ok {
		text = strconv.FormatFloat(f, 'f', 2, 64)
	}
	number, bit, _ = strings.Cut(text, ".")
	return number, bit
}

// edgexType fills in the type.
func edgexType(t tag, table, value, raw, bit string) (why string) {
	words := table == "holding" || table == "input"
	switch {
	case value == "string":
		t["type"] = "string"
		return ""
	case value == "bool" && words:
		n, err := strconv.Atoi(first(bit, "0"))
		if err != nil || n > 15 {
			return fmt.Sprintf("a register has no bit %s", bit)
		}
		t["address"] += ".b" + strconv.Itoa(n)
		t["type"] = "bool"
		return ""
	}
	typ, ok := edgexTypes[raw]
	if _, known := edgexTypes[value]; !ok || !known {
		return fmt.Sprintf("there is no type %q", first(value, raw))
	}
	if words {
		t["type"] = typ
	} else if value != "bool" {
		return "a coil is a single bit, and no " + value
	}
	return ""
}

// edgexOrder is the order of 32 bits; others are not swapped.
func edgexOrder(bytes, words bool) string {
	switch {
	case bytes && words:
		return "DCBA"
	case bytes:
		return "BADC"
	case words:
		return "CDAB"
	}
	return ""
}

// edgexScale takes over mask, shift, base, scale and offset.
func edgexScale(t tag, get func(string) string) (why string) {
	none := func(text, nothing string) bool { return text == "" || text == nothing || text == nothing+".0" }
	if !none(get("base"), "0") {
		return "it is base to the power of the value, which no row can say: compute it with expr"
	}
	if why := edgexBits(t, get("mask"), get("shift")); why != "" {
		return why
	}
	if t["type"] == "bool" || t["type"] == "" {
		return ""
	}
	if s := get("scale"); !none(s, "1") && s != "0" {
		t["scale"] = s
	}
	if o := get("offset"); !none(o, "0") {
		t["offset"] = o
	}
	return ""
}

// edgexBits has t be the bits that are left of a register by mask and shift, to the right where it is negative.
func edgexBits(t tag, mask, shift string) (why string) {
	m, err := strconv.ParseUint(first(mask, "0"), 0, 64)
	s, wrong := strconv.Atoi(first(shift, "0"))
	if err != nil || wrong != nil {
		return "its mask or shift is no number"
	}
	if m == 0 && s == 0 {
		return ""
	}
	if t["type"] != "uint16" && t["type"] != "int16" || m == 0 || m > 0xFFFF || s > 0 {
		return "its mask and shift are none of bits of one register: compute it with expr and bit()"
	}
	width := strings.Count(strconv.FormatUint(m, 2), "1")
	if m>>(-s) != 1<<width-1 {
		return fmt.Sprintf("its mask %#x is not that of bits next to each other, down to the last after its shift: compute it with expr and bit()", m)
	}
	t["address"] += ".b" + strconv.Itoa(-s)
	t["type"] = "bits:" + strconv.Itoa(width)
	return ""
}
