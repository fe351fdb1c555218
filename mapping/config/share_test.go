package config

import (
	"fmt"
	"strings"
	"testing"
)

// TestTagsAreShared reads a map once for all devices of equal defaults.
func TestTagsAreShared(t *testing.T) {
	var b strings.Builder
	b.WriteString("sinks: []\ndevices:\n")
	for i := range 500 {
		fmt.Fprintf(&b, "  - {name: plc%d, url: \"tcp://h%d\", poll: %ds, tags: [map.csv]}\n", i, i, 1+i%2)
	}
	c, ps := loadWithMap(b.String(), []byte(plantMap(100)+"bad,1\n"))
	if len(ps) != 1 {
		t.Fatalf("one bad row, %d problems: %v", len(ps), ps[:2])
	}
	d := c.Devices
	if len(d[0].Tags) != 100 || d[0].Tags[0] != d[2].Tags[0] || d[0].Tags[0] != d[498].Tags[0] {
		t.Error("equal devices have tags of their own")
	}
	if d[0].Tags[0] == d[1].Tags[0] || d[1].Tags[0] != d[3].Tags[0] || d[1].Tags[0].Poll.Seconds() != 2 {
		t.Error("devices of different periods share tags")
	}
}

func TestDiff(t *testing.T) {
	const text = `
bridge: {name: b}
devices:
  - {name: a, url: "tcp://h", tags: [map.csv]}
  - {name: b, url: "tcp://h", unit_id: 2, tags: [map.csv]}
  - {name: c, url: "tcp://i", tags: [map.csv]}
sinks: [{name: out, type: file, path: "-"}, {name: more, type: file, path: x}]`
	const rows = "tag,address,scale\nx,40001,2\ny,40002,\nz,40003,\n"
	load := func(text, rows string) *Config {
		t.Helper()
		c, ps := loadWithMap(text, []byte(rows))
		if len(ps) != 0 {
			t.Fatal(ps)
		}
		return c
	}
	old := load(text, rows)
	if c := Diff(old, load("# moved\n"+text, "# moved\n"+rows)); c.Any() || len(c.Tags) != 0 {
		t.Errorf("places alone are no change: %+v", c)
	}
	c := Diff(old, load(strings.NewReplacer("unit_id: 2", "unit_id: 3", "name: c,", "name: d,", "path: x", "path: y").Replace(text), rows))
	if got := fmt.Sprintf("%+v", c); got != "{Bridge:false Devices:{Added:[d] Removed:[c] Changed:[b]} Sinks:{Added:[] Removed:[] Changed:[more]} Tags:map[]}" {
		t.Errorf("devices and sinks: %s", got)
	}
	c = Diff(old, load(text, "tag,address,scale\nx,40001,3\ny,40002,\nnew,40009,\n"))
	if got := fmt.Sprint(c.Devices.Changed, c.Tags["b"]); got != "[a b c] {[new] [z] [x]}" {
		t.Errorf("tags: %s", got)
	}
	if c := Diff(nil, old); len(c.Devices.Added) != 3 || !c.Bridge {
		t.Errorf("from nothing: %+v", c)
	}
}
