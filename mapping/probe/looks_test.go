package probe

import (
	"testing"

	"tagbridge/mapping"
	"tagbridge/mapping/dump"
)

// TestOrderOfRandomDevices guesses the order of 1,000 devices, mean ones among them, of which nothing is known: most that
// is decided has to be right, and of mean ones nearly nothing is. One snapshot tells less than three.
func TestOrderOfRandomDevices(t *testing.T) {
	for _, c := range []struct{ snapshots, least, percent int }{{3, 150, 1}, {1, 10, 4}} {
		var decided, wrong, mean, meanWrong int
		for seed := range uint64(1000) {
			d := newDevice(seed+freshSeeds, 60)
			isMean := seed%4 == 0
			if isMean {
				d.mean()
			} else {
				d.instrument()
			}
			var snapshots []dump.Snapshot
			for range c.snapshots {
				snapshots = append(snapshots, d.snapshot())
				d.tick()
			}
			got := LookAt(snapshots, Options{Unit: 1})
			count := func(all, bad *int) {
				if *all++; got.Order != d.order {
					*bad++
				}
			}
			switch {
			case got.Decided && isMean:
				count(&mean, &meanWrong)
			case got.Decided:
				count(&decided, &wrong)
			}
		}
		t.Logf("%d snapshots: of 750: %d decided, %d of them wrongly; of 250 mean ones: %d, %d", c.snapshots, decided, wrong, mean, meanWrong)
		if decided < c.least {
			t.Errorf("only %d of 750 orders are decided", decided)
		}
		if 100*(wrong+meanWrong) > c.percent*(decided+mean) {
			t.Errorf("of %d orders that are decided, %d are wrong", decided+mean, wrong+meanWrong)
		}
	}
}

// TestLooks names what is plain, and no number of several registers while the order is not known.
func TestLooks(t *testing.T) {
	d := newDevice(3, 26)
	d.order, d.table, d.first = mapping.CDAB, mapping.Holding, 100
	d.text("SDM630 v2.1 ")
	d.add(value{kind: mapping.TypeFloat32, now: 230.1, step: 0.2}, 0)
	d.add(value{kind: mapping.TypeFloat32, now: 229.7, step: 0.2}, 0)
	for _, now := range []float64{50.01, 12.4, 0.93, 5817.5, 77.2, 1.05} {
		d.add(value{kind: mapping.TypeFloat32, now: now, step: 0.01}, 0)
	}
	d.add(value{kind: mapping.TypeUint16, now: 7}, 3)
	snapshots := []dump.Snapshot{d.snapshot()}
	d.tick()
	snapshots = append(snapshots, d.snapshot())
	for _, proven := range []bool{false, true} {
		got := LookAt(snapshots, Options{Unit: 1, Order: mapping.CDAB, Proven: proven})
		if !got.Decided || got.Order != mapping.CDAB {
			t.Fatalf("order %s, decided %t by %.1f, want CDAB", got.Order, got.Decided, got.Margin)
		}
		want := []Look{
			{Kind: Text, Registers: 6, Text: "SDM630 v2.1"}, {Kind: Number, Type: mapping.TypeFloat32, Registers: 2, Moves: true},
		}
		for range 7 {
			want = append(want, Look{Kind: Number, Type: mapping.TypeFloat32, Registers: 2, Moves: true})
		}
		want = append(want, Look{Kind: Zeros, Registers: 3}, Look{Kind: Number, Type: mapping.TypeInt16, Registers: 1})
		for i, w := range want {
			if l := got.List[i]; l.Kind != w.Kind || l.Registers != w.Registers || l.Type != w.Type || l.Text != w.Text || l.Moves != w.Moves {
				t.Errorf("look %d: %+v, want %+v", i, l, w)
			}
		}
	}
	lone := newDevice(4, 2)
	lone.order = mapping.ABCD
	lone.add(value{kind: mapping.TypeUint32, now: 123456}, 0)
	if got := LookAt([]dump.Snapshot{lone.snapshot()}, Options{Unit: 1}); got.Decided {
		t.Errorf("two registers decide for %s", got.Order)
	}
}
