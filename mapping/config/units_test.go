package config

import (
	"fmt"
	"strings"
	"testing"
)

// TestUnits has what is computed together be read together, through other derived devices too, and everything else be alone.
func TestUnits(t *testing.T) {
	cfg, problems := loadText(`
bridge:
  cluster: {nats: ["nats://h1:4222"]}
devices:
  - {name: a, driver: modbus, url: "tcp://h1", tags: [{tag: t, address: 40001}]}
  - {name: b, driver: modbus, url: "tcp://h2", only: [pc-a, pc-b], tags: [{tag: t, address: 40001}]}
  - {name: b2, driver: modbus, url: "tcp://h2", unit_id: 2, only: [pc-a, pc-b], tags: [{tag: t, address: 40001}]}
  - {name: c, driver: modbus, url: "tcp://h3", tags: [{tag: t, address: 40001}]}
  - {name: ab, driver: derived, of: a, only: [pc-b, pc-c], tags: [{tag: s, expr: "t + b/t"}]}
  - {name: abc, driver: derived, prefer: pc-b, tags: [{tag: s, expr: "ab/s + 1"}, {tag: m, expr: "b2/t", aggregate: average, window: 1m}]}
  - {name: one, driver: derived, tags: [{tag: s, expr: "1 + 1"}]}
sinks: []
`)
	if problems.HasProblems() {
		t.Fatal(problems)
	}
	var got []string
	for _, u := range cfg.Units() {
		var names []string
		for _, d := range u.Devices() {
			names = append(names, d.Name)
		}
		got = append(got, fmt.Sprintf("%s: %v only %v prefer %q of %v", u.Key, names, u.Only, u.Prefer, u.Sources()))
	}
	want := strings.TrimSpace(`
tcp://h1:502: [a b b2 ab abc] only [pc-b] prefer "pc-b" of map[ab:[tcp://h1:502 tcp://h2:502] abc:[tcp://h1:502 tcp://h2:502]]
tcp://h3:502: [c] only [] prefer "" of map[]
derived/one: [one] only [] prefer "" of map[one:[derived/one]]`)
	if text := strings.Join(got, "\n"); text != want {
		t.Errorf("units are\n%s\nwant\n%s", text, want)
	}
}
