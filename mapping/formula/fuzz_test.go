package formula

import (
	"math"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/expr-lang/expr"
)

// FuzzCompile holds every text to its bounds: it is compiled or refused at a place in it, and computed without a panic, in
// bounded time, to a value that fits its type and quality.
func FuzzCompile(f *testing.F) {
	for _, s := range []string{
		"(boiler/t_in + boiler/t_out) / 2", "a/b", "`öl/druck °C` ** -2", "1 < kw < 8 ? text(state) : 'x'", "kw not in [1, 7]", "kw in 1..7",
		"value_or(bad, previous(kw)) % bit(kw, 1)", "good(any, never) and any", "seconds_since(previous(a)) - round(a, 3)", "9**9**9**9", "'\\u00e9'",
		strings.Repeat("(", 99), strings.Repeat("2**", 300) + "2", strings.Repeat("-", 300) + "1", strings.Repeat("not ", 300) + "true",
		strings.Repeat("door ? 1 : ", 200) + "2", strings.Repeat("(1<", 20) + "1" + strings.Repeat("<2?1:2)", 20), "1 in 0..9223372036854775807",
		"[[[1]]]", "a-a-a-a", "_0 + _1", "0x1p4", "1_000", "a ? b", "b'x'",
	} {
		f.Add(s)
	}
	known := values()
	f.Fuzz(func(t *testing.T, text string) {
		start := time.Now()
		formula, err := Compile(text, scope(known))
		if err != nil {
			if n := len([]rune(text)); err.At < 1 || err.At > n+1 || err.Message == "" {
				t.Errorf("Compile(%q): %v, at none of its %d characters", text, err, n)
			}
			return
		}
		var in []*Input
		for _, n := range formula.Inputs() {
			in = append(in, known[n.Name])
		}
		var res Result
		formula.Eval(in, new(Past), 2000, &res)
		if took := time.Since(start); took > 2*time.Second {
			t.Errorf("%q took %v", text, took)
		}
		if isBad(res.Quality) != (res.Kind == None) {
			t.Errorf("%q: quality %#x with kind %d", text, res.Quality, res.Kind)
		}
		if v := math.Float64frombits(res.Bits); res.Kind == Float && v-v != 0 {
			t.Errorf("%q = %v", text, v)
		}
		want := map[Kind]Type{Int: Number, Float: Number, True: Bool, Words: Text}[res.Kind]
		if res.Kind != None && formula.Type() != Unknown && formula.Type() != want {
			t.Errorf("%q is %s, and gave kind %d", text, formula.Type(), res.Kind)
		}
	})
}

// TestAsExprHasIt compares what random formulas give with what expr-lang's own machine does with them. Where it differs on
// purpose (results that are not finite, int64 that overflow, 15 digits) is left out, or allowed for.
func TestAsExprHasIt(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	env := map[string]any{}
	known := map[string]*Input{}
	for _, name := range []string{"x", "y", "z"} {
		known[name] = &Input{}
	}
	compared := 0
	for range 3_000 {
		for name, in := range known {
			v := math.Round(r.NormFloat64()*1e4) / 100
			env[name] = v
			*in = Input{Kind: Float, Bits: math.Float64bits(v), Time: 1}
			in.Put(1)
		}
		text := randomNumber(r, 4)
		want, err := expr.Eval(text, env)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		f, bad := Compile(text, scope(known))
		if bad != nil {
			t.Fatalf("%s: %v", text, bad)
		}
		var in []*Input
		for _, n := range f.Inputs() {
			in = append(in, known[n.Name])
		}
		var res Result
		f.Eval(in, nil, 2, &res)
		w := reflect.ValueOf(want).Convert(reflect.TypeFor[float64]()).Float()
		switch {
		case res.Kind == None && res.Why != "":
			continue // expr may go on with an infinity, to an end that is finite
		case w-w != 0:
			t.Errorf("%s of %v is finite, and for expr %v", text, env, want)
			continue
		}
		compared++
		got := math.Float64frombits(res.Bits)
		if res.Kind == Int {
			got = float64(int64(res.Bits))
		}
		if math.Abs(got-w) > 1e-9*max(1, math.Abs(w)) {
			t.Errorf("%s of %v = %v, expr says %v", text, env, got, w)
		}
	}
	if compared < 1_500 {
		t.Errorf("only %d of the formulas had values", compared)
	}
}

// randomNumber is a formula of numbers as both understand it. What is nearly equal is compared differently on purpose;
// the inputs have two decimals, so that it does not come up.
func randomNumber(r *rand.Rand, depth int) string {
	if depth == 0 || r.IntN(5) == 0 {
		return []string{"x", "y", "z", "2.5", "0.5", "3.25"}[r.IntN(6)]
	}
	a, b := randomNumber(r, depth-1), randomNumber(r, depth-1)
	switch r.IntN(9) {
	case 0, 1:
		return "(" + a + " + " + b + ")"
	case 2:
		return "(" + a + " - " + b + ")"
	case 3:
		return a + " * " + b
	case 4:
		return a + " / " + b
	case 5:
		return "abs(" + a + ")"
	case 6:
		return "max(" + a + ", " + b + ")"
	case 7:
		return "min(" + a + ", " + b + ")"
	}
	return "(" + randomTruth(r) + " ? " + a + " : " + b + ")"
}

func randomTruth(r *rand.Rand) string {
	names := []string{"x", "y", "z", "10.5"}
	one := names[r.IntN(3)] + []string{" < ", " <= ", " > ", " >= ", " == ", " != "}[r.IntN(6)] + names[r.IntN(4)]
	switch r.IntN(4) {
	case 0:
		return one + " and " + randomTruth(r)
	case 1:
		return "not (" + one + ") or " + randomTruth(r)
	}
	return one
}

func BenchmarkEval(b *testing.B) {
	known := values()
	for _, c := range []struct{ name, text string }{
		{"three inputs", "(boiler/t_in + boiler/t_out) / 2 * a"},
		{"a choice", "good(kw) and kw > 3 ? boiler/t_in - boiler/t_out : value_or(bad, 0)"},
	} {
		f, err := Compile(c.text, scope(known))
		if err != nil {
			b.Fatal(err)
		}
		var in []*Input
		for _, n := range f.Inputs() {
			in = append(in, known[n.Name])
		}
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			var res Result
			for b.Loop() {
				f.Eval(in, nil, 2000, &res)
			}
		})
	}
}

func BenchmarkCompile(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Compile("(boiler/t_in + boiler/t_out) / 2 * a", scope(values())); err != nil {
			b.Fatal(err)
		}
	}
}
