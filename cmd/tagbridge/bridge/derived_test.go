package bridge

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"tagbridge/mapping"
	"tagbridge/testrig/influxd"
	"tagbridge/testrig/plc"
)

const plainTags = `tag,address,type,poll
a,holding:0,uint16,
b,holding:1,uint16,
rare,holding:2,uint16,1h
on,coil:0,,
`

// deriving is a bridge with a PLC and derived devices on top, more being their lines.
func (r *rig) deriving(more string) (*running, *plc.Unit) {
	r.t.Helper()
	r.write("tags.csv", plainTags)
	r.plant("192.0.2.1:502", "")
	unit, addr := r.serve(&r.load().Devices[0])
	set(r.t, unit, 10, 20, 30)
	r.plant(addr, more)
	return r.run(), unit
}

// set writes the holding registers from 0 on, and has the coil on.
func set(t *testing.T, u *plc.Unit, values ...uint16) {
	t.Helper()
	if err := errors.Join(u.Set(mapping.Holding, 0, values...), u.Set(mapping.Coil, 0, 1)); err != nil {
		t.Fatal(err)
	}
}

// shown is the present value of device/tag as JSON, or its quality and error.
func (b *running) shown(name string) string {
	device, tag, _ := strings.Cut(name, "/")
	for s := range b.bridge.Tags(device) {
		switch {
		case s.Series.Tag != tag:
		case s.Sample.Quality != mapping.Good:
			return strings.TrimSpace(s.Sample.Quality.String() + " " + s.Error)
		case s.Sample.Kind == mapping.Text:
			return string(s.Text)
		default:
			return string(mapping.AppendJSONValue(nil, s.Series, &s.Sample, nil))
		}
	}
	return "no such tag"
}

// becomes waits until each tag is shown as it should be.
func (b *running) becomes(want map[string]string) {
	b.t.Helper()
	for name, text := range want {
		if !b.within(func() bool { return b.shown(name) == text }) {
			b.t.Errorf("%s is %q, want %q", name, b.shown(name), text)
		}
	}
}

func TestDerivedDevices(t *testing.T) {
	r := newRig(t)
	b, unit := r.deriving(`  - name: polled
    driver: derived
    of: plc
    poll: 50ms
    tags:
      - {tag: sum, expr: a + plc/b}
      - {tag: twice, expr: polled/sum * 2, type: int32}
      - {tag: over, expr: "on ? a / (b - 20) : 1"}
      - {tag: judged, expr: a, valid_if: polled/sum < 100}
  - name: changed
    driver: derived
    mode: change
    tags:
      - {tag: word, expr: "plc/a > 10 ? 'high' : 'low'", report: change}
      - {tag: chain, expr: polled/twice + plc/rare}
      - {tag: none, expr: plc/rare - previous(plc/rare)}
`)
	b.becomes(map[string]string{"polled/sum": "30.0", "polled/twice": "60", "polled/over": "BadNoData division by zero", "polled/judged": "10.0",
		"changed/word": "low", "changed/chain": "90.0", "changed/none": "BadWaitingForInitialData plc/rare is BadWaitingForInitialData"})
	set(t, unit, 90)
	b.becomes(map[string]string{"polled/sum": "110.0", "polled/judged": "BadNoData valid_if does not hold", "changed/word": "high", "changed/chain": "250.0"})

	unit.Inject(plc.Fault{Kind: plc.Silence})
	b.becomes(map[string]string{"polled/sum": "BadTimeout plc/a is BadTimeout", "changed/word": "BadTimeout plc/a is BadTimeout",
		"changed/chain": "BadTimeout polled/twice is BadTimeout"})
	unit.ClearFaults()
	b.becomes(map[string]string{"polled/sum": "110.0", "changed/chain": "250.0"})

	// What is polled once an hour is there for a formula that is new.
	r.edit("plant.yaml", "plc/rare - previous(plc/rare)", "plc/rare * 3")
	if s := b.hup(); len(s.Problems) > 0 {
		t.Fatal(s.Problems)
	}
	b.becomes(map[string]string{"changed/none": "90.0", "changed/chain": "250.0"})
	r.edit("plant.yaml", "expr: a + plc/b", "expr: a + plc/nothing")
	if s := b.hup(); len(s.Problems) == 0 || !strings.Contains(s.Problems[0], `unknown tag "plc/nothing"`) {
		t.Errorf("a formula of nothing: %v", s.Problems)
	}
	b.becomes(map[string]string{"polled/sum": "110.0"})
	b.stop()
	r.checkDerived(t)
}

// checkDerived looks at what the stand-in has of the derived devices: each value once, with the time of its newest input.
func (r *rig) checkDerived(t *testing.T) {
	seen := map[string]bool{}
	times := map[int64]bool{}
	for _, p := range r.influx.Points() {
		for _, f := range p.Fields {
			if p.Measurement == "plc" {
				times[p.Time] = true
			}
			if f.Name != "sum" {
				continue
			}
			key := fmt.Sprint(p.Time, f.Value)
			if seen[key] {
				t.Errorf("sum %v is there twice at %d", f.Value, p.Time)
			}
			seen[key] = true
			if !times[p.Time] && !uncertain(&p) {
				t.Errorf("sum has a time that no input has: %d", p.Time)
			}
		}
	}
	if len(seen) < 2 {
		t.Errorf("only %d values of sum were delivered", len(seen))
	}
}

// uncertain reports that p has a value that is too old, which is news of its own time.
func uncertain(p *influxd.Point) bool {
	return slices.ContainsFunc(p.Fields, func(f influxd.Field) bool { return f.Name == "sum.quality" && f.Value != "Good" })
}
