package main

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// between is what a value may be.
type between struct{ low, high float64 }

// yes is a bool of either kind.
var yes = between{0, 1}

// workedExamples are the configurations that the chapter examples of the manual goes through, and what their derived tags are
// with the simulator's plants. Totals begin at 0 and windows are made short, so that a day has what comes in seconds.
var workedExamples = map[string]map[string]between{
	"energy": {
		"site/electricity": {0, 1}, "site/electricity_day": {0, 1}, "site/electricity_month": {0, 1}, "site/water": {0, 2}, "site/water_day": {0, 2},
		"site/gas": {0, 20}, "site/gas_day": {0, 20}, "site/gas_energy_day": {0, 200}, "site/demand": {-20, 210}, "site/demand_month": {-20, 210},
		"site/cost_rate": {-5, 51}, "site/cost_hour": {-5, 51}, "site/demand.alarm": {0, 2},
	},
	"environment": {
		"air/no2_10min": {0, 250}, "air/no2_10min_share": {0, 100}, "air/no2_hour": {0, 250}, "air/no2_hour_share": {0, 100}, "air/pm10_10min": {0, 90},
		"air/pm10_10min_share": {0, 100}, "air/pm10_day": {0, 90}, "air/temperature_low": {-40, 50}, "air/temperature_high": {-40, 50},
		"air/gust": {0, 40}, "air/no2_hour_valid": yes, "air/gust.alarm": {0, 2}, "air/pm10_day.alarm": {0, 2},
	},
	"compressor": {
		"air/specific_power": {0, 100}, "air/energy": {0, 1}, "air/volume": {0, 10}, "air/energy_day": {0, 1}, "air/volume_day": {0, 10},
		"air/specific_day": {0, 100}, "air/run_hours": {0, 0.02}, "air/run_day": {0, 20}, "air/run_share": {0, 100}, "air/switched_hour": {0, 3},
		"air/starts_hour": {0, 2}, "compressor/oil_temperature.alarm": {0, 2}, "air/specific_day.alarm": {0, 2},
	},
	"cold-store": {
		"goods/warmest": {-30, 10}, "goods/mean_hour": {-30, 10}, "goods/spoilage_day": {0, 200}, "goods/mkt_day": {-30, 10}, "goods/open_hour": {0, 20},
		"goods/switched_day": {0, 3}, "goods/openings_day": {0, 2}, "store/door.alarm": {0, 1}, "store/air_front.alarm": {0, 2}, "goods/mkt_day.alarm": {0, 2},
	},
}

// TestWorkedExamples runs each example against its simulated plant with days of seconds, until every tag that is reckoned has
// had a value, and looks at all of them.
func TestWorkedExamples(t *testing.T) {
	for name, want := range workedExamples {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := hurried(t, name)
			sim, stopSim := aside(t, "sim", filepath.Join(dir, name+".yaml"), "--port", "0", "--write", filepath.Join(dir, "sim.yaml"))
			defer stopSim()
			sim.await(t, "tagbridge run ")
			noHTTP(t, filepath.Join(dir, "sim.yaml"))
			run, stopRun := aside(t, "run", filepath.Join(dir, "sim.yaml"))
			stopped := false
			defer func() {
				if !stopped {
					stopRun()
				}
			}()
			missing := map[string]between{}
			for tag, b := range want {
				missing[tag] = b
			}
			look := time.NewTicker(50 * time.Millisecond)
			defer look.Stop()
			for end := time.After(time.Minute); len(missing) > 0; {
				valuesOn(t, run.String(), want, missing)
				select {
				case <-look.C:
				case <-end:
					t.Fatalf("no values of %v in\n%.4000s", missing, run)
				}
			}
			stopRun()
			stopped = true
			if name == "environment" {
				meansOf(t, run.String(), "no2", "no2_10min", time.Second)
				meansOf(t, run.String(), "pm10", "pm10_day", 3*time.Second)
			}
		})
	}
}

// printed is a line of the sink.
type printed struct {
	Time                 time.Time
	Device, Tag, Quality string
	Value                any
}

func linesOf(text string) (list []printed) {
	for line := range strings.Lines(text) {
		var s printed
		if strings.HasPrefix(line, "{") && json.Unmarshal([]byte(line), &s) == nil { // else a message, or not whole yet
			list = append(list, s)
		}
	}
	return list
}

// meansOf reckons each mean again from the samples that are on the screen.
func meansOf(t *testing.T, text, tag, mean string, length time.Duration) {
	t.Helper()
	compared := 0
	all := linesOf(text)
	for _, m := range all {
		got, number := m.Value.(float64)
		if m.Tag != mean || !number {
			continue
		}
		sum, n := 0.0, 0
		for _, s := range all {
			v, number := s.Value.(float64)
			if s.Tag == tag && number && s.Time.Before(m.Time) && !s.Time.Before(m.Time.Add(-length)) {
				sum, n = sum+v, n+1
			}
		}
		if n == 0 {
			continue // the value that held
		}
		if want := sum / float64(n); math.Abs(got-want) > 1e-12*want {
			t.Errorf("%s at %v is %v, the mean of %d samples is %v", mean, m.Time, got, n, want)
		}
		compared++
	}
	if compared == 0 {
		t.Errorf("no %s was compared", mean)
	}
}

// valuesOn takes tags that have a value on the screen out of missing.
func valuesOn(t *testing.T, text string, want, missing map[string]between) {
	t.Helper()
	for _, s := range linesOf(text) {
		name := s.Device + "/" + s.Tag
		b, ours := want[name]
		if !ours || s.Value == nil {
			continue
		}
		v, number := s.Value.(float64)
		if is, ok := s.Value.(bool); ok {
			number = true
			if is {
				v = 1
			}
		}
		if !number || v < b.low || v > b.high {
			t.Fatalf("%s is %v, want %v to %v: %+v", name, s.Value, b.low, b.high, s)
		}
		delete(missing, name)
	}
}

// hurried is a folder with an example and its maps, whose days are seconds.
func hurried(t *testing.T, name string) string {
	t.Helper()
	dir, root := t.TempDir(), filepath.Join("..", "..", "configs")
	b, err := os.ReadFile(filepath.Join(root, name+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "tags"), 0o755); err != nil {
		t.Fatal(err)
	}
	text := regexp.MustCompile(`poll: \d+s`).ReplaceAllString(string(b), "poll: 100ms")
	text = strings.ReplaceAll(text, "driver: derived", "driver: derived\n    mode: change")
	write := func(file, text string) {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(name+".yaml", text)
	quick := strings.NewReplacer(",2m,", ",100ms,", ",3m,", ",100ms,", ",30m,", ",100ms,", ",10s,", ",100ms,", ",10m,", ",1s,", ",15m,", ",1s,",
		",1h,", ",2s,", ",day,", ",3s,", ",month,", ",4s,")
	for _, m := range regexp.MustCompile(`tags/[a-z-]+\.csv`).FindAllString(text, -1) {
		b, err := os.ReadFile(filepath.Join(root, m))
		if err != nil {
			t.Fatal(err)
		}
		write(m, quick.Replace(string(b)))
	}
	return dir
}
