package mapping

import "time"

// The ways in which devices keep date and time, as the length of a TypeDatetime.
const (
	dateEpoch   = 1 + iota // seconds since 1970, UTC, unsigned
	dateEpochMS            // milliseconds since 1970, UTC, unsigned
	dateIEC                // CP56Time2a (IEC 60870-5-4), year first, after a byte that is not looked at
	dateSix                // year, month, day, hour, minute, second, a register each
	dateBCD                // the same, the year without its century, two decimal digits each
	datePacked             // the same, a byte each
)

// dateFormats are their names, dateRegisters the registers that they take.
var (
	dateFormats   = [...]string{"", "epoch", "epoch_ms", "iec", "six", "bcd", "packed"}
	dateRegisters = [...]uint8{0, 2, 4, 4, 6, 3, 3}
)

// lastSecond is the last one of the year 9999: RFC 3339 has no later ones.
const lastSecond = 253402300799

// registersDate decodes date and time into a text of RFC 3339.
func (c *Codec) registersDate(raw []byte, b *Batch, s *Sample) {
	switch {
	case c.words < 2: // without its zone, or of a tag that nobody has checked
		noValue(s, BadDecodingError)
		return
	case c.length == dateSix:
		c.dateOfSix(raw, b, s)
		return
	}
	v := c.load(raw)
	if c.invalid != nil && c.invalid.hasBits(v) {
		noValue(s, BadNoData)
		return
	}
	switch c.length {
	case dateEpoch:
		c.instant(int64(v), 0, "2006-01-02T15:04:05Z07:00", b, s)
	case dateEpochMS:
		c.instant(int64(v/1000), int64(v%1000), "2006-01-02T15:04:05.000Z07:00", b, s)
	case dateIEC:
		c.dateOfIEC(v, b, s)
	case dateBCD, datePacked:
		d := date{year: 2000 + c.pair(v>>40), month: c.pair(v >> 32), day: c.pair(v >> 24), hour: c.pair(v >> 16), minute: c.pair(v >> 8), second: c.pair(v)}
		c.date(&d, "2006-01-02T15:04:05Z07:00", b, s)
	default:
		noValue(s, BadDecodingError)
	}
}

// loadZone takes a zone that has been checked. Should it be gone since, there is no date: UTC would be a wrong one.
func (c *Codec) loadZone(name string) {
	if name == "" {
		return
	}
	var err error
	if c.zone, err = time.LoadLocation(name); err != nil {
		c.words = 0
	}
}

// pair is a byte that is a number, or two decimal digits; -1 when it is none.
func (c *Codec) pair(v uint64) int {
	hi, lo := int(v>>4&0xF), int(v&0xF)
	switch {
	case c.length == datePacked:
		return 16*hi + lo
	case hi > 9 || lo > 9:
		return -1 << 16
	}
	return 10*hi + lo
}

// dateOfSix decodes registers of a part each.
func (c *Codec) dateOfSix(raw []byte, b *Batch, s *Sample) {
	var part [6]int
	for i := range part {
		at := i
		if c.order.SwapsWords() {
			at = len(part) - 1 - i
		}
		hi, lo := int(raw[2*at]), int(raw[2*at+1])
		if c.order.SwapsBytes() {
			hi, lo = lo, hi
		}
		part[i] = hi<<8 | lo
	}
	d := date{year: part[0], month: part[1], day: part[2], hour: part[3], minute: part[4], second: part[5]}
	if d.year < 100 {
		d.year += 2000
	}
	c.date(&d, "2006-01-02T15:04:05Z07:00", b, s)
}

// dateOfIEC decodes, from the most significant byte on: nothing, year(7 bits), month(4), weekday(3) and day(5), summer
// time(1) and hour(5), invalid(1) and minute(6), milliseconds(16).
func (c *Codec) dateOfIEC(v uint64, b *Batch, s *Sample) {
	if v>>23&1 != 0 { // the device says that its clock is not right
		noValue(s, BadNoData)
		return
	}
	d := date{
		year: 2000 + int(v>>48&0x7F), month: int(v >> 40 & 0xF), day: int(v >> 32 & 0x1F),
		hour: int(v >> 24 & 0x1F), minute: int(v >> 16 & 0x3F), second: int(v & 0xFFFF / 1000), milli: int(v & 0xFFFF % 1000),
		season: standardTime,
	}
	if v>>31&1 != 0 {
		d.season = summerTime
	}
	c.date(&d, "2006-01-02T15:04:05.000Z07:00", b, s)
}

// date is what a clock on a wall shows.
type date struct {
	year, month, day, hour, minute, second, milli int
	season                                        season
}

// season is what a device says of an hour that comes twice a year.
type season uint8

const (
	noSeason season = iota
	standardTime
	summerTime
)

// date finishes what a clock in the device's time zone shows. A date that is none, and an hour that was left out there or that
// came twice, is no value.
func (c *Codec) date(d *date, layout string, b *Batch, s *Sample) {
	if d.year < 1970 || d.year > 9999 || d.month < 1 || d.month > 12 || d.day < 1 || d.hour < 0 || d.hour > 23 ||
		d.minute < 0 || d.minute > 59 || d.second < 0 || d.second > 59 {
		noValue(s, BadDecodingError)
		return
	}
	wall := time.Date(d.year, time.Month(d.month), d.day, d.hour, d.minute, d.second, 0, time.UTC)
	if wall.Day() != d.day { // the 30th of February
		noValue(s, BadDecodingError)
		return
	}
	at, ok := c.whenWall(wall.Unix(), d.season)
	if !ok {
		noValue(s, BadDecodingError)
		return
	}
	c.instant(at, int64(d.milli), layout, b, s)
}

// whenWall is when the clocks of the device's zone show what wall is in UTC; false when they never do, and when they do
// twice and season does not say which of both it is.
func (c *Codec) whenWall(wall int64, say season) (at int64, ok bool) {
	if c.zone == nil {
		return wall, true
	}
	const day = 24 * 60 * 60
	first, firstSummer, ok1 := c.tryOffset(wall, wall-day)
	second, _, ok2 := c.tryOffset(wall, wall+day)
	switch {
	case !ok1:
		return second, ok2
	case !ok2 || first == second:
		return first, true
	case say == noSeason:
		return 0, false
	case firstSummer == (say == summerTime):
		return first, true
	}
	return second, true
}

// tryOffset takes the clocks to be as far from UTC as they are at near; it is ok when they are at the time that this gives.
func (c *Codec) tryOffset(wall, near int64) (at int64, summer, ok bool) {
	_, offset := time.Unix(near, 0).In(c.zone).Zone()
	t := time.Unix(wall-int64(offset), 0).In(c.zone)
	_, really := t.Zone()
	return t.Unix(), t.IsDST(), really == offset
}

// instant finishes a moment in time.
func (c *Codec) instant(second, milli int64, layout string, b *Batch, s *Sample) {
	if second < 0 || second > lastSecond {
		noValue(s, BadDecodingError)
		return
	}
	zone := c.zone
	if zone == nil {
		zone = time.UTC
	}
	t := time.Unix(second, milli*int64(time.Millisecond)).In(zone)
	if year := t.Year(); year > 9999 {
		noValue(s, BadDecodingError)
		return
	}
	at := len(b.Blob)
	b.Blob = t.AppendFormat(b.Blob, layout)
	s.Kind, s.Bits, s.Quality = Text, uint64(at)<<32|uint64(len(b.Blob)-at), Good
}
