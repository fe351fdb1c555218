package bridge

import (
	"strings"
	"testing"

	"tagbridge/drivers"
)

// reckons are windows and totals over the PLC of deriving.
const reckons = `  - name: site
    driver: derived
    of: plc
    poll: 100ms
    tags:
      - {tag: mean, expr: a, aggregate: average, window: 1s}
      - {tag: top, expr: plc/a + b, aggregate: maximum, window: 1s, stamp: start}
      - {tag: count, expr: a, total: counter}
      - {tag: area, expr: b, total: time}
      - {tag: double, expr: site/mean * 2}
`

// TestWindowsAndTotals has them reckoned of what a PLC shows.
func TestWindowsAndTotals(t *testing.T) {
	r := newRig(t)
	b, unit := r.deriving(reckons)
	b.becomes(map[string]string{"site/count": "0.0", "site/mean": "10.0"})
	set(t, unit, 65530, 20, 30)
	b.becomes(map[string]string{"site/count": "65520.0"})
	set(t, unit, 4, 20, 30)
	b.becomes(map[string]string{"site/count": "65530.0", "site/mean": "4.0", "site/top": "24.0", "site/double": "8.0"})
	b.await("the roll-over to be counted", func() bool {
		c := b.bridge.ReckonCounts()
		return len(c) == 1 && c[0].Device == "site" && c[0].Rollovers == 1 && c[0].Resets == 0 && b.bridge.ReckonedTag("site", "count") == c[0].Counts
	})
	b.await("all to be counted", func() bool {
		s := b.bridge.Reckoning()
		return s.Tags == 4 && s.Behind == 0 && s.Bytes > 0 && s.Lost == 0 && s.Error == ""
	})
	if strings.Contains(b.log.String(), "panic") {
		t.Error(b.log)
	}
	for _, d := range b.bridge.Devices() {
		if d.State != drivers.Online {
			t.Errorf("%s is not online", d.Name)
		}
	}
}

// TestReckoningGoesOn stops the bridge, changes the counter, and has it run again.
func TestReckoningGoesOn(t *testing.T) {
	r := newRig(t)
	b, unit := r.deriving(reckons)
	b.becomes(map[string]string{"site/count": "0.0"})
	set(t, unit, 110, 20, 30)
	b.becomes(map[string]string{"site/count": "100.0"})
	b.stop()
	set(t, unit, 150, 20, 30)
	b = r.run()
	b.becomes(map[string]string{"site/count": "140.0"})
	b.stop()
	r.write("data/reckoned.0", "torn")
	r.write("data/reckoned.1", "torn")
	b = r.run()
	b.becomes(map[string]string{"site/count": "0.0"})
	if !strings.Contains(b.log.String(), "they begin anew") {
		t.Errorf("it does not say that it begins anew:\n%s", b.log)
	}
}

// TestReckoningOverReload adds windows and totals to a bridge that runs, takes them out again, and changes them.
func TestReckoningOverReload(t *testing.T) {
	r := newRig(t)
	const held = "  - {name: site, driver: derived, of: plc, poll: 100ms, tags: [%s]}\n"
	one := strings.Replace(held, "%s", `{tag: count, expr: a, total: counter}`, 1)
	b, unit := r.deriving("")
	addr := strings.TrimPrefix(string(r.load().Devices[0].URL), "tcp://")
	again := func(more string) {
		t.Helper()
		r.plant(addr, more)
		b.hup()
	}
	again(one)
	b.becomes(map[string]string{"site/count": "0.0"})
	set(t, unit, 30, 20, 30)
	b.becomes(map[string]string{"site/count": "20.0"})
	again(strings.Replace(held, "%s", `{tag: count, expr: a, total: counter}, {tag: more, expr: b, total: counter}`, 1))
	b.becomes(map[string]string{"site/count": "20.0", "site/more": "0.0"})
	again("")
	set(t, unit, 35, 20, 30)
	again(one)
	b.becomes(map[string]string{"site/count": "25.0"})
	again(strings.Replace(one, "expr: a", "expr: a * 2", 1))
	b.becomes(map[string]string{"site/count": "0.0"})
	for _, want := range []string{"is reckoned otherwise than before", "is there again"} {
		if !strings.Contains(b.log.String(), want) {
			t.Errorf("nothing is said of %q:\n%s", want, b.log)
		}
	}
}
