package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// plantMap is a map of n tags as plants have them.
func plantMap(n int) string {
	var b strings.Builder
	b.WriteString("tag,address,type,order,scale,offset,unit,report,deadband,invalid,enum,description,label.area\n")
	for i := range n {
		switch i % 4 {
		case 0:
			fmt.Fprintf(&b, "motor%d/speed,%d,float32,CDAB,,,rpm,change,0.5,,,Speed of motor %d,north\n", i, 400001+2*i, i)
		case 1:
			fmt.Fprintf(&b, "motor%d/temp,%d,int16,,0.1,-40,°C,,,-32768,,Winding temperature,north\n", i, 300001+i)
		case 2:
			fmt.Fprintf(&b, "motor%d/state,holding:%d,uint16,,,,,change,,,0=stopped|1=running|2=fault,State,south\n", i, 60000+i%5000)
		case 3:
			fmt.Fprintf(&b, "motor%d/on,coil:%d,,,,,,,,,,,\n", i, i)
		}
	}
	return b.String()
}

// plantFiles writes a configuration of devices that have a map of n tags each, and returns its path.
func plantFiles(tb testing.TB, devices, n int) string {
	dir := tb.TempDir()
	var b strings.Builder
	b.WriteString("sinks: [{name: db, type: influxdb, url: \"http://h:8086\", org: o, bucket: b, match: [\"*\", \"!*/test*\"]}]\ndevices:\n")
	text := []byte(plantMap(n))
	for i := range devices {
		fmt.Fprintf(&b, "  - {name: plc%d, url: \"tcp://10.0.%d.%d\", tags: [map%d.csv]}\n", i, i/250, i%250, i)
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("map%d.csv", i)), text, 0o644); err != nil {
			tb.Fatal(err)
		}
	}
	path := filepath.Join(dir, "plant.yaml")
	if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
		tb.Fatal(err)
	}
	return path
}

func benchmarkLoad(b *testing.B, devices, n int) {
	path := plantFiles(b, devices, n)
	b.ReportAllocs()
	for b.Loop() {
		c, ps := Load(path, Options{Expand: true})
		if ps.HasProblems() || len(c.Devices[devices-1].Tags) != n {
			b.Fatal(ps.Err(), len(c.Devices[devices-1].Tags))
		}
	}
}

func BenchmarkLoad10000Tags(b *testing.B) { benchmarkLoad(b, 1, 10_000) }

func BenchmarkLoad500Maps(b *testing.B) { benchmarkLoad(b, 500, 500) }

func BenchmarkLoad10000YAML(b *testing.B) {
	var text strings.Builder
	text.WriteString("sinks: []\ndevices:\n  - name: a\n    url: tcp://h\n    tags:\n")
	for i := range 10_000 {
		fmt.Fprintf(&text, "      - {tag: motor%d, address: %d, type: float32, order: CDAB, unit: rpm, deadband: 0.5}\n", i, 400001+2*i)
	}
	b.ReportAllocs()
	for b.Loop() {
		if c, ps := loadText(text.String()); ps.HasProblems() || len(c.Devices[0].Tags) != 10_000 {
			b.Fatal(ps.Err())
		}
	}
}
