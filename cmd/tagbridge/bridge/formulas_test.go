package bridge

import (
	"os"
	"testing"
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
	r.damageFormulas()
	b = r.run()
	b.becomes(map[string]string{"steps/seen": "65.0", "steps/step": "BadWaitingForInitialData plc/rare is BadWaitingForInitialData"})
	b.stop()
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
