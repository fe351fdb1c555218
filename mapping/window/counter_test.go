package window

import (
	"math"
	"testing"
)

func TestCounter(t *testing.T) {
	short := Limits{Range: 65536}
	for name, c := range map[string]struct {
		limits   Limits
		readings []float64
		steps    []Step
		total    float64
	}{
		"counts":                 {Limits{}, []float64{5, 7, 7, 10}, []Step{Begun, Counted, Counted, Counted}, 5},
		"rolls over 16 bits":     {short, []float64{65000, 65500, 100, 130}, []Step{Begun, Counted, Waiting, Rolled}, 500 + 136 + 30},
		"rolls over 32 bits":     {Limits{Range: 1 << 32}, []float64{1<<32 - 10, 4, 5}, []Step{Begun, Waiting, Rolled}, 15},
		"scaled range":           {Limits{Range: 6553.6}, []float64{6550.5, 0.5, 0.5}, []Step{Begun, Waiting, Rolled}, 3.6},
		"rolls, fast":            {short, []float64{50000, 4464, 24464, 44464}, []Step{Begun, Waiting, Rolled, Counted}, 60000},
		"no range, no roll":      {Limits{}, []float64{65000, 100, 130}, []Step{Begun, Waiting, Reset}, 130},
		"reset":                  {short, []float64{30000, 30010, 5, 9}, []Step{Begun, Counted, Waiting, Reset}, 19},
		"reset twice in a row":   {Limits{}, []float64{1000, 50, 10, 12}, []Step{Begun, Waiting, Waiting, Reset}, 62},
		"reset and stands":       {Limits{}, []float64{1000, 0, 0, 3}, []Step{Begun, Waiting, Reset, Counted}, 3},
		"back by one":            {Limits{Least: 1}, []float64{5, 4, 5, 6}, []Step{Begun, Noise, Counted, Counted}, 1},
		"back by a rounding":     {Limits{}, []float64{1e6, 1e6 - 0.5, 1e6, 1e6 + 1}, []Step{Begun, Noise, Counted, Counted}, 1},
		"noise for ever":         {Limits{Least: 1}, []float64{9, 8, 9, 8, 9, 8, 9, 8}, []Step{Begun, Noise, Counted, Noise, Counted, Noise, Counted, Noise}, 0},
		"a 0 of a device start":  {Limits{}, []float64{1e6, 0, 1e6 + 5}, []Step{Begun, Waiting, Glitch}, 5},
		"a 0 near the range":     {short, []float64{60000, 0, 60005}, []Step{Begun, Waiting, Glitch}, 5},
		"a torn reading":         {Limits{}, []float64{131071, 131072 + 65535, 131072, 131073}, []Step{Begun, Counted, Waiting, Glitch}, 2},
		"0xFFFF as no value":     {short, []float64{1000, 65535, 1001, 1002}, []Step{Begun, Counted, Waiting, Glitch}, 2},
		"replaced":               {Limits{Most: 1000}, []float64{500, 30000, 30010, 30020}, []Step{Begun, Waiting, Replaced, Counted}, 20},
		"replaced by a new one":  {Limits{Most: 1000}, []float64{50000, 3, 4}, []Step{Begun, Waiting, Reset}, 4},
		"too far for one glitch": {Limits{Range: 65536, Most: 1000}, []float64{500, 65535, 501}, []Step{Begun, Waiting, Glitch}, 1},
		"orders, slow polls":     {Limits{}, []float64{5, 100, 60, 110}, []Step{Begun, Counted, Waiting, Reset}, 95 + 60 + 50},
		"no number":              {Limits{}, []float64{5, math.NaN(), math.Inf(1), 6}, []Step{Begun, Glitch, Glitch, Counted}, 1},
		"below 0":                {Limits{}, []float64{-5, -3, 2}, []Step{Begun, Counted, Counted}, 7},
	} {
		var got Counter
		for i, v := range c.readings {
			if step := got.Put(v, c.limits); step != c.steps[i] {
				t.Errorf("%s: reading %d, %v, is %v, want %v", name, i, v, step, c.steps[i])
			}
		}
		if d := got.Total.Value() - c.total; math.Abs(d) > 1e-9 {
			t.Errorf("%s: total %v, want %v", name, got.Total.Value(), c.total)
		}
	}
}
