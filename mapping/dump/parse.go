package dump

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"

	"tagbridge/mapping"
)

// What a dump may hold at most: every address of every table of many units, and days of snapshots of a few.
const (
	MaxBytes  = 64 << 20
	maxValues = 8 << 20
	// lastAddress is the last one of each table.
	lastAddress = 1<<16 - 1
	lastUnit    = 255
	// Years in UTC, so that what is written of a time is read again and no time is the zero one.
	firstYear, lastYear = 1970, 9999
)

// Parse reads a dump. Its errors name the line.
func Parse(text []byte) (*Dump, error) {
	p, err := parse(text)
	switch {
	case err != nil:
		return nil, err
	case p.values == 0:
		return nil, fmt.Errorf("no registers in it: a line of a dump is UNIT TABLE ADDRESS HEX…, such as 1 holding 100 00E7")
	}
	return &p.dump, nil
}

// ParseSnapshot reads the last snapshot of a dump, which may hold nothing but what was refused, or nothing at all.
func ParseSnapshot(text []byte) (Snapshot, error) {
	p, err := parse(text)
	if err != nil || len(p.dump.Snapshots) == 0 {
		return Snapshot{}, err
	}
	return p.dump.Snapshots[len(p.dump.Snapshots)-1], nil
}

func parse(text []byte) (*parser, error) {
	if len(text) > MaxBytes {
		return nil, fmt.Errorf("a dump of %d MiB: at most %d are taken", len(text)>>20, MaxBytes>>20)
	}
	p := &parser{}
	text = bytes.TrimPrefix(text, []byte("\uFEFF"))
	for number := 1; len(text) > 0; number++ {
		line, rest, _ := bytes.Cut(text, []byte("\n"))
		text = rest
		line, _, _ = bytes.Cut(line, []byte("#"))
		if fields := strings.Fields(string(line)); len(fields) > 0 {
			if err := p.line(fields); err != nil {
				return nil, fmt.Errorf("line %d: %w", number, err)
			}
		}
	}
	return p, nil
}

// parser is a dump being read.
type parser struct {
	dump   Dump
	values int
}

func (p *parser) line(fields []string) error {
	if fields[0][0] == '@' {
		return p.begin(fields)
	}
	if len(fields) < 4 {
		return fmt.Errorf("want UNIT TABLE ADDRESS HEX…, such as 1 holding 100 00E7")
	}
	unit, err := numberWithin(fields[0], lastUnit)
	if err != nil {
		return fmt.Errorf("unit %w", err)
	}
	table, ok := tableOf(fields[1])
	if !ok {
		return fmt.Errorf("table %q: want coil, discrete, input or holding", short(fields[1]))
	}
	from, to, ranged := strings.Cut(fields[2], "-")
	first, err := numberWithin(from, lastAddress)
	if err != nil {
		return fmt.Errorf("address %w", err)
	}
	if len(p.dump.Snapshots) == 0 {
		p.dump.Snapshots = append(p.dump.Snapshots, Snapshot{})
	}
	s := &p.dump.Snapshots[len(p.dump.Snapshots)-1]
	if fields[3] == "exception" || fields[3] == "silent" {
		r := Refusal{Unit: unit, Table: table, First: first, Last: first}
		if ranged {
			if r.Last, err = numberWithin(to, lastAddress); err != nil {
				return fmt.Errorf("last address %w", err)
			}
		}
		s.Refusals = append(s.Refusals, r)
		return s.Refusals[len(s.Refusals)-1].take(fields[3:])
	}
	a := Area{Unit: unit, Table: table, First: first}
	for _, field := range fields[3:] {
		if a.Values, err = appendValues(a.Values, field, table); err != nil {
			return err
		}
	}
	p.values += len(a.Values)
	switch {
	case ranged:
		return fmt.Errorf("a range before values: write its first address only")
	case a.End() > lastAddress+1:
		return fmt.Errorf("%d values from %d on go past %d, the last of a table", len(a.Values), first, lastAddress)
	case p.values > maxValues:
		return fmt.Errorf("more than %d registers", maxValues)
	}
	s.Areas = append(s.Areas, a)
	return nil
}

// begin reads a line @ TIME [TOOK].
func (p *parser) begin(fields []string) error {
	if fields[0] == "@" {
		fields = fields[1:]
	} else {
		fields[0] = fields[0][1:]
	}
	if len(fields) == 0 || len(fields) > 2 {
		return fmt.Errorf("want @ TIME, such as @ 2026-11-29T09:00:00Z, or @ TIME TOOK")
	}
	at, err := time.Parse(time.RFC3339Nano, fields[0])
	at = at.UTC()
	if err != nil || at.Year() < firstYear || at.Year() > lastYear {
		return fmt.Errorf("time %q: want it as 2026-11-29T09:00:00Z", short(fields[0]))
	}
	s := Snapshot{Time: at}
	if len(fields) == 2 {
		if s.Took, err = time.ParseDuration(fields[1]); err != nil || s.Took < 0 {
			return fmt.Errorf("how long an answer took: %q: want it as 35ms", short(fields[1]))
		}
	}
	if n := len(p.dump.Snapshots); n > 0 && s.Time.Before(p.dump.Snapshots[n-1].Time) {
		return fmt.Errorf("%s is before the snapshot before it", fields[0])
	}
	p.dump.Snapshots = append(p.dump.Snapshots, s)
	return nil
}

// take reads the end of a line: exception N, or silent.
func (r *Refusal) take(fields []string) error {
	if r.Last < r.First {
		return fmt.Errorf("addresses from %d to %d: the last is before the first", r.First, r.Last)
	}
	if fields[0] == "silent" && len(fields) == 1 {
		return nil
	}
	if len(fields) != 2 || fields[0] == "silent" {
		return fmt.Errorf("want exception and its number, or silent")
	}
	n, err := numberWithin(fields[1], 255)
	if err != nil || n == 0 {
		return fmt.Errorf("exception %q: want 1 to 255", short(fields[1]))
	}
	r.Exception = uint8(n)
	return nil
}

func tableOf(name string) (mapping.Table, bool) {
	for i, known := range mapping.TableNames {
		if strings.EqualFold(name, known) {
			return mapping.Table(i), true
		}
	}
	return 0, false
}

// appendValues appends what field stands for: registers of four hexadecimal digits each, or bits of one.
func appendValues(dst []uint16, field string, t mapping.Table) ([]uint16, error) {
	width, base, want := 4, 16, "registers of four hexadecimal digits each"
	if t.IsBits() {
		width, base, want = 1, 2, "a 0 or 1 for each bit"
	}
	if len(field)%width != 0 {
		return nil, fmt.Errorf("%q: want %s", short(field), want)
	}
	if len(dst)+len(field)/width > lastAddress+1 {
		return nil, fmt.Errorf("more values than a table has addresses")
	}
	for ; field != ""; field = field[width:] {
		v, err := strconv.ParseUint(field[:width], base, 16)
		if err != nil {
			return nil, fmt.Errorf("%q: want %s", short(field), want)
		}
		dst = append(dst, uint16(v))
	}
	return dst, nil
}

func numberWithin(s string, most int) (int, error) {
	n, err := strconv.ParseUint(s, 10, 32)
	if err != nil || int(n) > most {
		return 0, fmt.Errorf("%q: want 0 to %d", short(s), most)
	}
	return int(n), nil
}

// short is the start of s: a message need not repeat all of it.
func short(s string) string {
	if len(s) > 40 {
		return s[:40] + "…"
	}
	return s
}
