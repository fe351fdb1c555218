package config

import (
	"fmt"
	"strings"
	"testing"
)

// TestHostileMaps are maps made to cost more than their length: each takes a moment only, else the test times out.
func TestHostileMaps(t *testing.T) {
	const header, mega = "tag,address,enum,invalid\n", 1 << 18
	var labels, enum strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&labels, ",label.l%d", i)
		fmt.Fprintf(&enum, "|%d=x", i)
	}
	for name, text := range map[string]string{
		"quotes":         header + strings.Repeat(`"`, 4*mega+1),
		"quotes in rows": header + strings.Repeat("\"\n", 2*mega+1),
		"separators":     header + strings.Repeat(",", 8*mega) + "x",
		"columns":        strings.Repeat("tagg,", 4*mega),
		"label columns":  "tag,address" + labels.String(),
		"enum":           header + "a,40001," + enum.String()[1:],
		"invalid":        header + "a,40001,," + strings.Repeat("x|", mega),
		"one long cell":  header + "a,\"" + strings.Repeat("x\n", 8*mega) + "\"" + strings.Repeat(",x", 3),
		"bad rows":       header + strings.Repeat("a,\n", mega),
		"nearly names":   header + strings.Repeat("b,40001\n", mega),
	} {
		if _, ps := loadMap(t, text); !ps.HasProblems() {
			t.Errorf("%s: no problem", name)
		}
	}
}
