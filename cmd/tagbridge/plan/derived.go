package plan

import (
	"fmt"
	"strings"
	"time"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/mapping/config"
)

// Computed is what is computed of a derived device, which asks nobody anything.
type Computed struct {
	Device   string   `json:"device"`
	Tags     int      `json:"tags"`
	Inputs   []string `json:"inputs"` // tags of other devices, by name
	Mode     string   `json:"mode"`   // poll, change; reckoned: windows and totals
	PeriodMS float64  `json:"period_ms"`
}

// reckoned is the mode of windows and totals.
const reckoned = "reckoned"

// mostInputs is how many a line names.
const mostInputs = 5

// String is the line of a plan.
func (c Computed) String() string {
	when := "whenever one of them was read"
	does := "computes"
	switch c.Mode {
	case "poll":
		when = fmt.Sprintf("every %s", time.Duration(c.PeriodMS*float64(time.Millisecond)))
	case reckoned:
		does, when = "reckons", "from the journal"
	}
	names, more := c.Inputs, ""
	if len(names) > mostInputs {
		names, more = names[:mostInputs], fmt.Sprintf(", and %d more", len(names)-mostInputs)
	}
	of := "nothing"
	if len(names) > 0 {
		of = strings.Join(names, ", ") + more
	}
	return fmt.Sprintf("%s: %s %s of %s %s", c.Device, does, plural(c.Tags, "tag"), of, when)
}

// computed is a planner.
func computed(p *Connection, _ *bridge.Compiler, _ string, d *config.Device) {
	for _, tags := range bridge.ByPeriod(d.Tags) {
		c := Computed{Device: d.Name, Tags: len(tags), Inputs: []string{}, Mode: d.Derived.Mode, PeriodMS: ms(tags[0].Poll)}
		if tags[0].IsReckoned() {
			c.Mode = reckoned
		}
		seen := map[string]bool{}
		for _, t := range tags {
			for _, name := range t.Computed.Inputs() {
				if !strings.HasPrefix(name, d.Name+"/") && !seen[name] {
					seen[name] = true
					c.Inputs = append(c.Inputs, name)
				}
			}
		}
		p.Computed = append(p.Computed, c)
	}
}
