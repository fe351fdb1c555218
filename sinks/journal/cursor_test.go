package journal

import (
	"slices"
	"testing"

	"tagbridge/sinks"
)

func TestCursorDamage(t *testing.T) {
	const name = "s.cursor"
	for what, damage := range map[string]func(d *memFolder){
		"missing": func(d *memFolder) { d.Remove(name) },
		"empty":   func(d *memFolder) { d.files[name].data = nil },
		"garbled": func(d *memFolder) {
			for i := range d.files[name].data {
				d.files[name].data[i] ^= 0x55
			}
		},
		"short": func(d *memFolder) { d.files[name].data = d.files[name].data[:slotSize-1] },
	} {
		d, samples := damageable(t, 2, 12)
		damage(d)
		if seen := checkIntact(t, d, samples); len(seen) != samples+10 {
			t.Errorf("cursor %s: %d samples, want %d", what, len(seen), samples+10)
		}
		if kept := d.files[name+corruptSuffix] != nil; kept != (what != "missing") {
			t.Errorf("cursor %s: kept aside %v", what, kept)
		}
	}
}

func TestCursorOneSlotGarbled(t *testing.T) {
	d := newMemFolder()
	j := openOn(t, d, Options{})
	j.Start("s", "now")
	appendCount(t, j, countGroup("a", 10), 0)
	disk{j}.flush()
	disk{j}.sync()
	for p := range sinks.Pos(9) {
		if err := j.Ack("s", p+1, sinks.Dealt{}); err != nil {
			t.Fatal(err)
		}
		if p%3 == 0 {
			disk{j}.sync()
		}
	}
	for slot := range slotCount {
		d := d.kill()
		data := d.files["s.cursor"].data
		if slot*slotStride < len(data) {
			data[slot*slotStride+20] ^= 1
		}
		p, _ := openOn(t, d, Options{}).Start("s", "start")
		if p < 6 || p > 9 {
			t.Errorf("slot %d garbled: the sink is at %d, want 9 or a little before", slot, p)
		}
	}
}

func TestCursorAhead(t *testing.T) {
	d, samples := damageable(t, 1, 12)
	m := mark{pos: sinks.Pos(samples + 100)}
	d.files["s.cursor"].data = appendSlot(nil, m, 1000)
	j := openOn(t, d, Options{})
	p, _ := j.Start("s", "now")
	if p != m.pos || j.End() != p {
		t.Fatalf("the sink is at %d, the journal ends at %d, want both at %d", p, j.End(), m.pos)
	}
	appendCount(t, j, countGroup("new", 10), int(p))
	disk{j}.flush()
	seen, _, lost := drain(t, j, p, everything)
	if !slices.Equal(values(seen), numbers(int(p), 10)) || lost != 0 {
		t.Errorf("got %v, lost %d", seen, lost)
	}
}
