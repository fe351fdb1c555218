//go:build interop

package interop

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// fields are the fields of a point, each value as a text that shows its type: f1.5, sText, btrue.
type fields map[string]string

// literal is a value of a field as fields has it. InfluxDB prints integers without telling them from floats, so that
// is left to fieldTypes; an integer past 2^53 is only equal if it never was a float.
func literal(v any) string {
	switch v := v.(type) {
	case json.Number:
		return number(string(v))
	case string:
		return "s" + v
	case bool:
		return "b" + strconv.FormatBool(v)
	}
	return fmt.Sprintf("?%v", v)
}

func number(s string) string {
	if i, err := strconv.ParseInt(s, 10, 64); err == nil {
		return "i" + strconv.FormatInt(i, 10)
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return "?" + s
	}
	if f == float64(int64(f)) && f < 1<<53 && f > -1<<53 {
		return "i" + strconv.FormatInt(int64(f), 10)
	}
	return "f" + strconv.FormatFloat(f, 'g', -1, 64)
}

// pointKey identifies a point: measurement, tags that are not empty, time.
func pointKey(measurement string, tags map[string]string, nanos int64) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%q", measurement)
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		if tags[k] != "" {
			fmt.Fprintf(&b, " %q=%q", k, tags[k])
		}
	}
	fmt.Fprintf(&b, " %d", nanos)
	return b.String()
}

// layout says what InfluxDB has to hold of the tags of one device.
type layout struct {
	measurement string
	integers    map[string]bool // tags of type int64 and uint64, unscaled
	narrow      bool
	precision   time.Duration
}

// points are the points that samples have to become, in the order of the file: the contract's line protocol, said again.
func (l *layout) points(t *testing.T, samples []sample) map[string]fields {
	t.Helper()
	points, last := map[string]fields{}, map[string]string{}
	for _, s := range samples {
		if s.own() || s.Tag == "huge" { // huge is rejected
			continue
		}
		tags := map[string]string{"bridge": s.Bridge, "device": s.Device}
		maps.Copy(tags, s.Labels)
		if l.narrow {
			tags["tag"] = s.Tag
		}
		key := pointKey(l.measurement, tags, s.Time.Truncate(l.precision).UnixNano())
		if points[key] == nil {
			points[key] = fields{}
		}
		showQuality := s.Quality != "Good" || last[s.Device+"/"+s.Tag] != "" && last[s.Device+"/"+s.Tag] != "Good"
		last[s.Device+"/"+s.Tag] = s.Quality
		if l.narrow {
			l.addNarrow(t, points[key], &s)
		} else {
			l.addWide(t, points[key], &s, showQuality)
		}
	}
	return points
}

func (l *layout) addWide(t *testing.T, f fields, s *sample, showQuality bool) {
	t.Helper()
	if !s.bad() {
		f[s.Tag] = valueOf(t, s)
	}
	if s.Text != "" {
		f[s.Tag+".text"] = "s" + s.Text
	}
	if showQuality {
		f[s.Tag+".quality"] = "s" + s.Quality
	}
}

func (l *layout) addNarrow(t *testing.T, f fields, s *sample) {
	t.Helper()
	f["quality"] = "s" + s.Quality
	if s.bad() {
		return
	}
	v := valueOf(t, s)
	switch {
	case v[0] == 's':
		f["value_text"] = v
	case v[0] == 'b':
		f["value_bool"] = v
	case l.integers[s.Tag]:
		f["value_int"] = v
	default:
		f["value"] = v
	}
	if s.Text != "" {
		f["text"] = "s" + s.Text
	}
}

// valueOf is the value of a sample as fields has it.
func valueOf(t *testing.T, s *sample) string {
	t.Helper()
	var v any
	decoder := json.NewDecoder(strings.NewReader(string(s.Value)))
	decoder.UseNumber()
	if err := decoder.Decode(&v); err != nil {
		t.Fatalf("%s/%s: value %s: %v", s.Device, s.Tag, s.Value, err)
	}
	return literal(v)
}

// comparePoints reports the first few differences. Of the bridge's own points there has to be one that says that the
// device is online: each new sink is told so at its own time.
func comparePoints(t *testing.T, got, want map[string]fields) {
	t.Helper()
	var differences []string
	for _, key := range slices.Sorted(maps.Keys(want)) {
		if !maps.Equal(got[key], want[key]) {
			differences = append(differences, fmt.Sprintf("point %s\n got %v\nwant %v", key, got[key], want[key]))
		}
	}
	online := false
	for _, key := range slices.Sorted(maps.Keys(got)) {
		own := strings.HasPrefix(key, `"tagbridge" `)
		online = online || own && got[key]["online"] == "btrue"
		if want[key] == nil && !own {
			differences = append(differences, fmt.Sprintf("point %s was never read: %v", key, got[key]))
		}
	}
	for _, d := range differences[:min(len(differences), 5)] {
		t.Error(d)
	}
	if len(differences) > 5 {
		t.Errorf("and %d points more of %d", len(differences)-5, len(want))
	}
	if len(want) == 0 || !online {
		t.Errorf("%d points were read, the device online: %t", len(want), online)
	}
}
