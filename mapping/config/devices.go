package config

import (
	"cmp"
	"fmt"
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
	take := func(s *source.Section, proper bool) {
		d.Begin()
		s.Doc.Begin()
		r, enabled := d.device(s, proper)
		r.Held = cmp.Or(s.Doc.End(), d.End())
		d.used.add(s.Doc.File, &r)
		if !enabled {
			return
		}
		names.add(r.s.Doc, r.s.Place("name"), r.Name)
		devices = append(devices, r)
	}
	defaults := d.tableDefaults(root)
	for _, n := range nodes {
		if n.Kind == yaml.ScalarNode && !source.IsNull(n) {
			d.deviceTable(d.Value("devices", n), defaults, take)
			continue
		}
		take(d.Section(n, "device"), n.Kind == yaml.MappingNode)
	}
	defaults.done()
	return devices
}

func (d *reader) missingPart(root *source.Section, part, message string) {
	p := source.Problem{File: d.File, Line: root.At.Line, Column: root.At.Col, Warning: true, Message: message}
	if !root.Has(part) {
		p.MissingPart = part
	}
	d.Add(p)
}

// device reads one; proper is false of what cannot be one, which was reported.
func (d *reader) device(s *source.Section, proper bool) (r readDevice, enabled bool) {
	r.s, r.list = s, &tagmap.List{}
	if !proper {
		return r, false
	}
	r.Name = s.Name("name")
	if r.Name != "" {
		s.What = "device " + r.Name
	}
	r.Source = mapping.Source{File: s.Doc.File, Line: s.At.Line}
	profileDefaults(s, s.Peek("tags"))
	driver := readDriver(s)
	r.Driver = driver.name
	enabled = s.Bool("enabled", true)
	r.Poll = s.Duration("poll", time.Second, tagmap.PollBounds)
	r.Align = s.Bool("align", false)
	r.Timeout = s.Duration("timeout", time.Second, source.Between[time.Duration](time.Millisecond, 10*time.Minute))
	r.Retries = s.Int("retries", 1, source.Between[int](0, 100))
	r.Measurement = readMeasurement(s, r.Name)
	r.Labels = d.withNode(tagmap.ReadLabels(s, "labels"))
	driver.read(s, &r.Device)
	driver.foreignKeys(s)
	readPlacement(s, &r.Endpoint)
	def := r.Defaults()
	r.list = d.maps.Read(s, &def)
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
	files  map[string]string
	folded map[string]string
}

func newNames(what string) *names {
	return &names{what: what, places: map[string]source.Place{}, files: map[string]string{}, folded: map[string]string{}}
}

func (n *names) add(d *source.Doc, p source.Place, name string) {
	if name == "" {
		return
	}
	if first, ok := n.places[name]; ok {
		where := fmt.Sprintf("in line %d", first.Line)
		if n.files[name] != d.File {
			where = fmt.Sprintf("in %s:%d", n.files[name], first.Line)
		}
		d.Problemf(p, "name %q: another %s %s has this name", name, n.what, where)
		return
	}
	n.places[name], n.files[name] = p, d.File
	lower := strings.ToLower(name)
	if other, ok := n.folded[lower]; ok {
		d.Warnf(p, "name %q: differs from %s %q in line %d by capitals only; some file systems take both for one",
			name, n.what, other, n.places[other].Line)
		return
	}
	n.folded[lower] = name
}
