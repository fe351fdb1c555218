package bridge

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"tagbridge/sinks"
	"tagbridge/sinks/journal"
	"tagbridge/testrig"
	"tagbridge/testrig/influxd"
	"tagbridge/testrig/plc"
)

// overflowing is a bridge whose database is down, and whose journal has had to let its oldest samples go.
func overflowing(t *testing.T) (r *rig, b *running, plcs []*plc.Server) {
	const tags, devices = 240, 3
	r = newRig(t)
	var rows, list strings.Builder
	rows.WriteString("tag,address,type\n")
	for i := range tags {
		fmt.Fprintf(&rows, "t%d,holding:%d,float64\n", i, 4*i)
	}
	r.write("tags.csv", rows.String())
	r.plant("192.0.2.1:502", "")
	d := &r.load().Devices[0]
	for i := range devices {
		unit := plc.NewUnit(plc.UnitOptions{Tags: d.Tags, Seed: uint64(i), Noisy: true, AllDigits: true})
		s := testrig.Modbus(t, "tcp", plc.ServerOptions{Units: map[int]*plc.Unit{1: unit}, Silent: true})
		plcs = append(plcs, s)
		// A busy machine is to make nobody late enough to count as silent: what is read bad again is not sent again.
		fmt.Fprintf(&list, "  - {name: plc%d, driver: modbus, url: \"tcp://%s\", poll: 10ms, timeout: 20s, tags: [tags.csv]}\n", i, s.Addr())
	}
	r.write("plant.yaml", fmt.Sprintf(`
bridge: {name: test, data_dir: data, http: "127.0.0.1:0", journal: {max_size: 2MiB}}
devices:
%ssinks:
  - {name: db, type: influxdb, url: "%s", org: o, bucket: b, batch: 5000, flush: 50ms, precision: ns, match: ["*", "!*/_*"]}
`, list.String(), r.url))
	b = r.run()
	r.wait("the first samples", func(p []influxd.Point) bool { return len(p) > devices })
	r.influx.Always(influxd.Step{Status: http.StatusServiceUnavailable})
	b.await("losses", func() bool {
		s := b.bridge.Sinks()[0]
		return s.Dropped > s.BehindSamples/2
	})
	return r, b, plcs
}

// TestTheStopLineCountsWhatIsThere leaves out what is lost; and what is lost is told alike by the stop line, by the folder
// that is left, and by the next start.
func TestTheStopLineCountsWhatIsThere(t *testing.T) {
	r, b, _ := overflowing(t)
	b.stop()
	s := b.bridge.Sinks()[0]
	if s.Dropped == 0 || !strings.Contains(b.log.String(), fmt.Sprintf("sink=db behind=%d\n", s.BehindSamples)) {
		t.Errorf("behind %d, dropped %d, but the log says:\n%s", s.BehindSamples, s.Dropped, b.log)
	}
	if s.Ever.Dropped != s.Dropped || s.Ever.Delivered != s.Delivered || s.Ever.Reasons["size"].First.IsZero() || s.Ever.Since.IsZero() {
		t.Errorf("in its first life the sink has got and lost what it did in all: %+v", s)
	}
	if behind, kept := r.folder(t); behind != s.BehindSamples || told(kept) != told(s.Ever) {
		t.Errorf("the folder says %d behind and %+v, the bridge said %d and %+v", behind, kept, s.BehindSamples, s.Ever)
	}
	r.influx.Always(influxd.Step{Status: http.StatusServiceUnavailable})
	next := r.run()
	if again := next.bridge.Sinks()[0]; again.Ever.Dropped < s.Ever.Dropped || !again.Ever.Since.Equal(s.Ever.Since) || again.Dropped > again.Ever.Dropped-s.Ever.Dropped {
		t.Errorf("the next start says %+v, the one before %+v", again, s.Ever)
	}
	next.stop()
	last := next.bridge.Sinks()[0]
	if behind, kept := r.folder(t); behind != last.BehindSamples || told(kept) != told(last.Ever) {
		t.Errorf("the folder says %d behind and %+v, the bridge said %d and %+v", behind, kept, last.BehindSamples, last.Ever)
	}
}

// told is e as text, in which moments do not differ by where they come from.
func told(e Ever) string {
	text, _ := json.Marshal(e)
	return strings.ReplaceAll(string(text), "+00:00", "Z")
}

// folder is what the journal's folder says of the one sink.
func (r *rig) folder(t *testing.T) (behind uint64, ever Ever) {
	t.Helper()
	in, err := journal.Inspect(filepath.Join(r.dir, "data", "journal"))
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	sum, err := in.Summary()
	if err != nil || len(sum.Sinks) != 1 {
		t.Fatalf("%+v, %v", sum, err)
	}
	return sum.Sinks[0].Behind, EverOf(sum.Sinks[0].Ever)
}

func TestWhatIsRejectedAndNotKeptIsDropped(t *testing.T) {
	s := SinkState{Rejected: 7, Dropped: 2, Reasons: map[string]uint64{"size": 2}}
	s.loseRejected(map[string]uint64{sinks.DroppedRotated: 3, sinks.DroppedUnwritable: 1})
	if s.Rejected != 3 || s.Dropped != 6 || s.Refused != 7 || s.Reasons[sinks.DroppedRotated] != 3 {
		t.Errorf("%+v", s)
	}
}

// TestOutageBeyondLimits keeps the database down until the journal has had to let its oldest samples go:
// what arrives and what was counted as lost are together what was read, to the sample.
func TestOutageBeyondLimits(t *testing.T) {
	r, b, plcs := overflowing(t)
	down := b.bridge.Sinks()[0]
	if down.BehindSeconds <= 0 || down.BehindBytes < 1<<18 || down.DrainSeconds != nil {
		t.Errorf("while the database is down: %+v", down)
	}
	for _, s := range plcs { // what there is is enough: the race detector makes draining slow
		s.Refuse()
	}
	r.influx.Always(influxd.Step{})
	b.await("the backlog to be delivered", func() bool { return b.bridge.Sinks()[0].BehindSamples == 0 })
	b.stop()

	good, bad := b.samples()
	s := b.bridge.Sinks()[0]
	values := uint64(r.influx.Distinct(func(_, field string) bool { return !strings.HasSuffix(field, ".quality") }))
	if values+s.Dropped != good || s.Delivered+s.Dropped != good+bad || s.Reasons["size"] != s.Dropped {
		t.Errorf("%d and %d bad samples were read, %d values are stored, %d samples delivered, %d dropped: %v",
			good, bad, values, s.Delivered, s.Dropped, s.Reasons)
	}
	for _, want := range []string{"backlog began", "backlog delivered"} {
		if !strings.Contains(b.log.String(), want) {
			t.Errorf("the log does not say %q:\n%s", want, b.log)
		}
	}
}

// samples are those read of all devices so far.
func (b *running) samples() (good, bad uint64) {
	for _, d := range b.bridge.Devices() {
		good += d.Good + d.Uncertain
		bad += d.Bad
	}
	return good, bad
}
