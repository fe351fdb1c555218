//go:build interop

package interop

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// movingMap is over the moving unit of pymodbus_server.py, with names that line protocol has to escape. The values of
// huge are past what an integer of InfluxDB holds: every sink of line protocol rejects them, and nothing else.
const movingMap = `tag,address,type,scale,min,max,enum,label.place
"flow, total = ""A"" µ",holding:0,float32,,,,,
limits\of m,holding:2,int16,0.1,0,40,,
"state ""x""",holding:3,uint16,,,,"0=off state|1=""on"", really|2=µ\2",
integer,holding:4,int64,,,,,
unsigned,holding:8,uint64,,,,,"hall 1, ""east"" = best"
text,holding:12,string:16,,,,,
sometimes,holding:20,float64,,,,,
large,holding:24,uint32,,,,,
step,holding:26,uint16,,,,,
scaled,holding:4,int64,0.001,,,,
even,coil:0,,,,,,
third,coil:1,,,,,,"hall 1, ""east"" = best"
huge,holding:27,uint64,,,,,
refused,holding:60,uint16,,,,,
`

const movingMeasurement = `press, "no. 1" = µ\x`

// movingDevice is the configuration of the device, its map written into dir.
func movingDevice(t *testing.T, dir string) string {
	t.Helper()
	url := fmt.Sprintf("tcp://127.0.0.1:%d", pymodbus(t, dir))
	writeFile(t, filepath.Join(dir, "moving.csv"), movingMap)
	return fmt.Sprintf(`
  - name: press-1
    driver: modbus
    url: %q
    unit_id: 10
    poll: 100ms
    measurement: %q
    labels: {area: "north, = wing \"2\""}
    tags: [moving.csv]
`, url, movingMeasurement)
}

func wide() *layout {
	return &layout{measurement: movingMeasurement, precision: 1, integers: map[string]bool{"integer": true, "unsigned": true}}
}

func narrow() *layout {
	l := wide()
	l.narrow, l.precision = true, time.Millisecond
	return l
}

// steps is how often the moving device was read.
func (b *bridge) steps() int { return len(byTag(b.samples(), "press-1")["step"]) }

// TestInfluxLayouts writes the same samples in both layouts, and by way of a file of lines, and queries back what the
// file sink of the same run holds.
func TestInfluxLayouts(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d := startInfluxd(t, "wide db")
	d.query("", `CREATE DATABASE narrow`)
	d.query("", `CREATE DATABASE lines`)
	b := run(t, dir, movingDevice(t, dir), fmt.Sprintf(`
  - {name: wide, type: influxdb, url: %[1]q, bucket: wide db/autogen, layout: wide, precision: ns, flush: 200ms}
  - {name: narrow, type: influxdb, url: %[1]q, bucket: narrow, layout: narrow, precision: ms, gzip: false, batch: 7}
  - {name: lines, type: file, path: samples.lp, format: line}
`, d.url))
	await(t, "sixty polls", func() bool { return b.steps() >= 60 })
	samples := b.stop()

	comparePoints(t, d.points("wide db"), wide().points(t, samples))
	comparePoints(t, d.points("narrow"), narrow().points(t, samples))
	checkWideTypes(t, d.fieldTypes("wide db"))
	lines, err := os.ReadFile(filepath.Join(dir, "samples.lp"))
	if err != nil {
		t.Fatal(err)
	}
	d.write("lines", string(lines)) // what the file sink writes is what InfluxDB takes
	comparePoints(t, d.points("lines"), wide().points(t, samples))
	for _, sink := range []string{"wide", "narrow", "lines"} {
		b.checkRejected(sink, samples, "huge")
	}
}

// checkWideTypes looks at what a query does not show: integers are integers and all other numbers floats.
func checkWideTypes(t *testing.T, types map[[2]string]string) {
	t.Helper()
	for field, want := range map[string]string{
		`flow, total = "A" µ`: "float", `limits\of m`: "float", `limits\of m.quality`: "string", `state "x"`: "float",
		`state "x".text`: "string", "integer": "integer", "unsigned": "integer", "text": "string", "sometimes": "float",
		"sometimes.quality": "string", "large": "float", "step": "float", "scaled": "float", "even": "boolean",
		"third": "boolean", "refused.quality": "string", "refused": "",
	} {
		if got := types[[2]string{movingMeasurement, field}]; got != want {
			t.Errorf("field %s is of type %q, want %q", field, got, want)
		}
	}
}

// TestInfluxFieldConflict has one field that the database holds as a string: that one is rejected, and nothing else.
func TestInfluxFieldConflict(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d := startInfluxd(t, "plant")
	before := time.Now().Add(-time.Second).UnixNano() // in the same shard: each has its own types
	d.write("plant", fmt.Sprintf(`press\,\ "no.\ 1"\ =\ µ\x step="a string" %d`, before))
	b := run(t, dir, movingDevice(t, dir), fmt.Sprintf(`
  - {name: historian, type: influxdb, url: %q, bucket: plant/autogen, precision: ns, flush: 300ms}
`, d.url))
	await(t, "thirty polls", func() bool { return b.steps() >= 30 })
	samples := b.stop()

	want := wide().points(t, samples)
	for _, f := range want {
		delete(f, "step")
	}
	got := d.points("plant")
	delete(got, pointKey(movingMeasurement, nil, before)) // the string
	comparePoints(t, got, want)
	b.checkRejected("historian", samples, "huge", "step")
}

// TestInfluxRestart takes the database away for thirty polls: nothing may be missing afterwards.
func TestInfluxRestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d := startInfluxd(t, "plant")
	b := run(t, dir, movingDevice(t, dir), fmt.Sprintf(`
  - {name: historian, type: influxdb, url: %q, bucket: plant, precision: ns, flush: 200ms}
`, d.url))
	await(t, "ten polls", func() bool { return b.steps() >= 10 })
	if err := d.terminate(t); err != nil {
		t.Errorf("influxd after SIGTERM: %v", err)
	}
	away := b.steps()
	await(t, "thirty polls without a database", func() bool { return b.steps() >= away+30 })
	d.start()
	back := b.steps()
	await(t, "ten polls with it", func() bool { return b.steps() >= back+10 })
	await(t, "the backlog to be there", func() bool { return d.count("plant", "step") >= back })
	samples := b.stop()
	comparePoints(t, d.points("plant"), wide().points(t, samples))
}
