package bridge

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"tagbridge/mapping/config"
	"tagbridge/testrig/influxd"
	"tagbridge/testrig/plc"
)

// lineSoak is how long the lines are troubled: a moment, or what TAGBRIDGE_SOAK says, such as 5m.
func lineSoak(t *testing.T) time.Duration {
	text := os.Getenv("TAGBRIDGE_SOAK")
	if text == "" {
		return 3 * time.Second
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// sameShapes is a map of blocks whose answers look alike: one that is taken for another shows.
func sameShapes() string {
	var b strings.Builder
	b.WriteString("tag,address,type\n")
	for block := range 8 {
		fmt.Fprintf(&b, "b%d/word,holding:%d,uint16\nb%d/real,holding:%d,float32\n", block, 100*block, block, 100*block+1)
	}
	for n := range 40 {
		fmt.Fprintf(&b, "coil/%d,coil:%d,\n", n, 7*n)
	}
	return b.String()
}

// troubled is a line of two frozen units that show every fault a line can have, each in one frame of fifty.
func troubled(t *testing.T, transport string, devices ...*config.Device) (url string, units []*plc.Unit) {
	o := plc.LineOptions{ASCII: strings.HasPrefix(transport, "ascii"), Baud: 115200, Units: map[int]*plc.Unit{}}
	for i, d := range devices {
		u := plc.NewUnit(plc.UnitOptions{Tags: d.Tags, MaxGap: d.Modbus.MaxGap, Seed: uint64(i + 1)})
		u.Freeze()
		for _, kind := range plc.LineFaultKinds {
			u.Inject(plc.Fault{Kind: kind, OneIn: 50, Code: 6, Delay: 50 * time.Millisecond, Jitter: 300 * time.Millisecond})
		}
		o.Units[d.Modbus.UnitID] = u
		units = append(units, u)
	}
	var serve func(context.Context) error
	if strings.Contains(transport, "over") {
		l, err := plc.ListenLine("tcp", "127.0.0.1:0", o)
		if err != nil {
			t.Fatal(err)
		}
		url, serve = transport+"://"+l.Addr(), l.Serve
	} else {
		l, err := plc.OpenPTY(o)
		if err != nil {
			t.Fatal(err)
		}
		url, serve = transport+"://"+l.Path()+"?baud=115200&data=8", l.Serve
	}
	ctx, cancel := context.WithCancel(context.Background())
	var serving sync.WaitGroup
	serving.Go(func() { serve(ctx) })
	t.Cleanup(func() { cancel(); serving.Wait() })
	return url, units
}

// TestLineSoakEndToEnd runs the whole bridge on lines that have every fault: not one wrong value reaches the database,
// and when the faults are over all tags do.
func TestLineSoakEndToEnd(t *testing.T) {
	for _, transport := range []string{"rtu", "ascii", "rtuovertcp"} {
		t.Run(transport, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			r.write("tags.csv", sameShapes())
			plant := func(url string) {
				r.write("plant.yaml", fmt.Sprintf(`
bridge: {name: test, data_dir: data, http: "127.0.0.1:0"}
devices:
  - {name: one, driver: modbus, url: %q, unit_id: 1, poll: 250ms, timeout: 150ms, retries: 2, tags: [tags.csv]}
  - {name: two, driver: modbus, url: %[1]q, unit_id: 2, poll: 250ms, timeout: 150ms, tags: [tags.csv]}
sinks:
  - {name: historian, type: influxdb, url: %[2]q, org: plant, bucket: process, flush: 100ms, gzip: false}
`, url, r.url))
			}
			plant("rtu:///dev/none")
			devices := r.load().Devices
			url, units := troubled(t, transport, &devices[0], &devices[1])
			plant(url)
			b := r.run()
			values := 0
			for end := time.Now().Add(lineSoak(t)); time.Now().Before(end); {
				r.wait("points", func(points []influxd.Point) bool { return len(points) >= 20 })
				values += wantRight(t, r.influx.Points(), devices, units)
				r.influx.Forget()
			}
			t.Logf("%d values, none wrong", values)
			if values == 0 {
				t.Error("nothing was read")
			}
			for i := range units {
				units[i].ClearFaults()
			}
			for i := range devices {
				r.wantAll(&devices[i], units[i])
			}
			b.stop()
			t.Logf("%d requests, %d lines of log", units[0].Asked()+units[1].Asked(), strings.Count(b.log.String(), "\n"))
		})
	}
}

// wantRight compares all values of the devices in points with what their units hold, and counts them.
func wantRight(t *testing.T, points []influxd.Point, devices []config.Device, units []*plc.Unit) (n int) {
	t.Helper()
	for i := range devices {
		want := map[string]plc.Value{}
		for _, tag := range devices[i].Tags {
			want[tag.Name] = units[i].Expected(tag)
		}
		for k := range points {
			if points[k].Measurement != devices[i].Name {
				continue
			}
			for _, f := range points[k].Fields {
				w, ok := want[f.Name]
				if !ok {
					continue // a quality
				}
				if n++; fieldText(f.Value) != w.Text && !sameNumber(f.Value, w) {
					t.Fatalf("%s/%s = %v, want %s; others of that value: %v", devices[i].Name, f.Name, f.Value, w.Text,
						holders(fieldText(f.Value), devices, units))
				}
			}
		}
	}
	return n
}

// holders are the tags that have this value.
func holders(text string, devices []config.Device, units []*plc.Unit) (names []string) {
	for i, d := range devices {
		for _, tag := range d.Tags {
			if units[i].Expected(tag).Text == text {
				names = append(names, d.Name+"/"+tag.Name)
			}
		}
	}
	return names
}
