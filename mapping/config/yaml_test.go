package config

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestMerge(t *testing.T) {
	c, ps := loadText(`
x-base: &base {poll: 5s, timeout: 2s, labels: {area: north}}
x-line: &line
  <<: *base
  timeout: 3s
  url: tcp://gateway
devices:
  - {<<: *line, name: a, unit_id: 3, tags: &tags [{tag: t, address: 40001}]}
  - name: b
    <<: [{poll: 7s}, *line]
    retries: 0
    tags: *tags
sinks: []`)
	if len(ps) != 0 {
		t.Fatal(ps)
	}
	a, b := c.Devices[0], c.Devices[1]
	if a.Poll != 5*time.Second || a.Timeout != 3*time.Second || a.Modbus.UnitID != 3 || a.Labels[0].Value != "north" {
		t.Errorf("a: %+v", a)
	}
	if b.Poll != 7*time.Second || b.Timeout != 3*time.Second || b.Retries != 0 || a.Endpoint.Key != b.Endpoint.Key {
		t.Errorf("b: %+v", b)
	}
}

// TestMergedProblem reports what is wrong in a merged mapping where it stands, once.
func TestMergedProblem(t *testing.T) {
	_, ps := loadText("x-a: &a\n  poll: 5\ndevices:\n" +
		"  - {<<: *a, name: a, url: \"tcp://h\", tags: &t [{tag: t, address: 40001}]}\n" +
		"  - {<<: *a, name: b, url: \"tcp://i\", tags: *t}\nsinks: []\n")
	if len(ps) != 1 || ps[0].Line != 2 || ps[0].Column != 9 {
		t.Errorf("problems: %v", ps)
	}
}

// TestBombs are files that grow when they are expanded, or never end.
func TestBombs(t *testing.T) {
	var lists, merges strings.Builder
	lists.WriteString("x-0: &a0 [tag]\n")
	merges.WriteString("x-0: &a0 {poll: 1s}\n")
	for i := 1; i < 100; i++ {
		fmt.Fprintf(&lists, "x-%d: &a%d [*a%d, *a%d, *a%d]\n", i, i, i-1, i-1, i-1)
		fmt.Fprintf(&merges, "x-%d: &a%d {<<: [*a%d, *a%d, *a%d]}\n", i, i, i-1, i-1, i-1)
	}
	var keys strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&keys, "k%d: 1\n", i)
	}
	bombs := map[string]string{
		"lists":      lists.String() + "devices: *a99\nsinks: [*a99]\n",
		"merges":     merges.String() + "devices: [{<<: *a99, name: a, url: \"tcp://h\", tags: [{<<: *a99}]}]\nsinks: []\n",
		"circle":     "devices: &d [{<<: &e {<<: *e}, name: a, url: \"tcp://h\", tags: *d}]\nsinks: *d\n",
		"deep list":  "devices: " + strings.Repeat("[", 9_000) + strings.Repeat("]", 9_000),
		"deeper":     "devices: " + strings.Repeat("[", 200_000),
		"deep map":   "devices: " + strings.Repeat("{a: ", 9_000) + strings.Repeat("}", 9_000),
		"keys":       keys.String(),
		"structure":  strings.Repeat("- a\n", 1_500_000),
		"shared map": "x-t: &t [" + strings.Repeat("{tag: a, address: 40001},", 500) + "]\ndevices: [" + strings.Repeat("{name: a, url: \"tcp://h\", tags: *t},", 500) + "]\n",
	}
	for name, text := range bombs {
		if _, ps := loadText(text); !ps.HasProblems() {
			t.Errorf("%s: no problem", name)
		}
	}
}

func TestRowsInPlace(t *testing.T) {
	c, ps := loadText(`
devices:
  - name: a
    url: tcp://h
    labels: {area: north, shift: early}
    tags:
      - testdata/tags/boiler.csv
      - {tag: x, address: 0x10, labels: {area: ""}}
      - tag: y
        address: holding:0x10
        enum: {0: off, 1: on}
        invalid: [0xFFFF, 7]
        enabled: yes
        label.shift: late
sinks: []`)
	if len(ps) != 1 || ps[0].Line != 8 || !strings.Contains(ps[0].Message, `address "0x10"`) {
		t.Errorf("problems: %v", ps)
	}
	tags := c.Devices[0].Tags
	y := tags[len(tags)-1]
	if y.Name != "y" || len(y.Enum) != 2 || y.Enum[1].Text != "on" || len(y.Invalid) != 2 || y.Source.File != "-" || y.Source.Line != 9 {
		t.Errorf("y: %+v", y)
	}
	if fmt.Sprint(y.Labels) != "[{area north} {shift late}]" {
		t.Errorf("labels: %v", y.Labels)
	}
}
