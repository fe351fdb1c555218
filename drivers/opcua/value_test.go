package opcua

import (
	"strings"
	"testing"
	"time"

	"tagbridge/drivers/opcua/wire"
	"tagbridge/mapping"
)

// dateTime is a DateTime of so many ticks of 100 ns since 1601.
func dateTime(ticks uint64) wire.Variant {
	return wire.Variant{Type: wire.TypeDateTime, Raw: le.AppendUint64(nil, ticks)}
}

// ticksOf is at in ticks of 100 ns since 1601, by the calendar alone.
func ticksOf(at time.Time) uint64 {
	days := 0
	for y := 1601; y < at.Year(); y++ {
		days += time.Date(y, time.December, 31, 0, 0, 0, 0, time.UTC).YearDay()
	}
	in := at.Sub(time.Date(at.Year(), time.January, 1, 0, 0, 0, 0, time.UTC))
	return uint64(days)*86400*1e7 + uint64(in/100)
}

// TestDateTimes delivers times as they are, also those that are no nanoseconds since 1970 in 64 bits.
func TestDateTimes(t *testing.T) {
	for _, want := range []string{
		"1601-01-01T00:00:00.0000001Z", "1900-02-28T12:00:00Z", "1969-12-31T23:59:59.9999999Z", "1970-01-01T00:00:00Z",
		"1970-01-01T00:00:00.5Z", "2026-11-28T10:00:00.1234567Z", "2262-04-11T23:47:16.8547758Z", "2300-01-01T00:00:00Z",
		"9999-12-31T23:59:59Z",
	} {
		at, err := time.Parse(time.RFC3339Nano, want)
		if err != nil {
			t.Fatal(err)
		}
		if got := text(dateTime(ticksOf(at))); got != want {
			t.Errorf("%d ticks = %q, want %q", ticksOf(at), got, want)
		}
	}
	for ticks, want := range map[uint64]string{0: "", 1<<63 - 1: "9999-12-31T23:59:59Z", 1 << 63: "1601-01-01T00:00:00Z"} {
		if got := text(dateTime(ticks)); got != want {
			t.Errorf("%d ticks = %q, want %q", ticks, got, want)
		}
	}
	elements := le.AppendUint64(le.AppendUint64(nil, ticksOf(time.Unix(0, 0).UTC())), ticksOf(time.Date(2300, 1, 1, 0, 0, 0, 0, time.UTC)))
	list := wire.Variant{Type: wire.TypeDateTime, Array: true, Count: 2, Raw: elements}
	var got []string
	for _, e := range list.All() {
		got = append(got, text(e))
	}
	if all := strings.Join(got, " "); all != "1970-01-01T00:00:00Z 2300-01-01T00:00:00Z" {
		t.Errorf("an array of times: %s", all)
	}
}

// TestIntegersCarryTheirBits has a map say which bits mean "no value", and integers and floats come with them.
func TestIntegersCarryTheirBits(t *testing.T) {
	for _, c := range []struct {
		value wire.Variant
		bits  uint64
	}{
		{wire.Variant{Type: wire.TypeSByte, Raw: []byte{0x80}}, 0x80},
		{wire.Variant{Type: wire.TypeInt16, Raw: []byte{0x00, 0x80}}, 0x8000},
		{wire.Variant{Type: wire.TypeInt32, Raw: []byte{0xFF, 0xFF, 0xFF, 0xFF}}, 0xFFFFFFFF},
		{wire.Variant{Type: wire.TypeInt64, Raw: []byte{0, 0, 0, 0, 0, 0, 0, 0x80}}, 1 << 63},
		{wire.Variant{Type: wire.TypeUInt16, Raw: []byte{0xFF, 0xFF}}, 0xFFFF},
		{wire.Variant{Type: wire.TypeFloat, Raw: []byte{0xFF, 0xFF, 0x7F, 0xFF}}, 0xFF7FFFFF},
	} {
		tag := &mapping.Tag{Node: nodeAt("i=1"), Traits: &mapping.Traits{Invalid: []mapping.Invalid{{Hex: true, Bits: c.bits}}}}
		var b mapping.Batch
		var s mapping.Sample
		new(filler).convert(mapping.Compile(tag), c.value, &b, &s)
		if s.Quality != mapping.BadNoData {
			t.Errorf("%v %x with invalid %#x is %v", c.value.Type, c.value.Raw, c.bits, s.Quality)
		}
	}
}

func TestDisplayOfTheLargestInteger(t *testing.T) {
	if got := display(wire.Variant{Type: wire.TypeUInt64, Raw: le.AppendUint64(nil, 1<<64-1)}); got != "18446744073709551615" {
		t.Errorf("the largest UInt64 is %s", got)
	}
}
