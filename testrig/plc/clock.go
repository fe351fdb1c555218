package plc

import (
	"encoding/binary"
	"strings"
	"time"

	"tagbridge/mapping"
)

// format is what comes after the colon of a datetime.
func format(t *mapping.Tag) string {
	_, word, _ := strings.Cut(t.TypeText(), ":")
	return word
}

// putDate writes the moment that text is, in RFC 3339, as the clock of t's device keeps it.
func putDate(dst []byte, t *mapping.Tag, text string) {
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		panic("plc: " + err.Error())
	}
	zone := zoneOf(t)
	at = at.In(zone)
	parts := []int{at.Year(), int(at.Month()), at.Day(), at.Hour(), at.Minute(), at.Second()}
	words := make([]uint16, len(dst)/2)
	switch format(t) {
	case "epoch":
		put(dst, layoutOf(t.Order, 4), uint64(at.Unix()))
		return
	case "epoch_ms":
		put(dst, layoutOf(t.Order, 8), uint64(at.UnixMilli()))
		return
	case "six":
		for i, p := range parts {
			words[i] = uint16(p)
		}
	case "bcd":
		for i, p := range parts {
			words[i/2] |= uint16(p%100/10<<4|p%10) << (8 * (1 - i%2))
		}
	case "packed":
		for i, p := range parts {
			words[i/2] |= uint16(p%100) << (8 * (1 - i%2))
		}
	case "iec": // Schneider TI081: year; month and day; summer time, hour and minute; milliseconds
		summer := uint16(0)
		if at.IsDST() {
			summer = 1 << 15
		}
		words[0], words[1] = uint16(parts[0]%100), uint16(parts[1]<<8|int(at.Weekday())<<5|parts[2])
		words[2], words[3] = summer|uint16(parts[3]<<8|parts[4]), uint16(parts[5]*1000+at.Nanosecond()/1e6)
	}
	for i, w := range words {
		at := i
		if t.Order == mapping.CDAB || t.Order == mapping.DCBA {
			at = len(words) - 1 - i
		}
		binary.BigEndian.PutUint16(dst[2*at:], w)
	}
	swapEach(dst, t.Order)
}

func zoneOf(t *mapping.Tag) *time.Location {
	zone, err := time.LoadLocation(t.Zone)
	if err != nil {
		panic("plc: " + err.Error())
	}
	return zone
}

// dateValue is what a device's date and time stands for: the only moment at which its zone's clocks show it.
func dateValue(data []byte, t *mapping.Tag) Value {
	words := wordsOf(data, t.Order)
	whole := uint64(0)
	for _, w := range words {
		whole = whole<<16 | uint64(w)
	}
	for _, inv := range t.Invalid {
		if inv.Hex && inv.Bits == whole || !inv.Hex && rat(inv.Value).Num().Uint64() == whole && rat(inv.Value).IsInt() {
			return bad(mapping.BadNoData)
		}
	}
	switch format(t) {
	case "epoch":
		return moments(time.Unix(int64(whole), 0).In(zoneOf(t)), "2006-01-02T15:04:05Z07:00")
	case "epoch_ms":
		if whole > 1<<62 {
			return bad(mapping.BadDecodingError)
		}
		return moments(time.UnixMilli(int64(whole)).In(zoneOf(t)), "2006-01-02T15:04:05.000Z07:00")
	case "iec":
		if words[2]>>7&1 == 1 {
			return bad(mapping.BadNoData)
		}
		p := []int{2000 + words[0]&127, words[1] >> 8 & 15, words[1] & 31, words[2] >> 8 & 31, words[2] & 63, words[3] / 1000}
		summer := map[int]string{0: "winter", 1: "summer"}[words[2]>>15]
		return wallValue(p, words[3]%1000, summer, zoneOf(t), "2006-01-02T15:04:05.000Z07:00")
	}
	return wallValue(partsOf(words, format(t)), 0, "", zoneOf(t), "2006-01-02T15:04:05Z07:00")
}

// wordsOf are the registers of data in the order o.
func wordsOf(data []byte, o mapping.Order) []int {
	words := make([]int, len(data)/2)
	b := append([]byte(nil), data...)
	swapEach(b, o)
	for i := range words {
		at := i
		if o == mapping.CDAB || o == mapping.DCBA {
			at = len(words) - 1 - i
		}
		words[i] = int(binary.BigEndian.Uint16(b[2*at:]))
	}
	return words
}

// partsOf are year, month, day, hour, minute and second; nil when a digit is none.
func partsOf(words []int, format string) []int {
	if format == "six" {
		if words[0] < 100 {
			words[0] += 2000
		}
		return words
	}
	base := map[string]int{"bcd": 10, "packed": 16}[format]
	var out []int
	for _, w := range words {
		for _, b := range []int{w >> 8, w & 0xFF} {
			if base == 10 && (b>>4 > 9 || b&15 > 9) {
				return nil
			}
			out = append(out, b>>4*base+b&15)
		}
	}
	out[0] += 2000
	return out
}

// wallValue is the moment at which clocks of zone show p; summer says which of two it is.
func wallValue(p []int, milli int, summer string, zone *time.Location, layout string) Value {
	if p == nil || p[0] < 1970 {
		return bad(mapping.BadDecodingError)
	}
	wall := time.Date(p[0], time.Month(p[1]), p[2], p[3], p[4], p[5], 0, time.UTC)
	y, m, d := wall.Date()
	if y != p[0] || int(m) != p[1] || d != p[2] || wall.Hour() != p[3] || wall.Minute() != p[4] || wall.Second() != p[5] {
		return bad(mapping.BadDecodingError)
	}
	var found []time.Time
	for off := -15 * 60; off <= 15*60; off += 15 { // minutes: every offset that there is
		at := wall.Add(time.Duration(off) * time.Minute).In(zone)
		if at.Format(time.DateTime) == wall.Format(time.DateTime) {
			found = append(found, at.Add(time.Duration(milli)*time.Millisecond))
		}
	}
	if len(found) == 2 && summer != "" && found[0].IsDST() != found[1].IsDST() {
		if found[0].IsDST() == (summer == "summer") {
			found = found[:1]
		} else {
			found = found[1:]
		}
	}
	if len(found) != 1 {
		return bad(mapping.BadDecodingError)
	}
	return moments(found[0], layout)
}

func moments(at time.Time, layout string) Value {
	if at.Year() > 9999 || at.UTC().Year() > 9999 {
		return bad(mapping.BadDecodingError)
	}
	return Value{Kind: String, Text: at.Format(layout)}
}
