package config

import (
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"tagbridge/mapping"
)

// readDevice is a device with what messages about it need.
type readDevice struct {
	Device
	s    *section
	list *tagList // never nil
}

// devices reads the list of them. The disabled are checked like all others, and left out.
func (d *reader) devices(root *section) []readDevice {
	nodes := root.list("devices", "devices")
	if len(nodes) == 0 && root.node("devices") == nil {
		d.missingPart(root, "devices", "no devices: there is nothing to read")
	}
	var devices []readDevice
	names := newNames("device")
	for _, n := range nodes {
		d.begin()
		r, enabled := d.device(n)
		r.Held = d.end()
		if !enabled {
			continue
		}
		names.add(r.s.d, r.s.place("name"), r.Name)
		devices = append(devices, r)
	}
	return devices
}

func (d *reader) missingPart(root *section, part, message string) {
	p := Problem{File: d.file, Line: root.at.line, Column: root.at.col, Warning: true, Message: message}
	if !root.has(part) {
		p.MissingPart = part
	}
	d.l.add(p)
}

func (d *reader) device(n *yaml.Node) (r readDevice, enabled bool) {
	s := d.section(n, "device")
	r.s, r.list = s, &tagList{}
	if n.Kind != yaml.MappingNode {
		return r, false
	}
	r.Name = s.name("name")
	if r.Name != "" {
		s.what = "device " + r.Name
	}
	r.Source = mapping.Source{File: d.file, Line: s.at.line}
	r.Driver = s.oneOf("driver", "modbus", "opcua")
	enabled = s.bool("enabled", true)
	r.Poll = s.duration("poll", time.Second, pollBounds)
	r.Align = s.bool("align", false)
	r.Timeout = s.duration("timeout", time.Second, between[time.Duration](time.Millisecond, 10*time.Minute))
	r.Retries = s.int("retries", 1, between[int](0, 100))
	r.Measurement = readMeasurement(s, r.Name)
	r.Labels = readLabels(s, "labels")
	if r.Driver == "opcua" {
		readOPCUA(s, &r.Device)
	} else {
		readModbus(s, &r.Device)
	}
	r.list = d.maps.read(s, &defaults{driver: r.Driver, mode: r.Mode, poll: r.Poll, order: r.Order, labels: r.Labels})
	r.Tags = r.list.tags
	checkFit(&r)
	s.done()
	return r, enabled
}

func readMeasurement(s *section, def string) string {
	v := s.value("measurement")
	if !v.ok {
		return def
	}
	if v.open {
		return v.text
	}
	switch reason := textFault(v.text); {
	case v.text == "":
		v.problemf("must not be empty; left out, it is the device's name")
	case reason != "":
		v.problemf("%s", reason)
	case v.text[0] == '_':
		v.problemf("InfluxDB keeps measurements that begin with _ to itself")
	default:
		return v.text
	}
	return def
}

// names finds names that are given twice.
type names struct {
	what   string
	places map[string]place
	folded map[string]string
}

func newNames(what string) *names {
	return &names{what: what, places: map[string]place{}, folded: map[string]string{}}
}

func (n *names) add(d *doc, p place, name string) {
	if name == "" {
		return
	}
	if first, ok := n.places[name]; ok {
		d.problemf(p, "name %q: another %s in line %d has this name", name, n.what, first.line)
		return
	}
	n.places[name] = p
	lower := strings.ToLower(name)
	if other, ok := n.folded[lower]; ok {
		d.warnf(p, "name %q: differs from %s %q in line %d by capitals only; some file systems take both for one",
			name, n.what, other, n.places[other].line)
		return
	}
	n.folded[lower] = name
}
