package config

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"tagbridge/mapping"
	"tagbridge/mapping/source"
	"tagbridge/mapping/tagmap"
)

// derivedKeys are the keys that only derived devices have, but for mode: that of OPC UA devices takes other words.
var derivedKeys = []string{"mode", "of"}

// readDerived reads what only derived devices have. They are on no connection: one lane computes all of them.
func readDerived(s *source.Section, dev *Device) {
	dev.Endpoint = Endpoint{Key: derivedKey, Connections: 1, ProbeShare: 0.05}
	dev.Derived.Mode = s.OneOf("mode", poll, change)
	dev.Derived.Of = s.Text("of", "")
	if v := s.Value("url"); v.OK {
		v.Shown = redactURL(v.Shown)
		v.Problemf("a derived device is computed from others, and is at no address: leave the url out")
	}
}

// derivedKey is the key of what is derived; in a cluster each device has its own, which begins like that.
const derivedKey = "derived"

// Alone reports of derived devices that no other one is computed on their connection: there is a cluster.
func (e *Endpoint) Alone() bool { return e.Key != derivedKey }

// IsDerived reports that d is computed from other devices.
func (d *Device) IsDerived() bool { return d.Derived.Mode != "" }

// maxNamesTold is among how many names the nearest one is looked for.
const maxNamesTold = 20_000

// derivation compiles what the formulas of derived devices name, which is in other devices.
type derivation struct {
	devices map[string]*readDevice
	owner   map[*mapping.Tag]*readDevice       // of tags of derived devices
	tags    map[string]map[string]*mapping.Tag // by device and name, as far as one was looked for
}

// resolveDerived compiles the formulas of derived devices, and gives each its own tags, complete and in the order in which
// they are computed.
func resolveDerived(devices []readDevice, zone *time.Location) {
	r := derivation{devices: map[string]*readDevice{}, owner: map[*mapping.Tag]*readDevice{}, tags: map[string]map[string]*mapping.Tag{}}
	var formulas []tagmap.Formula
	for i := range devices {
		d := &devices[i]
		if r.devices[d.Name] == nil {
			r.devices[d.Name] = d
		}
		if !d.IsDerived() {
			continue
		}
		d.list = d.list.Clone()
		for _, t := range d.list.Tags {
			r.owner[t] = d
		}
		formulas = append(formulas, d.list.Formulas...)
	}
	if len(r.owner) == 0 {
		return
	}
	r.checkOf()
	order := tagmap.Resolve(formulas, tagmap.Names{Find: r.find, All: r.all, Elsewhere: r.elsewhere})
	for i := range devices {
		if d := &devices[i]; d.IsDerived() {
			d.Tags = nil
		}
	}
	for _, t := range order {
		if d := r.owner[t]; d != nil && !tagmap.Broken(t) {
			d.Tags = append(d.Tags, t)
		}
	}
	ages := ages{derivation: &r, known: map[*mapping.Tag]time.Duration{}, changes: map[*mapping.Tag]bool{}}
	for i := range devices {
		if d := &devices[i]; d.IsDerived() {
			d.list.Tags = d.Tags
			d.Derived.Inputs = ages.inputs(d)
			ages.reckon(d, zone)
		}
	}
	checkReckoned(devices)
}

// checkOf reports a device under of that is none.
func (r *derivation) checkOf() {
	for _, d := range r.devices {
		v := d.s.Value("of")
		if !d.IsDerived() || d.Derived.Of == "" || r.devices[d.Derived.Of] != nil || v.Open {
			continue
		}
		v.Problemf("no enabled device has this name%s", source.DidYouMean(d.Derived.Of, slices.Sorted(maps.Keys(r.devices))))
	}
}

// tag is that of a device; nil: there is none.
func (r *derivation) tag(device, name string) *mapping.Tag {
	d := r.devices[device]
	if d == nil {
		return nil
	}
	tags := r.tags[device]
	if tags == nil {
		tags = make(map[string]*mapping.Tag, len(d.list.Tags))
		for _, t := range d.list.Tags {
			tags[t.Name] = t
		}
		r.tags[device] = tags
	}
	if t := tags[name]; t != nil {
		return t
	}
	if t := tags[tagmap.ArrayOf(name)]; t != nil && t.EachElement() {
		return t
	}
	return nil
}

// find implements tagmap.Names.
func (r *derivation) find(t *mapping.Tag, name string) (found *mapping.Tag, whole string, broken bool) {
	if device, tag, ok := strings.Cut(name, "/"); ok {
		if found = r.tag(device, tag); found != nil {
			return found, name, false
		}
	}
	if of := r.owner[t].Derived.Of; of != "" {
		if found = r.tag(of, name); found != nil {
			return found, of + "/" + name, false
		}
	}
	return nil, name, false
}

// all implements tagmap.Names.
func (r *derivation) all(t *mapping.Tag) []string {
	var names []string
	add := func(d *readDevice, prefix string) {
		for _, t := range d.list.Tags {
			if len(names) < maxNamesTold {
				names = append(names, prefix+t.Name)
			}
		}
	}
	own := r.owner[t]
	if of := r.devices[own.Derived.Of]; of != nil {
		add(of, "")
	}
	for _, name := range slices.Sorted(maps.Keys(r.devices)) {
		add(r.devices[name], name+"/")
	}
	return names
}

// elsewhere implements tagmap.Names.
func (r *derivation) elsewhere(name string) string {
	for _, device := range slices.Sorted(maps.Keys(r.devices)) {
		if r.tag(device, name) != nil {
			return device + "/" + name
		}
	}
	return ""
}

// ages finds out for how long values of tags are of the present.
type ages struct {
	*derivation
	known   map[*mapping.Tag]time.Duration
	changes map[*mapping.Tag]bool // see byChange
}

// inputs are what the formulas of d need of other devices.
func (a *ages) inputs(d *readDevice) []Input {
	seen := map[string]bool{}
	var list []Input
	for _, t := range d.Tags {
		for _, name := range t.Computed.Inputs() {
			device, tag, _ := strings.Cut(name, "/")
			if device == d.Name || seen[name] {
				continue
			}
			seen[name] = true
			list = append(list, Input{Name: name, MaxAge: mapping.StaleAfter * a.period(device, a.tag(device, tag))})
		}
	}
	slices.SortFunc(list, func(x, y Input) int { return cmp.Compare(x.Name, y.Name) })
	return list
}

// period is within how long a new value of t, a tag of that device, comes; 0: there is no such time.
func (a *ages) period(device string, t *mapping.Tag) time.Duration {
	d := a.devices[device]
	switch {
	case d.Pushed():
		return 0
	case !d.IsDerived():
		return t.Poll
	case t.IsReckoned() && t.Computed.Reckoned.Total == mapping.NoTotal:
		return windowPeriod(t)
	}
	if p, ok := a.known[t]; ok {
		return p
	}
	fastest := time.Duration(0)
	for _, name := range t.Computed.Inputs() {
		device, tag, _ := strings.Cut(name, "/")
		if p := a.period(device, a.tag(device, tag)); p > 0 && (fastest == 0 || p < fastest) {
			fastest = p
		}
	}
	if fastest > 0 && d.Derived.Mode == poll {
		fastest = max(fastest, t.Poll)
	}
	a.known[t] = fastest
	return fastest
}

// innermostFirst has each of derived devices come after those that it is computed from, as far as they do not need each
// other.
func innermostFirst(devices []*Device) (list []*Device) {
	byName := map[string]*Device{}
	for _, d := range devices {
		byName[d.Name] = d
	}
	var place func(d *Device)
	place = func(d *Device) {
		delete(byName, d.Name)
		for _, in := range d.Derived.Inputs {
			device, _, _ := strings.Cut(in.Name, "/")
			if inner := byName[device]; inner != nil {
				place(inner)
			}
		}
		list = append(list, d)
	}
	for _, d := range devices {
		if byName[d.Name] != nil {
			place(d)
		}
	}
	return list
}
