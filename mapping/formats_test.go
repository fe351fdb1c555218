package mapping

import (
	"strings"
	"testing"
	"time"
)

// TestFormatsOfDevices has the values that public documents and reports work out for registers of real devices.
func TestFormatsOfDevices(t *testing.T) {
	for _, c := range []struct{ typ, order, part, raw, want, source string }{
		{"mod10k:4", "CDAB", "", "02A6 0007 0000 0000", "70678 Int Good", "Schneider PM800: 678 + 7 × 10,000, the least register first"},
		{"mod10k:3", "", "", "0001 04D2 270F", "112349999 Int Good", "FA212766: the most significant first"},
		{"mod10k:4", "", "", "270F 270F 270F 270F", "9999999999999999 Int Good", "the most that four hold"},
		{"mod10k:2", "", "", "FFFF D8F1", "-19999 Int Good", "PM800: energy that is sent back has negative registers"},
		{"mod10k:2", "", "", "0000 2710", "null None BadDecodingError", "10,000 is no four digits"},
		{"mod10k:2", "BADC", "", "0100 0200", "10002 Int Good", "bytes swapped"},

		{"uint48", "", "", "0001 0000 0002", "4294967298 Uint Good", "Seneca S504C: 48 bits in three registers"},
		{"uint48", "CDAB", "", "0002 0000 0001", "4294967298 Uint Good", "the same, low word first"},
		{"uint48", "DCBA", "", "0200 0000 0100", "4294967298 Uint Good", "and low byte first"},
		{"uint48", "", "", "FFFF FFFF FFFF", "281474976710655 Uint Good", "the most"},
		{"int48", "", "", "FFFF FFFF FFFE", "-2 Int Good", "jlibmodbus#73"},
		{"int48", "", "", "8000 0000 0000", "-140737488355328 Int Good", "the least"},

		{"uint24", "", "", "0012 D687", "1234567 Uint Good", "wb-mqtt-serial u24: the low 24 of 32 bits"},
		{"uint24", "CDAB", "", "D687 FF12", "1234567 Uint Good", "what is above them is not looked at"},
		{"int24", "", "", "00FF FFFF", "-1 Int Good", "wb-mqtt-serial s24"},
		{"int24", "DCBA", "", "0000 8000", "-8388608 Int Good", "the least, low byte first"},

		{"sm16", "", "", "8064", "-100 Int Good", "a sign, then the magnitude"},
		{"sm16", "", "", "8000", "0 Int Good", "the negative zero is zero"},
		{"sm16", "BADC", "", "6480", "-100 Int Good", "bytes swapped"},
		{"sm32", "", "", "8000 0001", "-1 Int Good", ""},
		{"sm32", "CDAB", "", "FFFF 7FFF", "2147483647 Int Good", "the most"},

		{"bits:4", "", ".b8", "1A00", "10 Uint Good", "modbus4mqtt#2: a nibble"},
		{"bits:2", "", ".b14", "8000", "2 Uint Good", "wb-mqtt-serial: a switch of four positions"},
		{"bits:16", "", "", "ABCD", "43981 Uint Good", "all of a register"},
		{"bits:20", "", ".b4", "0012 3450", "74565 Uint Good", "over two registers, counted from the low end of both"},
		{"bits:20", "CDAB", ".b4", "3450 0012", "74565 Uint Good", "after the order"},
		{"bits:32", "", "", "FFFF FFFF", "4294967295 Uint Good", "the most"},

		{"chars:9", "", "", "0048 0031 002D 0036 002E 0030 002D 0045 0020", "H1-6.0-E Text Good", "HA-FoxESS-Modbus#5"},
		{"chars:4", "BADC", "", "4100 E400 4200 0000", "AäB Text Good", "in the high byte, Windows-1252"},
		{"chars:3", "", "", "0041 0000 4242", "A Text Good", "it ends at NUL"},
		{"chars:2", "", "", "0041 4242", "null None BadDecodingError", "two characters a register"},

		{"bcd8", "", ".hi", "2901", "29 Uint Good", "telegraf#15925: day 29"},
		{"bcd8", "", ".lo", "2901", "1 Uint Good", "month 1"},
		{"bcd8", "", "", "0025", "25 Uint Good", "year 25"},
		{"bcd8", "", "", "002A", "null None BadDecodingError", "A is no digit"},

		{"datetime:epoch", "", "", "6955 B8FF", "2025-12-31T23:59:59Z Text Good", "1767225599"},
		{"datetime:epoch_ms", "", "", "0000 019B 76DA A7FF", "2025-12-31T23:59:59.999Z Text Good", ""},
		{"datetime:packed", "CDAB", "", "1929 080E 0F0A", "2015-10-08T14:25:41Z Text Good", "epsolar-tracer#2: minute and second, day and hour, year and month"},
		{"datetime:six", "", "", "0018 0003 000E 000C 0022 0038", "2024-03-14T12:34:56Z Text Good", "solis_modbus#419"},
		{"datetime:six", "DCBA", "", "3800 2200 0C00 0E00 0300 E807", "2024-03-14T12:34:56Z Text Good", "seconds first, with the century"},
		{"datetime:bcd", "", "", "2601 0203 0405", "2026-01-02T03:04:05Z Text Good", ""},
		{"datetime:bcd", "", "", "2601 0203 040A", "null None BadDecodingError", "A is no digit"},
		{"datetime:iec", "", "", "000A 0865 0E2D 9C40", "2010-08-05T14:45:40.000Z Text Good", "Schneider TI081: year, month and day, hour and minute, ms"},
		{"datetime:iec", "CDAB", "", "9C40 0E2D 0865 000A", "2010-08-05T14:45:40.000Z Text Good", "Siemens SICAM FCM: ms first"},
		{"datetime:iec", "", "", "000A 0865 0EAD 9C40", "null None BadNoData", "the clock says that it is not set"},
		{"datetime:iec", "", "", "000A 0865 0E2D EA60", "null None BadDecodingError", "60,000 ms are a minute"},
	} {
		tag := newTag(t, c.typ, c.order)
		tag.Address = withPart(t, tag.Address, c.part)
		raw := wire(t, c.raw)
		if len(raw) != 2*tag.Registers() {
			t.Errorf("%s %s: takes %d registers, the row has %d", c.typ, c.part, tag.Registers(), len(raw)/2)
			continue
		}
		if got := decoded(t, tag, c.raw); got != c.want {
			t.Errorf("%s %s %s of %s = %s, want %s (%s)", c.typ, c.order, c.part, c.raw, got, c.want, c.source)
		}
	}
}

// withPart is a with a part as addresses have it.
func withPart(t testing.TB, a Address, part string) Address {
	t.Helper()
	if part == "" {
		return a
	}
	parsed, err := ParseAddress("holding:0" + part)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// TestFormatsScaled has new types scaled: exactly, within 15 digits.
func TestFormatsScaled(t *testing.T) {
	for _, c := range []struct{ typ, raw, scale, want string }{
		{"uint48", "0000 0001 0000", "0.001", "65.536 Dec Good"},
		{"int24", "0080 0000", "0.1", "-838860.8 Dec Good"},
		{"mod10k:3", "0001 04D2 270F", "0.001", "112349.999 Dec Good"},
		{"mod10k:4", "270F 270F 270F 270F", "0.001", "10000000000000.0 F64 Good"},
		{"mod10k:4", "0000 0001 04D2 270F", "0.001", "112349.999 F64 Good"},
		{"sm16", "8064", "0.1", "-10.0 Dec Good"},
		{"bits:4", "0009", "0.5", "4.5 Dec Good"},
		{"bcd8", "0099", "0.1", "9.9 Dec Good"},
	} {
		tag := newTag(t, c.typ, "")
		tag.Scaling = linear(t, c.scale, "0")
		if got := decoded(t, tag, c.raw); got != c.want {
			t.Errorf("%s of %s × %s = %s, want %s", c.typ, c.raw, c.scale, got, c.want)
		}
	}
}

// TestFormatsInvalid has values of new types that mean "no value", as numbers and as bits.
func TestFormatsInvalid(t *testing.T) {
	for _, c := range []struct{ typ, raw, invalid string }{
		{"uint48", "FFFF FFFF FFFF", "281474976710655"},
		{"int24", "5580 0000", "0x800000"},
		{"int24", "00FF FFFF", "-1"},
		{"sm16", "8064", "-100"},
		{"sm16", "8000", "0"},
		{"sm16", "0000", "-0"},
		{"mod10k:2", "FFFF FFFF", "-10001"},
		{"mod10k:4", "270F 270F 270F 270F", "9999999999999999"},
		{"bits:4", "000F", "15"},
		{"bits:4", "000F", "0xF"},
		{"bcd8", "0099", "99"},
		{"bcd8", "00FF", "0xFF"},
		{"datetime:epoch", "0000 0000", "0"},
		{"datetime:bcd", "0000 0000 0000", "0x0"},
		{"chars:2", "0041 0042", "AB"},
	} {
		tag := newTag(t, c.typ, "")
		if tag.Invalid = invalids(t, c.invalid); tag.Type == TypeChars {
			tag.Invalid = []Invalid{{Text: c.invalid}}
		}
		if got := decoded(t, tag, c.raw); got != "null None BadNoData" {
			t.Errorf("%s of %s, invalid %s: %s", c.typ, c.raw, c.invalid, got)
		}
		tag.Invalid = nil
		if got := decoded(t, tag, c.raw); strings.HasSuffix(got, "BadNoData") {
			t.Errorf("%s of %s without invalid: %s", c.typ, c.raw, got)
		}
	}
}

// TestDatetimeOfZones has clocks that are put forward and back.
func TestDatetimeOfZones(t *testing.T) {
	for _, c := range []struct{ typ, zone, raw, want string }{
		{"datetime:six", "Europe/Berlin", "0019 0006 0001 000C 0000 0000", "2025-06-01T12:00:00+02:00 Text Good"},
		{"datetime:six", "Europe/Berlin", "0019 0003 001E 0002 001E 0000", "null None BadDecodingError"}, // left out
		{"datetime:six", "Europe/Berlin", "0019 0003 001E 0003 0000 0000", "2025-03-30T03:00:00+02:00 Text Good"},
		{"datetime:six", "Europe/Berlin", "0019 0003 001E 0001 003B 003B", "2025-03-30T01:59:59+01:00 Text Good"},
		{"datetime:six", "Europe/Berlin", "0019 000A 001A 0002 001E 0000", "null None BadDecodingError"}, // twice
		{"datetime:six", "Europe/Berlin", "0019 000A 001A 0003 0000 0000", "2025-10-26T03:00:00+01:00 Text Good"},
		{"datetime:six", "Europe/Berlin", "0019 000A 001A 0001 003B 003B", "2025-10-26T01:59:59+02:00 Text Good"},
		{"datetime:iec", "Europe/Berlin", "0019 0A1A 821E 0000", "2025-10-26T02:30:00.000+02:00 Text Good"}, // it says which
		{"datetime:iec", "Europe/Berlin", "0019 0A1A 021E 0000", "2025-10-26T02:30:00.000+01:00 Text Good"},
		{"datetime:iec", "Europe/Berlin", "0019 0601 0C00 0000", "2025-06-01T12:00:00.000+02:00 Text Good"}, // no summer time in its bit
		{"datetime:six", "America/St_Johns", "0019 0001 0001 0000 0000 0000", "2025-01-01T00:00:00-03:30 Text Good"},
		{"datetime:six", "No/Where", "0019 0001 0001 0000 0000 0000", "null None BadDecodingError"},
		{"datetime:six", "Asia/Kolkata", "0019 0001 0001 0000 0000 0000", "2025-01-01T00:00:00+05:30 Text Good"},
		{"datetime:six", "Australia/Lord_Howe", "0019 0004 0006 0001 002D 0000", "null None BadDecodingError"}, // half an hour back
		{"datetime:epoch", "Europe/Berlin", "6955 B8FF", "2026-01-01T00:59:59+01:00 Text Good"},
		{"datetime:six", "", "0019 0002 001D 0000 0000 0000", "null None BadDecodingError"},
		{"datetime:six", "", "0018 0002 001D 0000 0000 0000", "2024-02-29T00:00:00Z Text Good"},
		{"datetime:six", "", "0000 0000 0000 0000 0000 0000", "null None BadDecodingError"},
		{"datetime:six", "", "0019 0001 0001 0018 0000 0000", "null None BadDecodingError"},
		{"datetime:six", "", "FFFF 0001 0001 0000 0000 0000", "null None BadDecodingError"},
		{"datetime:epoch_ms", "", "FFFF FFFF FFFF FFFF", "null None BadDecodingError"},
		{"datetime:epoch_ms", "Europe/Berlin", "0000 E677 D21F DBFF", "null None BadDecodingError"}, // the last of 9999 in UTC
		{"datetime:epoch_ms", "", "0000 E677 D21F DBFF", "9999-12-31T23:59:59.999Z Text Good"},
	} {
		tag := newTag(t, c.typ, "")
		tag.Zone = c.zone
		if got := decoded(t, tag, c.raw); got != c.want {
			t.Errorf("%s of %s in %s = %s, want %s", c.typ, c.raw, c.zone, got, c.want)
		}
	}
}

// TestDatetimeOfEveryHour goes through two years of zones an hour at a time: what a wall shows is the instant that shows it,
// or there is none, or two.
func TestDatetimeOfEveryHour(t *testing.T) {
	for _, name := range []string{"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Tehran"} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		shown := map[string][]int64{}
		first := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
		for at := first - 2*24*3600; at < first+2*366*24*3600; at += 1800 {
			wall := time.Unix(at, 0).In(zone).Format(time.DateTime)
			shown[wall] = append(shown[wall], at)
		}
		c := &Codec{zone: zone}
		for wall := first; wall < first+729*24*3600; wall += 1800 {
			want := shown[time.Unix(wall, 0).UTC().Format(time.DateTime)]
			at, ok := c.whenWall(wall, noSeason)
			if ok != (len(want) == 1) || ok && at != want[0] {
				t.Fatalf("%s %v: %d %v, shown at %v", name, time.Unix(wall, 0).UTC(), at, ok, want)
			}
		}
	}
}
