package config

import (
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"tagbridge/mapping"
	"tagbridge/mapping/source"
	"tagbridge/mapping/tagmap"
)

// readDevice is a device with what messages about it need.
type readDevice struct {
	Device
	s    *source.Section
	list *tagmap.List // never nil
}

// devices reads the list of them. The disabled are checked like all others, and left out.
func (d *reader) devices(root *source.Section) []readDevice {
	nodes := root.List("devices", "devices")
	if len(nodes) == 0 && root.Node("devices") == nil {
		d.missingPart(root, "devices", "no devices: there is nothing to read")
	}
	var devices []readDevice
	names := newNames("device")
	d.used = usedMaps{index: map[string]int{}}
	for _, n := range nodes {
		d.Begin()
		r, enabled := d.device(n)
		r.Held = d.End()
		d.used.add(d.File, &r)
		if !enabled {
			continue
		}
		names.add(r.s.Doc, r.s.Place("name"), r.Name)
		devices = append(devices, r)
	}
	return devices
}

func (d *reader) missingPart(root *source.Section, part, message string) {
	p := source.Problem{File: d.File, Line: root.At.Line, Column: root.At.Col, Warning: true, Message: message}
	if !root.Has(part) {
		p.MissingPart = part
	}
	d.Add(p)
}

func (d *reader) device(n *yaml.Node) (r readDevice, enabled bool) {
	s := d.Section(n, "device")
	r.s, r.list = s, &tagmap.List{}
	if n.Kind != yaml.MappingNode {
		return r, false
	}
	r.Name = s.Name("name")
	if r.Name != "" {
		s.What = "device " + r.Name
	}
	r.Source = mapping.Source{File: d.File, Line: s.At.Line}
	driver := readDriver(s)
	r.Driver = driver.name
	enabled = s.Bool("enabled", true)
	r.Poll = s.Duration("poll", time.Second, tagmap.PollBounds)
	r.Align = s.Bool("align", false)
	r.Timeout = s.Duration("timeout", time.Second, source.Between[time.Duration](time.Millisecond, 10*time.Minute))
	r.Retries = s.Int("retries", 1, source.Between[int](0, 100))
	r.Measurement = readMeasurement(s, r.Name)
	r.Labels = tagmap.ReadLabels(s, "labels")
	driver.read(s, &r.Device)
	driver.foreignKeys(s)
	r.list = d.maps.Read(s, &tagmap.Defaults{Driver: r.Driver, Pushed: r.Pushed(), Poll: r.Poll, Order: r.Modbus.Order, Labels: r.Labels, Zone: r.Timezone()})
	r.Tags = r.list.Tags
	checkSize(&r)
	if driver.check != nil {
		driver.check(&r)
	}
	s.Done()
	return r, enabled
}

func readMeasurement(s *source.Section, def string) string {
	v := s.Value("measurement")
	if !v.OK {
		return def
	}
	if v.Open {
		return v.Text
	}
	switch reason := tagmap.TextFault(v.Text); {
	case v.Text == "":
		v.Problemf("must not be empty; left out, it is the device's name")
	case reason != "":
		v.Problemf("%s", reason)
	case v.Text[0] == '_':
		v.Problemf("InfluxDB keeps measurements that begin with _ to itself")
	default:
		return v.Text
	}
	return def
}

// names finds names that are given twice.
type names struct {
	what   string
	places map[string]source.Place
	folded map[string]string
}

func newNames(what string) *names {
	return &names{what: what, places: map[string]source.Place{}, folded: map[string]string{}}
}

func (n *names) add(d *source.Doc, p source.Place, name string) {
	if name == "" {
		return
	}
	if first, ok := n.places[name]; ok {
		d.Problemf(p, "name %q: another %s in line %d has this name", name, n.what, first.Line)
		return
	}
	n.places[name] = p
	lower := strings.ToLower(name)
	if other, ok := n.folded[lower]; ok {
		d.Warnf(p, "name %q: differs from %s %q in line %d by capitals only; some file systems take both for one",
			name, n.what, other, n.places[other].Line)
		return
	}
	n.folded[lower] = name
}
