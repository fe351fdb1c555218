package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tagbridge/testrig/influxd"
	"tagbridge/testrig/plc"
	"tagbridge/testrig/subject"
)

func TestGrows(t *testing.T) {
	tests := []struct {
		seen []float64
		yes  bool
	}{
		{nil, false},
		{[]float64{1, 1, 1, 500}, true},
		{[]float64{100, 10, 10, 10, 10, 10, 10, 12}, false},
		{[]float64{1, 1, 10, 10, 10, 10, 30, 30}, true},
		{[]float64{50, 50, 50, 50, 50, 50, 50, 50}, false},
	}
	for _, test := range tests {
		if _, _, yes := grows(test.seen, 0.1, 2); yes != test.yes {
			t.Errorf("%v grows: %v", test.seen, yes)
		}
	}
}

func TestIsValue(t *testing.T) {
	tests := []struct {
		layout, measurement, field string
		yes                        bool
	}{
		{"wide", "d01", "t00", true},
		{"wide", "d01", "t00.quality", false},
		{"wide", "d01", "t00.text", false},
		{"wide", "tagbridge", "online", false},
		{"narrow", "d01", "value", true},
		{"narrow", "d01", "value_text", true},
		{"narrow", "d01", "quality", false},
		{"narrow", "tagbridge", "value_bool", false},
	}
	for _, test := range tests {
		if got := isValue(test.layout)(test.measurement, test.field); got != test.yes {
			t.Errorf("%+v: %v", test, got)
		}
	}
}

// TestAccount finds what is missing, made up, out of order and not counted.
func TestAccount(t *testing.T) {
	const right = "d01,device=d01 t00=1,t01=1 1\nd01,device=d01 t00=2 2\ntagbridge,device=d01 online=t 2\n"
	tests := []struct {
		name     string
		lines    string
		read     float64
		sink     subject.Sink
		rejected string // lines of the reject folder
		wrong    int
	}{
		{"all there", right, 3, subject.Sink{}, "", 0},
		{"one missing", right, 4, subject.Sink{}, "", 1},
		{"one made up", right, 2, subject.Sink{}, "", 1},
		{"one twice", right + right, 3, subject.Sink{}, "", 0},
		{"out of order", "d01,device=d01 t00=2 2\nd01,device=d01 t00=1,t01=1 1\n", 3, subject.Sink{}, "", 1},
		{"changed", right + "d01,device=d01 t00=3 2\n", 3, subject.Sink{}, "", 1},
		{"rejected", right, 4, subject.Sink{Rejected: 2}, `{"tag":"t00","value":3}` + "\n" + `{"tag":"t00","value":null}` + "\n", 0},
		{"rejected and not counted", right, 4, subject.Sink{Rejected: 1}, "", 2},
		{"dropped", right, 5, subject.Sink{Dropped: 2}, "", 0},
		{"dropped fewer than missing", right, 6, subject.Sink{Dropped: 2}, "", 1},
	}
	for _, test := range tests {
		dir := t.TempDir()
		folder := filepath.Join(dir, "data", "rejected", "wide")
		if err := os.MkdirAll(folder, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, "1.jsonl"), []byte(test.rejected), 0o600); err != nil {
			t.Fatal(err)
		}
		store := influxd.New(influxd.Options{Keep: influxd.KeepTimes})
		w := httptest.NewRecorder()
		store.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/write", strings.NewReader(test.lines)))
		test.sink.Name = "wide"
		var l ledger
		l.account(test.read, test.sink, store, dir)
		if len(l.wrong) != test.wrong {
			t.Errorf("%s: wrong is %q, want %d", test.name, l.wrong, test.wrong)
		}
	}
}

func TestTroubleIsValid(t *testing.T) {
	p, err := newPlant(1)
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	if len(p.units) != alone+shared || len(p.servers) != alone+1 {
		t.Errorf("%d units on %d servers", len(p.units), len(p.servers))
	}
	for _, tag := range tags() {
		if got := p.units[0].Expected(tag); got.Kind == plc.NoValue {
			t.Errorf("%s has no value: %+v", tag.Name, got)
		}
	}
}
