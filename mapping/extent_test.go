package mapping

import (
	"strings"
	"testing"
)

func TestParseExtent(t *testing.T) {
	for _, c := range []struct {
		text string
		want Extent
		err  string
	}{
		{"40001-40010", Extent{Holding, 0, 10}, ""},
		{"holding:0-9", Extent{Holding, 0, 10}, ""},
		{"input:0x10 - 0x1F", Extent{Input, 16, 16}, ""},
		{"holding:5-holding:5", Extent{Holding, 5, 1}, ""},
		{"coil:7", Extent{Coil, 7, 1}, ""},
		{"300001-365536", Extent{Input, 0, 65536}, ""},
		{"40010-40001", Extent{}, "its last address is before its first"},
		{"40001-30010", Extent{}, "another table"},
		{"40001-10", Extent{}, "its end"},
		{"40001.b1-40002", Extent{}, "whole registers"},
		{"holding:0-70000", Extent{}, "past 65535"},
		{"-5", Extent{}, "empty"},
		{"holding:0-", Extent{}, "no number"},
	} {
		got, err := ParseExtent(c.text)
		if got != c.want || (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
			t.Errorf("%q: %+v, %v, want %+v, %q", c.text, got, err, c.want, c.err)
		}
		if again, err := ParseExtent(got.String()); got.Count > 0 && (err != nil || again != got) {
			t.Errorf("%s is read as %+v, %v", got, again, err)
		}
	}
}
