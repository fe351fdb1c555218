//go:build interop

package interop

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"math/big"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// sample is a line of the file sink.
type sample struct {
	Time    time.Time         `json:"time"`
	Bridge  string            `json:"bridge"`
	Device  string            `json:"device"`
	Tag     string            `json:"tag"`
	Value   json.RawMessage   `json:"value"`
	Quality string            `json:"quality"`
	Text    string            `json:"text"`
	Unit    string            `json:"unit"`
	Labels  map[string]string `json:"labels"`
	Reason  string            `json:"reason"` // of rejected ones
}

// own reports the bridge's own samples, such as _online.
func (s *sample) own() bool { return strings.HasPrefix(s.Tag, "_") }

func (s *sample) bad() bool { return strings.HasPrefix(s.Quality, "Bad") }

// samplesFile reads a file of JSON lines that grows.
type samplesFile struct {
	path    string
	strict  bool // no other keys than the contract names
	read    int64
	samples []sample
}

// all are the samples of all whole lines so far; none when there is no such file yet.
func (f *samplesFile) all(t *testing.T) []sample {
	t.Helper()
	file, err := os.Open(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	data, err := io.ReadAll(io.NewSectionReader(file, f.read, 1<<40))
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(data) {
		if !bytes.HasSuffix(line, []byte("\n")) {
			break // still being written
		}
		f.read += int64(len(line))
		f.samples = append(f.samples, f.parse(t, line))
	}
	return f.samples
}

func (f *samplesFile) parse(t *testing.T, line []byte) (s sample) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(line))
	if f.strict {
		d.DisallowUnknownFields()
	}
	if err := d.Decode(&s); err != nil {
		t.Fatalf("%v in %s", err, line)
	}
	return s
}

// byTag are the samples of a device in the order of the file, by tag, without the bridge's own.
func byTag(samples []sample, device string) map[string][]sample {
	tags := map[string][]sample{}
	for _, s := range samples {
		if s.Device == device && !s.own() {
			tags[s.Tag] = append(tags[s.Tag], s)
		}
	}
	return tags
}

// want is what every sample of a tag has to be. Kind: integer, float32, float64, decimal, near, bool, text, none.
type want struct {
	Kind    string `json:"kind"`
	Value   any    `json:"value"` // a number as the text of it
	Text    string `json:"text"`
	Quality string `json:"quality"`
}

// matches compares s with w, its value to the last digit.
func (w *want) matches(s *sample) bool {
	return s.Quality == w.Quality && s.Text == w.Text && w.matchesValue(string(s.Value))
}

func (w *want) matchesValue(got string) bool {
	switch w.Kind {
	case "none":
		return got == "null"
	case "bool":
		return got == strconv.FormatBool(w.Value.(bool))
	case "text":
		var text string
		return json.Unmarshal([]byte(got), &text) == nil && text == w.Value
	case "integer":
		return got == w.Value // in full: no point, no exponent
	}
	return strings.ContainsAny(got, ".eE") && w.matchesFloat(got, w.Value.(string))
}

// matchesFloat compares a value of a float type with what it has to be.
func (w *want) matchesFloat(got, value string) bool {
	switch w.Kind {
	case "float32", "float64": // the same bits, and no longer than it has to be
		bits, _ := strconv.Atoi(w.Kind[len("float"):])
		g, err := strconv.ParseFloat(got, bits)
		v, wantErr := strconv.ParseFloat(value, bits)
		return err == nil && wantErr == nil && g == v && digits(got) <= digits(value)
	case "decimal": // exactly
		g, ok := new(big.Rat).SetString(got)
		v, wantOK := new(big.Rat).SetString(value)
		return ok && wantOK && g.Cmp(v) == 0
	case "near": // a quotient, rounded to 15 digits
		g, err := strconv.ParseFloat(got, 64)
		v, wantErr := strconv.ParseFloat(value, 64)
		return err == nil && wantErr == nil && (g == v || g/v > 1-1e-14 && g/v < 1+1e-14) && digits(got) <= 15
	}
	return false
}

// digits is how many significant digits a number is written with.
func digits(s string) int {
	mantissa, _, _ := strings.Cut(strings.ToLower(s), "e")
	return len(strings.Trim(strings.Replace(mantissa, ".", "", 1), "-0"))
}

func TestDigits(t *testing.T) {
	for s, n := range map[string]int{"0.0": 0, "23.1": 3, "-0.10": 1, "100.0": 1, "1.5e-7": 2, "10203": 5, "1e+20": 1} {
		if got := digits(s); got != n {
			t.Errorf("digits(%s) = %d, want %d", s, got, n)
		}
	}
}
