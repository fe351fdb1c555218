package config

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"tagbridge/mapping/source"
)

// endpointOptions are what belongs to a connection and must therefore be equal in all devices behind it.
var endpointOptions = []struct {
	key string
	of  func(e *Endpoint) string
}{
	{"transport", func(e *Endpoint) string { return e.Transport }},
	{"baud", func(e *Endpoint) string { return strconv.Itoa(e.Serial.Baud) }},
	{"data", func(e *Endpoint) string { return strconv.Itoa(e.Serial.Data) }},
	{"parity", func(e *Endpoint) string { return e.Serial.Parity }},
	{"stop", func(e *Endpoint) string { return strconv.Itoa(e.Serial.Stop) }},
	{"pause", func(e *Endpoint) string { return source.ShowDuration(e.Pause) }},
	{"connections", func(e *Endpoint) string { return strconv.Itoa(e.Connections) }},
	{"echo", func(e *Endpoint) string { return strconv.FormatBool(e.Echo) }},
	{"rs485", func(e *Endpoint) string { return fmt.Sprintf("%+v", e.RS485) }},
	{"gateway_baud", func(e *Endpoint) string { return strconv.Itoa(e.GatewayBaud) }},
	{"probe_share", func(e *Endpoint) string { return strconv.FormatFloat(e.ProbeShare, 'g', -1, 64) }},
	{"pause_after_connect", func(e *Endpoint) string { return source.ShowDuration(e.AfterConnect) }},
	{"close_after_poll", func(e *Endpoint) string { return strconv.FormatBool(e.CloseAfter) }},
	{"only", func(e *Endpoint) string { return cmp.Or(strings.Join(e.Only, ", "), "not there") }},
	{"prefer", func(e *Endpoint) string { return cmp.Or(e.Prefer, "not there") }},
	{"tls", func(e *Endpoint) string { return fmt.Sprintf("%+v", e.TLS) }},
}

// checkEndpoints reports options that devices of one connection have different.
func checkEndpoints(devices []readDevice) {
	first := map[string]*readDevice{}
	for i := range devices {
		r := &devices[i]
		if r.Endpoint.Key == "" {
			continue
		}
		f, ok := first[r.Endpoint.Key]
		if !ok {
			first[r.Endpoint.Key] = r
			continue
		}
		for _, o := range endpointOptions {
			mine, theirs := o.of(&r.Endpoint), o.of(&f.Endpoint)
			if mine == theirs {
				continue
			}
			what := fmt.Sprintf("%s is %s, but %s for", o.key, mine, theirs)
			if o.key == "tls" || o.key == "rs485" {
				what = o.key + " is not that of"
			}
			other := endpointPlace(f.s, o.key)
			r.s.Doc.Problemf(endpointPlace(r.s, o.key), "%s device %s (%s:%d:%d), which shares the connection: write it alike in both",
				what, f.Name, f.s.Doc.File, other.Line, other.Col)
		}
	}
}

// endpointPlace is where an option of the connection stands: with its key, else in the URL.
func endpointPlace(s *source.Section, key string) source.Place {
	if s.Has(key) {
		return s.Place(key)
	}
	return s.Place("url")
}

// Connection is an endpoint with the devices behind it.
type Connection struct {
	Endpoint
	Devices []*Device
}

// Connections groups the devices of c by the connection that they share, in the order of the file, but for those that are
// computed from others: these come last.
func (c *Config) Connections() []Connection {
	var list []Connection
	index := map[string]int{}
	for i := range c.Devices {
		dev := &c.Devices[i]
		at, ok := index[dev.Endpoint.Key]
		if !ok {
			at = len(list)
			index[dev.Endpoint.Key] = at
			list = append(list, Connection{Endpoint: dev.Endpoint})
		}
		list[at].Devices = append(list[at].Devices, dev)
	}
	slices.SortStableFunc(list, func(a, b Connection) int { return rank(a) - rank(b) })
	if n := len(list); n > 0 && rank(list[n-1]) > 0 {
		list[n-1].Devices = innermostFirst(list[n-1].Devices)
	}
	return list
}

// rank has what is computed come after what it is computed from.
func rank(c Connection) int {
	if c.Devices[0].IsDerived() {
		return 1
	}
	return 0
}
