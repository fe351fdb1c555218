package file

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tagbridge/mapping"
	"tagbridge/sinks"
	"tagbridge/sinks/encode"
)

var group = mapping.NewGroup(mapping.Group{Bridge: "b", Device: "d", Measurement: "m", Series: []*mapping.Series{
	{Tag: "x", Field: "x", SeriesTraits: &mapping.SeriesTraits{Kind: mapping.Uint64}},
}})

// view is samples with these values.
func view(values ...uint64) *sinks.View {
	b := &mapping.Batch{Group: group}
	for i, v := range values {
		b.Samples = append(b.Samples, mapping.Sample{Time: int64(i), Kind: mapping.Uint64, Bits: v})
	}
	v := new(sinks.View)
	v.Append(b, nil)
	return v
}

func open(t *testing.T, o Options) *Sink {
	t.Helper()
	s, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// send sends and wants everything to be taken.
func send(t *testing.T, s *Sink, values ...uint64) {
	t.Helper()
	if n, err := s.Send(context.Background(), view(values...)); n != len(values) || err != nil {
		t.Fatalf("Send = %d, %v, want %d", n, err, len(values))
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// values are the values of JSON lines.
func values(t *testing.T, text string) []uint64 {
	t.Helper()
	var list []uint64
	for line := range strings.Lines(text) {
		var s struct{ Value uint64 }
		if err := json.Unmarshal([]byte(line), &s); err != nil {
			t.Fatalf("line %q: %v", line, err)
		}
		list = append(list, s.Value)
	}
	return list
}

func TestFormats(t *testing.T) {
	for format, want := range map[string]string{
		"json": `{"time":"1970-01-01T00:00:00.000000000Z","bridge":"b","device":"d","tag":"x","value":7,"quality":"Good"}` + "\n",
		"":     `{"time":"1970-01-01T00:00:00.000000000Z","bridge":"b","device":"d","tag":"x","value":7,"quality":"Good"}` + "\n",
		"line": "m,bridge=b,device=d x=7i 0\n",
		"csv":  encode.CSVHeader + "1970-01-01T00:00:00.000000000Z,b,d,x,7,,Good,\n",
	} {
		var out bytes.Buffer
		send(t, open(t, Options{Path: "-", Format: format, Stdout: &out}), 7)
		path := filepath.Join(t.TempDir(), "out")
		send(t, open(t, Options{Path: path, Format: format}), 7)
		if out.String() != want || read(t, path) != want {
			t.Errorf("format %q: %q on standard output, %q in a file, want %q", format, out.String(), read(t, path), want)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	for _, o := range []Options{{Path: "-", Format: "xml"}, {Format: "json"}} {
		if _, err := Open(o); err == nil {
			t.Errorf("%+v was opened", o)
		}
	}
}

func TestCSVHeaderOnceAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out.csv")
	for range 2 { // a restart
		s := open(t, Options{Path: path, Format: "csv"})
		send(t, s, 1)
		send(t, s, 2)
		s.Close()
	}
	if n := strings.Count(read(t, path), encode.CSVHeader); n != 1 || !strings.HasPrefix(read(t, path), encode.CSVHeader) {
		t.Errorf("%d headers in\n%s", n, read(t, path))
	}
}

func TestLineLeavesOutExactlyWhatItCannotHold(t *testing.T) {
	var out bytes.Buffer
	s := open(t, Options{Path: "-", Format: "line", Stdout: &out})
	for _, test := range []struct {
		values []uint64
		places []int
	}{{[]uint64{1, math.MaxUint64, 3, math.MaxInt64 + 1}, []int{1, 3}}, {[]uint64{math.MaxUint64}, []int{0}}} {
		n, err := s.Send(context.Background(), view(test.values...))
		var unfit *sinks.Unfit
		if n != len(test.values) || !errors.As(err, &unfit) || !slices.Equal(unfit.Places, test.places) || unfit.Then != nil {
			t.Errorf("Send of %d = %d, %v", test.values, n, err)
		}
	}
	if got := out.String(); got != "m,bridge=b,device=d x=1i 0\nm,bridge=b,device=d x=3i 2\n" {
		t.Errorf("written %q", got)
	}
}
