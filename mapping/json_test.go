package mapping

import (
	"bytes"
	"encoding/json"
	"math"
	"testing"
	"unicode/utf8"
)

func TestAppendJSONValue(t *testing.T) {
	series := &Series{SeriesTraits: &SeriesTraits{Exp: -1}}
	for _, c := range []struct {
		s    Sample
		text string
		want string
	}{
		{Sample{}, "", "null"},
		{Sample{Kind: Bool}, "", "false"},
		{Sample{Kind: Bool, Bits: 1}, "", "true"},
		{Sample{Kind: Int, Bits: math.MaxUint64}, "", "-1"},
		{Sample{Kind: Uint64, Bits: math.MaxUint64}, "", "18446744073709551615"},
		{Sample{Kind: Dec, Bits: 15}, "", "1.5"},
		{Sample{Kind: F32, Bits: uint64(math.Float32bits(2))}, "", "2.0"},
		{Sample{Kind: F64, Bits: math.Float64bits(math.NaN())}, "", "null"},
		{Sample{Kind: F32, Bits: uint64(math.Float32bits(float32(math.Inf(-1))))}, "", "null"},
		{Sample{Kind: Text}, "a \"b\" <c>", `"a \"b\" <c>"`},
	} {
		if got := string(AppendJSONValue(nil, series, &c.s, []byte(c.text))); got != c.want {
			t.Errorf("%+v %q is written %s, want %s", c.s, c.text, got, c.want)
		}
	}
}

func FuzzJSONText(f *testing.F) {
	for _, name := range []string{"plain", "two words", `a\`, `a\\`, "a\nb", "a\r\tb", `"quoted"`, `"`, "°C", `C:\dir\`, "<&>",
		"\x00\x1f\x7f", "\u2028", "\xff", "a\xc3", "\xf0\x9f\x98\x80", "\xed\xa0\x80"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, s string) {
		text := AppendJSONText(nil, s)
		var got string
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatalf("%q is written %s: %v", s, text, err)
		}
		want := string([]rune(s)) // every byte that is not UTF-8 becomes U+FFFD
		if got != want || !utf8.Valid(text) {
			t.Errorf("%q is written %s, which reads %q", s, text, got)
		}
		if again := AppendJSONText(nil, []byte(s)); !bytes.Equal(again, text) {
			t.Errorf("%q is written %s as bytes, %s as a string", s, again, text)
		}
	})
}
