package main

import (
	"fmt"
	"time"
)

// lineRows are the works on serial lines.
func lineRows() []row {
	line := func(w lineWork) func(options) (figures, error) {
		return func(o options) (figures, error) { return measureLine(o, w) }
	}
	carried := target{"frames on the line", 95, true, "%", func(f figures) float64 { return 100 * f.Carried }}
	plan := target{"plan is off by", 5, false, "%", func(f figures) float64 { return 100 * f.PlanError }}
	var list []row
	for _, baud := range []int{9600, 19200, 115200} {
		full := lineWork{baud: baud, units: 1, registers: 125, period: 10 * time.Millisecond, timeout: time.Second}
		list = append(list, row{fmt.Sprintf("line-%d", baud), fmt.Sprintf("saturated line at %d baud, 125 registers a request", baud),
			line(full), []target{carried}})
	}
	usual := lineWork{
		baud: 19200, units: 8, registers: 40, period: time.Second, timeout: time.Second, turnaround: 5 * time.Millisecond,
	}
	dead := lineWork{
		baud: 9600, units: 10, dead: 5, registers: 20, period: time.Second, timeout: 300 * time.Millisecond,
		turnaround: 5 * time.Millisecond,
	}
	worst := target{"worst delay of a live unit", 365, false, "ms", func(f figures) float64 { return millis(f.Max) }}
	return append(list,
		row{"line-plan", "line at 19,200 baud, 8 units × 40 registers at 1 s", line(usual), []target{plan}},
		row{"line-dead", "line at 9,600 baud, 5 dead units of 10, 300 ms timeout", line(dead), []target{worst}})
}
