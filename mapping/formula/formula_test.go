package formula

import (
	"math"
	"strings"
	"testing"
)

// values are the tags that the tests know.
func values() map[string]*Input {
	put := func(in Input) *Input {
		if in.Time == 0 {
			in.Time = 1000
		}
		in.Put(1000)
		return &in
	}
	number := func(v float64) *Input { return put(Input{Kind: Float, Bits: math.Float64bits(v)}) }
	integer := func(v int64) *Input { return put(Input{Kind: Int, Bits: uint64(v)}) }
	state := integer(1)
	state.Texts = texts{0: "stopped", 1: "running"}
	return map[string]*Input{
		"boiler/t_in": number(20.5), "boiler/t_out": number(61.25), "a": number(0.1), "b": number(0.2), "kw": integer(7), "a/b": integer(99),
		"big": integer(9007199254740993), "most": integer(math.MaxInt64), "zero": integer(0), "neg": integer(-3),
		"line-3/temp": integer(33), "öl/druck °C": number(1.5), "öl/druck": number(2.5), "force[0]": integer(5), "4th/x": integer(4), "min": integer(77),
		"door": put(Input{Kind: True, Bits: 1}), "state": state, "name": put(Input{Kind: Words, Text: "mill"}),
		"bad": put(Input{Quality: 0x808A0000}), "bad2": put(Input{Quality: 0x800A0000}), "doubt": put(Input{Kind: Int, Bits: 3, Quality: 0x40940000}),
		"never": NewInput(), "old": {Kind: Int, Bits: 8, Time: 5, MaxAge: 10, seen: 5, valued: 5, samples: 1},
		"any": put(Input{Kind: Words, Text: "on"}),
	}
}

type texts map[int64]string

func (t texts) EnumText(v int64) string { return t[v] }

func typeOf(name string, in *Input) Type {
	switch {
	case name == "any":
		return Unknown
	case in.Kind == True:
		return Bool
	case in.Kind == Words:
		return Text
	}
	return Number
}

func scope(known map[string]*Input) Scope {
	return Scope{
		Find: func(name string) (Name, bool) {
			in, ok := known[name]
			if !ok {
				return Name{}, false
			}
			return Name{Name: name, Type: typeOf(name, in)}, true
		},
		Nearest: func(name string, own []string) string { return ": did you mean something else?" },
	}
}

// eval computes text of values.
func eval(t testing.TB, text string) (Result, *Formula) {
	t.Helper()
	known := values()
	f, err := Compile(text, scope(known))
	if err != nil {
		t.Fatalf("Compile(%q): %v", text, err)
	}
	var in []*Input
	for _, n := range f.Inputs() {
		in = append(in, known[n.Name])
	}
	var res Result
	f.Eval(in, new(Past), 2000, &res)
	return res, f
}

// show is a value as people read it, or a quality with the input that it is of.
func show(res *Result, f *Formula) any {
	if res.Quality != Good && res.Kind == None {
		if res.Input >= 0 {
			return f.Inputs()[res.Input].Name
		}
		return res.Why
	}
	switch res.Kind {
	case Int:
		return int(res.Bits)
	case Float:
		return math.Float64frombits(res.Bits)
	case True:
		return res.Bits == 1
	}
	return res.Text
}

func TestValues(t *testing.T) {
	for _, c := range []struct {
		text string
		want any
	}{
		{"(boiler/t_in + boiler/t_out) / 2", 40.875},
		{"a + b", 0.3},
		{"a + b == 0.3", true},
		{"a*3 <= 0.3", true},
		{"floor((a + 0.7) * 10)", 8},
		{"a / b", 0.5}, // spaces end names
		{"a/b", 99},    // the longest known name
		{"a/ b", 0.5},
		{"kw/2", 3.5},
		{"kw / 7", 1},
		{"line-3/temp - 3", 30},
		{"line-3/temp-3", 30},
		{"kw-3", 4},
		{"öl/druck * 2", 5.0},
		{"`öl/druck °C` * 2", 3.0},
		{"force[0] + 1", 6},
		{"4th/x ** 2", 16},
		{"min + min(1, 2)", 78},
		{"big", 9007199254740993},
		{"big + 1", 9007199254740994},
		{"big - 1 == 9007199254740992", true},
		{"most + 1", 9.22337203685478e18},
		{"most * 2", 1.84467440737096e19},
		{"-most - 2", -9.22337203685478e18},
		{"2 ** 62", 1 << 62},
		{"2 ** 64", 1.84467440737096e19},
		{"2 ^ 3 ** 2", 512},
		{"-2 ** 2", -4},
		{"7 % 4", 3},
		{"neg % 2", -1},
		{"7.5 % 2", 1.5},
		{"0x1F + 1e2 + .5", 131.5},
		{"kw > 3 and not door", false},
		{"kw > 3 && door || false", true},
		{"!door", false},
		{"1 < kw < 8", true},
		{"1 < kw < 7", false},
		{"door ? kw : bad", 7}, // what is not used does not count
		{"door or bad > 1", true},
		{"kw in [1, 7]", true},
		{"kw in 1..7", true},
		{"kw not in 1..7", false},
		{"a in 0..1", false},
		{"kw in 0..9223372036854775807", true},
		{"text(state) == 'running'", true},
		{`name in ["mill", "saw"]`, true},
		{"text(kw)", "7"},
		{"name", "mill"},
		{"any", "on"},
		{"any == 'on'", true},
		{"abs(neg)", 3},
		{"max(1, kw, 3.5)", 7},
		{"round(2.5) + round(-2.5)", 0},
		{"round(2.345, 2)", 2.35},
		{"ceil(a) + floor(-a)", 0},
		{"sqrt(2)", 1.4142135623731},
		{"exp(0) + log(1)", 1.0},
		{"pow(2, 0.5)", 1.4142135623731},
		{"bit(kw, 0) and not bit(kw, 3)", true},
		{"good(kw, a)", true},
		{"good(bad)", false},
		{"good(old)", false},
		{"good(doubt)", false},
		{"good(1 / zero)", false},
		{"value_or(bad, 5)", 5},
		{"value_or(never, 5)", 5},
		{"value_or(kw, bad)", 7},
		{"value_or(1 / zero, 0) + kw", 7},
		{"good(bad) ? bad : value_or(bad, kw)", 7},
		{"seconds_since(kw) < 1", true},
		// no values
		{"bad + kw", "bad"},
		{"kw + bad2 + bad", "bad2"},
		{"value_or(bad, bad2)", "bad2"},
		{"never * 2", "never"},
		{"previous(kw)", "kw"},
		{"any * 2", "any"},
		{"1 / zero", "division by zero"},
		{"1 / (1 / zero)", "division by zero"},
		{"1 % 0", "division by zero"},
		{"0 ** -1", "division by zero"},
		{"1 / exp(1000)", "the result is too large for a number"},
		{"sqrt(-1)", "the result is not a number"},
		{"log(0)", "the result is too large for a number"},
		{"10 ** 400", "the result is too large for a number"},
		{"bit(a, 1)", "a bit of a number that is not whole"},
		{"bit(kw, kw * 100)", "a bit is one of 0 to 63"},
	} {
		res, f := eval(t, c.text)
		if got := show(&res, f); got != c.want {
			t.Errorf("%s = %v, want %v (%+v)", c.text, got, c.want, res)
		}
	}
}

func TestQualities(t *testing.T) {
	for _, c := range []struct {
		text    string
		quality uint32
		input   string
	}{
		{"kw", Good, ""},
		{"bad + 1", 0x808A0000, "bad"},
		{"doubt + bad", 0x808A0000, "bad"},
		{"doubt + 1", UncertainDataSubNormal, "doubt"},
		{"old + 1", UncertainLastUsableValue, "old"},
		{"value_or(doubt, 1)", UncertainDataSubNormal, "doubt"},
		{"door ? 1 : doubt", Good, ""},
		{"never", BadWaitingForInitialData, "never"},
		{"1 / zero", BadNoData, ""},
		{"any + 1", BadTypeMismatch, "any"},
	} {
		res, f := eval(t, c.text)
		input := ""
		if res.Input >= 0 {
			input = f.Inputs()[res.Input].Name
		}
		if res.Quality != c.quality || input != c.input {
			t.Errorf("%s: quality %#x of %q, want %#x of %q", c.text, res.Quality, input, c.quality, c.input)
		}
	}
}

func TestMistakes(t *testing.T) {
	deep := strings.Repeat("(", 101) + "1" + strings.Repeat(")", 101)
	for _, c := range []struct {
		text, want string
		at         int
	}{
		{"", "empty", 1},
		{"  ", "empty", 1},
		{"kw +", "something is missing at the end", 5},
		{"(kw + 1", "closing bracket is missing", 8},
		{"kw + * 2", `"*" is not expected here`, 6},
		{"kw)", `")" is not expected here`, 3},
		{"kw kw", `"kw" is not expected here`, 4},
		{"kw + boilr/temp * 2", `unknown tag "boilr/temp": did you mean`, 6},
		{"öl/druck + x", `unknown tag "x"`, 12},
		{"`no such`", `unknown tag "no such"`, 1},
		{"`kw", "a ` is missing", 1},
		{"kw = 1", "equal is ==", 4},
		{"kw <> 1", "different is !=", 4},
		{"kw & 1", "write: and", 4},
		{"max(kw; 1)", "separated by commas", 7},
		{"kw // 2", "one /", 4},
		{"kw /* x */", "no comments", 4},
		{"if(door, 1, 0)", "unknown function if", 1},
		{"avg(kw)", "unknown function avg: did you mean", 1},
		{"kw AND door", `unknown tag "AND": did you mean`, 4},
		{"nil", `unknown tag "nil"`, 1},
		{"filter([1], true)", "unknown function filter", 1},
		{"let x = 1", `unknown tag "let"`, 1},
		{"kw ?? 1", `"?" is not expected here`, 5},
		{"#", "nothing that a formula can have", 1},
		{"kw.value", "'.' is nothing", 3},
		{"door + 1", "a number is needed here, and this is true or false: write (x ? 1 : 0)", 1},
		{"kw ? 1 : 2", "true or false is needed here, and this is a number: compare it, as in x != 0", 1},
		{"not kw", "true or false is needed", 5},
		{"door ? 1 : name", "this is a text, and the other one is a number", 12},
		{"kw == name", "this is a text", 7},
		{"name + 'x'", "a number is needed here, and this is a text", 1},
		{"name < 'x'", "a number is needed", 1},
		{"kw in [1, 'x']", "this is a text, and it is compared with a number", 11},
		{"kw in []", "the list is empty", 7},
		{"kw in 5", "after in comes a list or a range", 7},
		{"1..5", "a range is only for in", 2},
		{"[1, 2]", "a list is only for in", 1},
		{"abs()", "abs takes one value, not 0", 1},
		{"pow(1)", "pow takes two values, not 1", 1},
		{"round(1, 2, 3)", "round takes one or two values, not 3", 1},
		{"round(kw, kw)", "the number of decimals", 11},
		{"bit(kw, 64)", "a bit is one of 0 to 63", 9},
		{"text(1 + 2)", "text takes the name of a tag", 8},
		{"previous(kw + 1)", "previous takes the name of a tag", 13},
		{"12kw", `"12kw" is not a number`, 1},
		{"1e", "is not a number", 1},
		{"0x", "is not a number", 1},
		{"99999999999999999999", "has too many digits", 1},
		{"'open", "a ' is missing", 1},
		{deep, "more than 100 brackets in one another", 101},
		{strings.Repeat("1+", 2047) + "1", "more than 2000 parts", 0},
		{strings.Repeat("kw", 2049), "at most 4096 are taken", 1},
		{strings.Repeat("(1 < ", 60) + "1" + strings.Repeat(" < 2 ? 1 : 2)", 60), "takes too long to compute", 0},
	} {
		_, err := Compile(c.text, scope(values()))
		switch {
		case err == nil:
			t.Errorf("Compile(%.40q) found nothing, want %q", c.text, c.want)
		case !strings.Contains(err.Message, c.want):
			t.Errorf("Compile(%.40q) = %q, want %q", c.text, err.Message, c.want)
		case c.at != 0 && err.At != c.at:
			t.Errorf("Compile(%.40q): %q at %d, want %d", c.text, err.Message, err.At, c.at)
		}
	}
}

func TestPrevious(t *testing.T) {
	in := NewInput()
	f, err := Compile("x - previous(x)", Scope{Find: func(n string) (Name, bool) { return Name{"x", Number}, n == "x" }})
	if err != nil {
		t.Fatal(err)
	}
	past, now := new(Past), int64(0)
	for _, c := range []struct {
		put  any // nil: no new sample
		want any
	}{
		{nil, BadWaitingForInitialData},
		{10, BadWaitingForInitialData},
		{12, 2},
		{nil, 2}, // computed for another reason
		{12, 0},
		{uint32(0x800A0000), uint32(0x800A0000)},
		{20, 8}, // over what was bad
	} {
		now++
		switch v := c.put.(type) {
		case int:
			in.Kind, in.Bits, in.Quality, in.Time = Int, uint64(v), Good, now
			in.Put(now)
		case uint32:
			in.Kind, in.Bits, in.Quality, in.Time = None, 0, v, now
			in.Put(now)
		}
		var res Result
		f.Eval([]*Input{in}, past, now, &res)
		var got any = res.Quality
		if res.Kind == Int {
			got = int(res.Bits)
		}
		if got != c.want {
			t.Errorf("after %v: %v, want %v", c.put, got, c.want)
		}
	}
}

func TestRound15(t *testing.T) {
	for _, c := range []struct{ v, want float64 }{
		{0.1 + 0.2, 0.3}, {1e300 / 3, 3.33333333333333e299}, {2.0 / 3, 0.666666666666667}, {123456789012345678, 123456789012346000},
		{math.MaxFloat64, math.MaxFloat64}, {5e-324, 5e-324}, {-0.7 - 0.1, -0.8}, {0, 0}, {999999999999999.9, 1e15}, {0.30000000000000049, 0.3},
	} {
		if got := round15(c.v); got != c.want {
			t.Errorf("round15(%v) = %v, want %v", c.v, got, c.want)
		}
	}
}
