package main

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"tagbridge/mapping/config"
)

// benchMap is half float32, half scaled int16: what the bytes a sample were measured with.
func benchMap(n int) string {
	var b strings.Builder
	b.WriteString("tag,address,type,scale\n")
	for i := range n {
		kind := "float32,"
		if i >= n/2 {
			kind = "int16,0.01"
		}
		fmt.Fprintf(&b, "t%d,holding:%d,%s\n", i, 2*i, kind)
	}
	return b.String()
}

func TestVolume(t *testing.T) {
	for _, c := range []struct {
		tags     int
		poll     string
		journal  string
		samples  float64
		perValue float64 // bytes
		limit    string
		hours    float64
	}{
		{500, "1s", "{}", 500, 3.45, "max_size", 1 << 30 / (500 * 3.45) / 3600},
		{20, "1s", "{}", 20, 5.5, "max_age", 720},
		{20, "100ms", "{max_size: 100MiB, max_age: 10h}", 200, 5.5, "max_age", 10},
		{20, "100ms", "{max_size: 1MiB}", 200, 5.5, "max_size", 1 << 20 / (200 * 5.5) / 3600},
	} {
		dir := folder(t, map[string]string{"map.csv": benchMap(c.tags), "plant.yaml": fmt.Sprintf(`
bridge: {data_dir: data, journal: %s}
devices: [{name: d, driver: modbus, url: "tcp://192.0.2.1:502", poll: %s, tags: [map.csv]}]
sinks: [{name: out, type: file, path: "-"}]
`, c.journal, c.poll)})
		cfg, problems := config.Load(dir+"/plant.yaml", config.Options{})
		if problems.HasProblems() {
			t.Fatal(problems)
		}
		v := volumeOf(cfg)
		near := func(what string, got, want float64) {
			if math.Abs(got-want) > 0.03*want {
				t.Errorf("%d tags every %s: %s %g, want %g", c.tags, c.poll, what, got, want)
			}
		}
		near("samples", v.SamplesPerSecond, c.samples)
		near("bytes a sample", v.BytesPerSecond/v.SamplesPerSecond, c.perValue)
		near("hours", v.Hours, c.hours)
		near("GB a day", v.GBPerDay, c.samples*c.perValue*86400/1e9)
		if v.LimitedBy != c.limit {
			t.Errorf("%d tags every %s: limited by %s", c.tags, c.poll, v.LimitedBy)
		}
		var plan struct{ Journal volumeJSON }
		_, out, _ := typed(t, "", "plan", "--json", dir+"/plant.yaml")
		if err := json.Unmarshal([]byte(out), &plan); err != nil || plan.Journal != v {
			t.Errorf("plan --json has %+v, %v", plan.Journal, err)
		}
		if _, out, _ := typed(t, "", "plan", dir+"/plant.yaml"); !strings.Contains(out, v.String()+"\n") {
			t.Errorf("plan printed %s", out)
		}
		if _, out, complaints := typed(t, "", "check", dir+"/plant.yaml"); !strings.Contains(complaints, v.String()+"\n") || out != "" {
			t.Errorf("check printed %s%s", out, complaints)
		}
	}
}

// TestVolumeKept reckons for how long what is delivered stays, and warns where more was asked for.
func TestVolumeKept(t *testing.T) {
	const rate = 500 * 3.45
	for _, c := range []struct {
		journal string
		hours   float64
		limit   string
		warns   string
	}{
		{"{}", 24, "keep", ""}, // of 43
		{"{keep: 100h}", (256 << 20) / rate / 3600, "keep_size", "keep asks for 100 hours (4 days) of what is delivered, and keep_size 256 MiB holds 43"},
		{"{keep: 0s}", 0, "keep", ""},
		{"{keep: 24h, keep_size: 1MiB}", (1 << 20) / rate / 3600, "keep_size", "keep_size 1 MiB holds 0.1"},
		{"{keep_size: 0}", 0, "keep_size", ""},
	} {
		dir := folder(t, map[string]string{"map.csv": benchMap(500), "plant.yaml": fmt.Sprintf(`
bridge: {data_dir: data, journal: %s}
devices: [{name: d, driver: modbus, url: "tcp://192.0.2.1:502", poll: 1s, tags: [map.csv]}]
sinks: [{name: out, type: file, path: "-"}]
`, c.journal)})
		cfg, problems := config.Load(dir+"/plant.yaml", config.Options{})
		if problems.HasProblems() {
			t.Fatal(problems)
		}
		if v := volumeOf(cfg); math.Abs(v.KeepHours-c.hours) > 0.03*c.hours || v.KeepLimitedBy != c.limit {
			t.Errorf("%s: %v by %s, want %v by %s", c.journal, v.KeepHours, v.KeepLimitedBy, c.hours, c.limit)
		}
		_, out, _ := typed(t, "", "check", dir+"/plant.yaml")
		if (c.warns == "") != (out == "") || !strings.Contains(out, c.warns) {
			t.Errorf("%s: check printed %q, want %q", c.journal, out, c.warns)
		}
	}
	cfg, _ := config.Load(folder(t, map[string]string{"plant.yaml": "devices: []\nsinks: []\n"})+"/plant.yaml", config.Options{})
	if j := cfg.Bridge.Journal; j.Keep != usualKeep || j.KeepSize != usualKeepSize {
		t.Errorf("by default %v in %d are kept: usualKeep is another", j.Keep, j.KeepSize)
	}
}
