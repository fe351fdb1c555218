//go:build interop

package interop

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	part13 "tagbridge/mapping/window"
)

// aggregated is an answer of aggregates.js.
type aggregated struct {
	Error                                               string
	Average, Minimum, Maximum, Count, PercentGood, Held []value
}

// value is [number or null, status].
type value struct {
	number float64
	any    bool
	status string
}

func (v *value) UnmarshalJSON(b []byte) error {
	var pair []any
	if err := json.Unmarshal(b, &pair); err != nil {
		return err
	}
	v.number, v.any = pair[0].(float64)
	v.status, _ = pair[1].(string)
	return nil
}

// TestAggregates holds windows against the aggregates of node-opcua on the same samples. They differ where mapping/DESIGN.md
// says so: a value that holds at the start of a window counts in its extremes, and is what a window without a sample gives;
// the share of bad time decides the quality, where node-opcua counts bad samples.
func TestAggregates(t *testing.T) {
	ask := aggregates(t)
	windows, held := 0, 0
	for seed := range uint64(25) {
		r := rand.New(rand.NewPCG(seed, 13))
		const length = 10_000
		at, samples := int64(1_700_000_000_000), [][3]any{}
		for range 30 + r.IntN(60) {
			at += 1 + r.Int64N([]int64{900, 4_000, 25_000}[r.IntN(3)])
			bad := 0
			if at%length != 0 && r.IntN(5) == 0 {
				bad = 1
			}
			samples = append(samples, [3]any{at, float64(r.IntN(4000))/8 - 100, bad})
		}
		start := samples[0][0].(int64) / length * length
		end := at / length * length
		want := ask(map[string]any{"length": length, "start": start, "end": at + length, "samples": samples})
		got := map[part13.Function][]part13.Result{}
		for _, f := range []part13.Function{part13.Average, part13.Minimum, part13.Maximum, part13.Count, part13.PercentGood} {
			w := part13.Window{Function: f, Span: part13.Span{Length: length * time.Millisecond}}
			for _, s := range samples {
				v := part13.Sample{Time: s[0].(int64) * 1e6, Value: s[1].(float64)}
				if s[2] == 1 {
					v.Severity = part13.Bad
				}
				got[f] = w.Put(got[f], v)
			}
		}
		for i := range int((end - start) / length) {
			windows++
			before := want.Held[i] // what node-opcua says of a value before a bad one is uncertain; here nothing holds
			holds := before.any && before.status == "Good"
			sampled := want.Average[i].any
			average, low, high := want.Average[i], want.Minimum[i], want.Maximum[i]
			if holds {
				held++
				if !sampled {
					average, low, high = before, before, before
				}
				low.number, high.number = min(low.number, before.number), max(high.number, before.number)
			}
			for f, v := range map[part13.Function]value{part13.Average: average, part13.Minimum: low, part13.Maximum: high} {
				same(t, fmt.Sprintf("seed %d: %v of window %d", seed, f, i), got[f][i], v)
			}
			if sampled {
				same(t, fmt.Sprintf("seed %d: count of window %d", seed, i), got[part13.Count][i], want.Count[i])
				same(t, fmt.Sprintf("seed %d: percent_good of window %d", seed, i), got[part13.PercentGood][i], want.PercentGood[i])
			}
		}
	}
	if windows < 500 || held < 300 {
		t.Errorf("only %d windows were compared, in %d a value held at the start", windows, held)
	}
}

func same(t *testing.T, what string, got part13.Result, want value) {
	t.Helper()
	switch {
	case got.Severity == part13.Bad && !want.any:
	case !want.any || got.Severity == part13.Bad:
		t.Errorf("%s is %+v, node-opcua has %+v", what, got, want)
	case math.Abs(got.Value-want.number) > 1e-12*max(1, math.Abs(want.number)):
		t.Errorf("%s is %v, node-opcua has %v", what, got.Value, want.number)
	case got.Severity == part13.Good && want.status != "Good":
		t.Errorf("%s is good, node-opcua has %s", what, want.status)
	}
}

// aggregates starts aggregates.js.
func aggregates(t *testing.T) (ask func(any) aggregated) {
	t.Helper()
	modules := nodeModules()
	_, err := os.Stat(filepath.Join(modules, "node-opcua-aggregates"))
	need(t, "node-opcua in "+modules, err)
	node, err := exec.LookPath("node")
	need(t, "node", err)
	cmd := exec.Command(node, "aggregates.js")
	cmd.Env = append(os.Environ(), "NODE_PATH="+modules)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	launch(t, cmd)
	lines := bufio.NewReader(out)
	answer := func() string {
		for {
			line, err := lines.ReadString('\n')
			if text, ok := strings.CutPrefix(line, "> "); ok {
				return text
			}
			if err != nil {
				t.Fatalf("node-opcua ended: %v", err)
			}
		}
	}
	if first := answer(); !strings.HasPrefix(first, "ready") {
		t.Fatal(first)
	}
	return func(question any) (a aggregated) {
		b, err := json.Marshal(question)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(in, string(b)+"\n"); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(answer()), &a); err != nil || a.Error != "" {
			t.Fatal(err, a.Error)
		}
		return a
	}
}
