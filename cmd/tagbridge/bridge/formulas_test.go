package bridge

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tagbridge/testrig/influxd"
)

const stepping = `  - name: steps
    driver: derived
    mode: change
    tags:
      - {tag: step, expr: plc/rare - previous(plc/rare)}
      - {tag: twice, expr: previous(plc/rare) * 2}
      - {tag: seen, expr: plc/rare}
`

// TestFormulasRemember stops the bridge, and changes the device of the formulas: what they knew of values before is known after.
func TestFormulasRemember(t *testing.T) {
	r := newRig(t)
	b, unit := r.deriving(stepping)
	b.becomes(map[string]string{"steps/seen": "30.0", "steps/step": "BadWaitingForInitialData plc/rare is BadWaitingForInitialData"})
	b.stop()
	set(t, unit, 10, 20, 45)
	b = r.run()
	b.becomes(map[string]string{"steps/step": "15.0", "steps/twice": "60.0"})

	r.edit("plant.yaml", "* 2", "* 3")
	if s := b.hup(); len(s.Problems) > 0 {
		t.Fatal(s.Problems)
	}
	b.becomes(map[string]string{"steps/step": "15.0"})
	b.stop()

	set(t, unit, 10, 20, 65)
	b = r.run()
	b.becomes(map[string]string{"steps/step": "20.0", "steps/twice": "135.0"})
	b.stop()
	r.damageFormulas() // what was read last is in the journal
	set(t, unit, 10, 20, 75)
	b = r.run()
	b.becomes(map[string]string{"steps/seen": "75.0", "steps/step": "10.0"})
	b.stop()
}

// TestFormulasOverAKill has the file be older than what was computed, as a kill leaves it: what was read since then is remembered
// from the journal, and what nothing was computed of comes with the next value.
func TestFormulasOverAKill(t *testing.T) {
	const row = "      - {tag: step, expr: plc/rare - previous(plc/rare)}\n"
	for _, c := range []struct {
		name, without string // a row that is not there while 45 is read
		seen          string // what is not sent of it
		want          map[string]string
	}{
		{"computed", "", "", map[string]string{"steps/step": "20.0", "steps/twice": "90.0"}},
		{"read only", row, "", map[string]string{"steps/step": "35.0", "steps/twice": "90.0"}},
		{"not in the journal", "", ", report: none", map[string]string{"steps/step": "35.0", "steps/twice": "60.0"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			b, unit := r.deriving(stepping)
			b.becomes(map[string]string{"steps/seen": "30.0"})
			b.stop()
			kept := r.text("data/" + formulasFile)
			if c.seen != "" {
				r.write("tags.csv", strings.Replace(plainTags, "type,poll\n", "type,poll,report\n", 1))
				r.edit("tags.csv", "rare,holding:2,uint16,1h", "rare,holding:2,uint16,1h,none")
			}
			plan := r.text("plant.yaml")
			r.write("plant.yaml", strings.Replace(plan, c.without, "", 1))
			set(t, unit, 10, 20, 45)
			b = r.run()
			b.becomes(map[string]string{"steps/seen": "45.0", "steps/twice": "60.0"})
			r.wait("what was computed", func(points []influxd.Point) bool {
				return slices.ContainsFunc(points, func(p influxd.Point) bool {
					return p.Measurement == "steps" && slices.ContainsFunc(p.Fields, func(f influxd.Field) bool { return f.Name == "twice" && f.Value == 60.0 })
				})
			})
			b.copyData("data", "killed")
			b.stop()
			r.write("plant.yaml", strings.Replace(plan, "data_dir: data", "data_dir: killed", 1))
			r.write("killed/"+formulasFile, kept)
			set(t, unit, 10, 20, 65)
			b = r.run()
			b.becomes(c.want)
		})
	}
}

// damageFormulas cuts what is kept in the middle.
func (r *rig) damageFormulas() {
	r.t.Helper()
	path := r.path(formulasFile)
	info, err := os.Stat(path)
	if err == nil {
		err = os.Truncate(path, info.Size()/2)
	}
	if err != nil {
		r.t.Fatal(err)
	}
}

// text is what is in a file.
func (r *rig) text(name string) string {
	r.t.Helper()
	b, err := os.ReadFile(filepath.Join(r.dir, name))
	if err != nil {
		r.t.Fatal(err)
	}
	return string(b)
}
