package config

import (
	"cmp"
	"slices"
	"strings"
)

// Unit is what one member of a cluster reads as a whole: an endpoint; or those that derived devices are computed from together, and
// these devices.
type Unit struct {
	Key       string       // of the first of its endpoints, else of its derived devices, by name
	Endpoints []Connection // none where nothing is read
	Derived   []*Device
	Only      []string // these members may read it; none: all
	Prefer    string
}

// Units are those of c, in the order of their first devices.
func (c *Config) Units() []Unit {
	connections := c.Connections()
	together := newForest(connections)
	var list []Unit
	index := map[string]int{}
	for _, e := range connections {
		root := together.root(e.Key)
		at, ok := index[root]
		if !ok {
			at = len(list)
			index[root] = at
			list = append(list, Unit{})
		}
		list[at].add(e)
	}
	for i := range list {
		list[i].finish()
	}
	return list
}

// add adds an endpoint, or what is derived.
func (u *Unit) add(e Connection) {
	if e.Devices[0].IsDerived() {
		u.Derived = append(u.Derived, e.Devices...)
	} else {
		u.Endpoints = append(u.Endpoints, e)
	}
	switch {
	case len(u.Only) == 0:
		u.Only = e.Only
	case len(e.Only) > 0:
		u.Only = both(u.Only, e.Only)
	}
	u.Prefer = cmp.Or(u.Prefer, e.Prefer)
}

// both are the names that are in a and b.
func both(a, b []string) (list []string) {
	for _, name := range a {
		if slices.Contains(b, name) {
			list = append(list, name)
		}
	}
	return list
}

// finish chooses the key.
func (u *Unit) finish() {
	for _, e := range u.Endpoints {
		if u.Key == "" || e.Key < u.Key {
			u.Key = e.Key
		}
	}
	if u.Key != "" {
		return
	}
	for _, d := range u.Derived {
		if u.Key == "" || d.Endpoint.Key < u.Key {
			u.Key = d.Endpoint.Key
		}
	}
}

// Devices are those of u, as they are in the configuration.
func (u *Unit) Devices() (list []*Device) {
	for _, e := range u.Endpoints {
		list = append(list, e.Devices...)
	}
	return append(list, u.Derived...)
}

// Sources are the keys of the endpoints that each derived device of u is computed from, by its name; also of what is computed in
// between. What is computed from nothing that is read has all of u, or u's key.
func (u *Unit) Sources() map[string][]string {
	known := map[string]map[string]bool{} // keys by the device
	var all []string
	for _, e := range u.Endpoints {
		all = append(all, e.Key)
		for _, d := range e.Devices {
			known[d.Name] = map[string]bool{e.Key: true}
		}
	}
	if len(all) == 0 {
		all = []string{u.Key}
	}
	for _, d := range u.Derived {
		known[d.Name] = map[string]bool{}
	}
	for changed := true; changed; { // as often as they are computed from each other, in chains
		changed = false
		for _, d := range u.Derived {
			for _, from := range d.inputDevices() {
				for key := range known[from] {
					changed = changed || !known[d.Name][key]
					known[d.Name][key] = true
				}
			}
		}
	}
	found := map[string][]string{}
	for _, d := range u.Derived {
		if found[d.Name] = all; len(known[d.Name]) > 0 {
			found[d.Name] = nil
			for _, key := range all {
				if known[d.Name][key] {
					found[d.Name] = append(found[d.Name], key)
				}
			}
		}
	}
	return found
}

// inputDevices are the names of the devices that d is computed from.
func (d *Device) inputDevices() (list []string) {
	for _, in := range d.Derived.Inputs {
		device, _, _ := strings.Cut(in.Name, "/")
		if n := len(list); n == 0 || list[n-1] != device { // they are sorted by name
			list = append(list, device)
		}
	}
	return list
}

// forest says which endpoints belong together: each key leads to another one of them, but for the root.
type forest map[string]string

// newParts joins what is derived with what it is computed from.
func newForest(connections []Connection) forest {
	p, keyOf := forest{}, map[string]string{}
	for _, e := range connections {
		for _, d := range e.Devices {
			keyOf[d.Name] = e.Key
		}
	}
	for _, e := range connections {
		for _, d := range e.Devices {
			for _, from := range d.inputDevices() {
				if key, ok := keyOf[from]; ok {
					p.join(e.Key, key)
				}
			}
		}
	}
	return p
}

// root is equal for keys that belong together.
func (p forest) root(key string) string {
	for {
		next, ok := p[key]
		if !ok {
			return key
		}
		if after, ok := p[next]; ok {
			p[key] = after
		}
		key = next
	}
}

func (p forest) join(a, b string) {
	if a, b = p.root(a), p.root(b); a != b {
		p[a] = b
	}
}
