package mqtt

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"tagbridge/mapping"
	"tagbridge/sinks"
)

// house is a group with tags of every kind.
func house() *mapping.Group {
	series := func(tag, unit string, kind mapping.Kind, enum ...mapping.EnumText) *mapping.Series {
		return &mapping.Series{Tag: tag, SeriesTraits: &mapping.SeriesTraits{Unit: unit, Kind: kind, Enum: enum}}
	}
	return mapping.NewGroup(mapping.Group{Bridge: "line-3", Device: "heat pump", Series: []*mapping.Series{
		series("supply", "degC", mapping.Dec), series("energy", "kWh", mapping.Int64), series("reading", "kWh", mapping.Int64),
		series("door", "", mapping.Bool), series("state", "", mapping.Uint, mapping.EnumText{Text: "off"}, mapping.EnumText{Value: 1, Text: "on"}),
		series("supply.alarm", "", mapping.Int, mapping.EnumText{Text: "none"}, mapping.EnumText{Value: 1, Text: "lo"}),
		series("name", "", mapping.Text), series("load", "%", mapping.F64), series("water", "m3", mapping.Dec), series("tank", "m3", mapping.Dec),
		series("zone/1 °", "", mapping.Int), series("zone/1 _", "", mapping.Int), series("later", "", mapping.None),
	}})
}

// housed is a view of one sample of every series of g, good or not.
func housed(g *mapping.Group, q mapping.Quality) *sinks.View {
	var v sinks.View
	b := mapping.Batch{Group: g}
	for i, s := range g.Series {
		m := mapping.Sample{Time: int64(time.Second), Index: uint16(i), Kind: s.Kind, Bits: 1, Quality: q}
		switch {
		case q.IsBad():
			m.Kind = mapping.None
		case s.Kind == mapping.Text:
			m.Bits = uint64(len(b.Blob))<<32 | 2
			b.Blob = append(b.Blob, "ab"...)
		}
		b.Samples = append(b.Samples, m)
	}
	v.Append(&b, nil)
	return &v
}

// totals are the tags that add up.
func totals(_, tag string) Known {
	return Known{There: true, Total: map[string]mapping.Total{"energy": mapping.TimeTotal, "water": mapping.CounterTotal}[tag]}
}

// openHome makes a sink that tells Home Assistant, at the broker at address.
func openHome(t testing.TB, address string, change func(*Options)) Home {
	t.Helper()
	o := Options{
		URL: "mqtt://" + address, ClientID: "test", Topic: topic("plant/{device}/{tag}"), StateTopic: "plant/line-3/_state",
		Format: "json", QoS: 1, Discovery: Discovery{Prefix: "ha", Lookup: totals},
	}
	if change != nil {
		change(&o)
	}
	h, err := OpenHome(o)
	if err != nil {
		t.Fatal(err)
	}
	h.lives.rests = rests{}
	t.Cleanup(func() { h.Close() })
	return h
}

// told are the discovery messages among what the broker has received from n on, by topic, and in order.
func (f *fake) told(n int) (all map[string]published, order []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	all = map[string]published{}
	for _, p := range f.received[n:] {
		if strings.HasSuffix(p.topic, "/config") {
			all[p.topic] = p
			order = append(order, p.topic)
		}
	}
	return all, order
}

func (f *fake) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.received)
}

// send wants all of v to be taken.
func send(t testing.TB, s sinks.Sink, v *sinks.View) {
	t.Helper()
	if n, err := s.Send(patience(t), v); n != v.Len() || err != nil {
		t.Fatalf("Send = %d of %d, %v", n, v.Len(), err)
	}
}

// TestHomeMessages has each kind of tag be told as Home Assistant takes it, before its first value, retained.
func TestHomeMessages(t *testing.T) {
	versions(t, func(t *testing.T, version string) {
		for _, format := range []string{"json", "value"} {
			t.Run(format, func(t *testing.T) {
				f := newFake(t)
				h := openHome(t, f.addr(), func(o *Options) { o.Version, o.Format = version, format })
				g := house()
				send(t, h, housed(g, mapping.Good))
				all, order := f.told(0)
				if len(order) != len(g.Series) { // the bridge, and all but the one whose kind is not known
					t.Fatalf("%d messages: %q", len(order), order)
				}
				node := "ha/%s/" + homeID("line-3", "heat pump") + "/%s/config"
				for tag, want := range map[string]string{
					"sensor supply": "unit=°C class=temperature state=measurement template=T",
					"sensor energy": "unit=kWh class=energy state=total template=T", "sensor reading": "unit=kWh class=energy template=T",
					"binary_sensor door": map[string]string{"json": "template=T on=True off=False", "value": "on=true off=false"}[format],
					"sensor state":       "class=enum options=off|on template={{ value_json.text | default(none) }}",
					"sensor load":        "unit=% state=measurement template=T", "sensor water": "unit=m³ class=volume state=total_increasing template=T",
					"sensor tank": "unit=m³ state=measurement template=T",
					"sensor name": map[string]string{"json": "template={{ value_json.value[:255] if value_json.value is string else none }}",
						"value": "template={{ value[:255] }}"}[format],
					"sensor supply.alarm": "class=enum options=none|lo template={{ value_json.text | default(none) }}",
				} {
					component, tag, _ := strings.Cut(tag, " ")
					m, ok := all[fmt.Sprintf(node, component, homeID(tag))]
					if !ok {
						t.Errorf("%s was not told, but %q", tag, order)
						continue
					}
					if format == "value" && tag != "name" {
						want = strings.TrimSuffix(strings.Split(want, " template=")[0], " ")
					}
					want = strings.ReplaceAll(want, "template=T", "template={{ value_json.value }}")
					var c homeConfig
					if err := json.Unmarshal([]byte(m.payload), &c); err != nil {
						t.Fatal(err)
					}
					if got := c.short(); got != want {
						t.Errorf("%s: %s, want %s", tag, got, want)
					}
					if !m.retain || m.alias != 0 || c.StateTopic != "plant/heat pump/"+tag || c.Name != tag || c.Availability != "plant/line-3/_state" ||
						c.Available != "online" || c.NotAvailable != "offline" || c.Device.Name != "heat pump" || c.Device.Via != "tagbridge_line-3" ||
						len(c.Device.Identifiers) != 1 || c.DefaultID != component+"."+c.ObjectID {
						t.Errorf("%s: %+v %s", tag, m, m.payload)
					}
				}
				before := map[string]bool{}
				for _, p := range f.received {
					var c homeConfig
					if strings.HasSuffix(p.topic, "/config") && json.Unmarshal([]byte(p.payload), &c) == nil {
						before[c.StateTopic] = true
					} else if p.topic != h.o.StateTopic && !strings.HasSuffix(p.topic, "/later") && !before[p.topic] {
						t.Errorf("%s was published before it was told of", p.topic)
					}
				}
				n := f.count()
				send(t, h, housed(g, mapping.Good))
				if _, order := f.told(n); len(order) != 0 {
					t.Errorf("told again: %q", order)
				}
				f.drop()
				<-h.wire.gone
				send(t, h, housed(g, mapping.Good))
				if _, order := f.told(n); len(order) != len(g.Series) {
					t.Errorf("on a new connection %d messages", len(order))
				}
			})
		}
	})
}

// short is what c says of values.
func (c *homeConfig) short() string {
	var out []string
	for _, p := range [][2]string{
		{"unit", c.Unit}, {"class", c.DeviceClass}, {"state", c.StateClass}, {"options", strings.Join(c.Options, "|")}, {"template", c.Template},
		{"on", c.On}, {"off", c.Off},
	} {
		if p[1] != "" {
			out = append(out, p[0]+"="+p[1])
		}
	}
	return strings.Join(out, " ")
}

// TestHomeNames has names that differ make identifiers that differ, of letters that Home Assistant takes.
func TestHomeNames(t *testing.T) {
	seen := map[string]string{}
	for _, names := range [][]string{
		{"a", "b"}, {"a_", "b"}, {"a", "_b"}, {"a__b"}, {"a b"}, {"a_b"}, {"a-b"}, {"a/b"}, {"a", "b", "c"}, {"a__b", "c"}, {"a", "b__c"}, {"ä"}, {"ö"},
		{"a_b", "c"}, {"a", "b_c"}, {strings.Repeat("x", 300)}, {strings.Repeat("x", 301)}, {"A", "b"}, {"___"}, {"__"}, {"_"}, {"a", "__b"},
	} {
		key := fmt.Sprintf("%q", names)
		id := homeID(names...)
		if other, twice := seen[id]; twice {
			t.Errorf("%s and %s are %s", key, other, id)
		}
		seen[id] = key
		if slug(id) != id || len(id) > 3*100 {
			t.Errorf("%s is %s", key, id)
		}
	}
	if id := homeID("line-3", "boiler", "temp_1"); id != "line-3__boiler__temp_1" {
		t.Errorf("plain names became %s", id)
	}
}

// TestHomeTakesBack has a tag that is gone from the configuration be taken back, also where the configuration comes later,
// and one that is only out of service be kept.
func TestHomeTakesBack(t *testing.T) {
	f := newFake(t)
	there := true
	h := openHome(t, f.addr(), func(o *Options) {
		o.Discovery.Lookup = func(string, string) Known { return Known{There: there} }
	})
	g := house()
	send(t, h, housed(g, mapping.Good))
	n := f.count()
	send(t, h, housed(g, mapping.BadOutOfService))
	if _, order := f.told(n); len(order) != 0 {
		t.Fatalf("out of service: %q", order)
	}
	there, h.home.looked = false, time.Time{}
	if err := h.Tend(patience(t)); err != nil {
		t.Fatal(err)
	}
	all, order := f.told(n)
	if len(order) != len(g.Series)-1 {
		t.Errorf("%d messages, want one for each tag that was told: %q", len(order), order)
	}
	for topic, p := range all {
		if p.payload != "" || !p.retain {
			t.Errorf("%s: %+v", topic, p)
		}
	}
	n = f.count()
	send(t, h, housed(g, mapping.BadOutOfService))
	// Of the one whose kind nobody knows, both kinds are taken back.
	if _, order := f.told(n); len(order) != len(g.Series)+1 {
		t.Errorf("its last sample: %d messages", len(order))
	}
}

// TestHomeChangesKind has a tag that becomes true or false be taken back as what it was.
func TestHomeChangesKind(t *testing.T) {
	f := newFake(t)
	h := openHome(t, f.addr(), nil)
	for _, kind := range []mapping.Kind{mapping.Int, mapping.Bool} {
		g := mapping.NewGroup(mapping.Group{Bridge: "b", Device: "d", Series: []*mapping.Series{
			{Tag: "t", SeriesTraits: &mapping.SeriesTraits{Kind: kind}},
		}})
		send(t, h, housed(g, mapping.Good))
	}
	all, order := f.told(0)
	want := []string{"ha/sensor/b__d/t/config", "ha/sensor/b__d/t/config", "ha/binary_sensor/b__d/t/config"}
	if got := order[1:]; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%q, want %q", got, want)
	}
	if all[want[0]].payload != "" || all[want[2]].payload == "" {
		t.Error("the sensor was not taken back last")
	}
}

// TestHomeAsks has Home Assistant begin to listen, a hundred times: all is told again, once, without a sample.
func TestHomeAsks(t *testing.T) {
	versions(t, func(t *testing.T, version string) {
		f := newFake(t)
		f.retained = [][2]string{{"ha/status", "online"}} // of long ago
		h := openHome(t, f.addr(), func(o *Options) { o.Version = version })
		g := house()
		send(t, h, housed(g, mapping.Good))
		f.await("the acknowledgement", func() bool { return f.pubacks == 1 })
		n := f.count()
		if err := h.Tend(patience(t)); err != nil || f.count() != n {
			t.Fatalf("what was retained asks: %d messages, %v", f.count()-n, err)
		}
		for range 100 {
			f.push("ha/status", "online", 1)
		}
		f.push("ha/status", "offline", 1)
		f.push("ha/other", "online", 1)
		f.await("the acknowledgements", func() bool { return f.pubacks == 103 })
		<-h.Wants()
		for range 5 {
			if err := h.Tend(patience(t)); err != nil {
				t.Fatal(err)
			}
			f.push("ha/status", "online", 0)
		}
		if _, order := f.told(n); len(order) != len(g.Series) {
			t.Errorf("%d messages, want %d", len(order), len(g.Series))
		}
		h.home.last = time.Time{}
		f.push("ha/status", "online", 1)
		f.await("the acknowledgement", func() bool { return f.pubacks == 104 })
		if err := h.Tend(patience(t)); err != nil {
			t.Fatal(err)
		}
		if _, order := f.told(n); len(order) != 2*len(g.Series) {
			t.Errorf("%d messages, want %d", len(order), 2*len(g.Series))
		}
	})
}

// TestHomeIsRefused has brokers not take what Home Assistant is told, each in its way: all values are delivered, and there
// is one line in the log.
func TestHomeIsRefused(t *testing.T) {
	config := func(p published) bool { return strings.HasSuffix(p.topic, "/config") }
	for _, c := range []struct {
		name, version string
		suback        byte
		answer        func(published) (int, bool)
		log           string
	}{
		{"5 not authorized", "5", 0x87, func(p published) (int, bool) {
			if config(p) {
				return 0x87, false
			}
			return 0, false
		}, "does not take what Home Assistant is to be told"},
		{"5 ended", "5", 0, func(p published) (int, bool) { return 0, config(p) && p.id != 1 }, "told nothing for an hour"},
		{"3.1.1 ended", "3.1.1", 0x80, func(p published) (int, bool) {
			if config(p) {
				return withhold, true
			}
			return 0, false
		}, "told nothing for an hour"},
		{"3.1.1 silent", "3.1.1", 0, func(p published) (int, bool) {
			if config(p) {
				return withhold, false
			}
			return 0, false
		}, "told nothing for an hour"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFake(t)
			f.suback = c.suback
			f.on(c.answer)
			var log bytes.Buffer
			h := openHome(t, f.addr(), func(o *Options) {
				o.Version, o.Timeout, o.Logger = c.version, time.Second, slog.New(slog.NewTextHandler(&log, nil))
			})
			v := housed(house(), mapping.Good)
			n, err := h.Send(patience(t), v)
			for tries := 1; err != nil && n == 0 && tries < 3; tries++ {
				n, err = h.Send(patience(t), v)
			}
			if n != v.Len() || err != nil {
				t.Fatalf("Send = %d, %v", n, err)
			}
			send(t, h, v)
			if got := strings.Count(log.String(), c.log); got != 1 {
				t.Errorf("%d lines:\n%s", got, &log)
			}
		})
	}
}

// TestHomeAtQoS0 tells at QoS 0, in a window of one.
func TestHomeAtQoS0(t *testing.T) {
	versions(t, func(t *testing.T, version string) {
		f := newFake(t)
		h := openHome(t, f.addr(), func(o *Options) { o.Version, o.QoS, o.InFlight = version, 0, 1 })
		g := house()
		send(t, h, housed(g, mapping.Good))
		f.await("all", func() bool { return len(f.received) == 1+2*len(g.Series) })
	})
}
