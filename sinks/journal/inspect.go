package journal

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"net/url"
	"slices"
	"strings"
	"time"

	"tagbridge/mapping"
	"tagbridge/sinks"
)

// Inspection looks at the folder of a journal, also while a bridge uses it. It changes nothing there.
type Inspection struct {
	d        folder
	inUse    func(id uint64) *mapping.Group // see definitions
	tail     memory                         // the last segment, where that is in memory
	names    []string
	segments []*segment
	used     bool // by a journal that is open
}

// Inspect opens the folder of a journal for looking.
func Inspect(dir string) (*Inspection, error) {
	d, err := lookFolder(dir)
	if err != nil {
		return nil, fmt.Errorf("inspect journal: %w", err)
	}
	in, err := inspectFolder(d)
	if err != nil {
		d.Close()
		return nil, fmt.Errorf("inspect journal %s: %w", dir, err)
	}
	in.used = locked(dir)
	return in, nil
}

// inspectFolder looks at d as it is now.
func inspectFolder(d folder) (*Inspection, error) {
	in := &Inspection{d: d}
	if err := in.look(); err != nil {
		return nil, err
	}
	return in, nil
}

// look sees what files there are.
func (in *Inspection) look() error {
	var err error
	if in.names, err = in.d.Names(); err != nil {
		return err
	}
	slices.Sort(in.names)
	in.segments = nil
	for _, name := range in.names {
		if s, ok := parseName(name); ok {
			if s.size, err = sizeOf(in.d, name); errors.Is(err, fs.ErrNotExist) {
				continue // it went meanwhile
			}
			if err != nil {
				return err
			}
			in.segments = append(in.segments, s)
		}
	}
	sortSegments(in.segments)
	return nil
}

// Close lets go of the folder.
func (in *Inspection) Close() error { return in.d.Close() }

// Summary is what a folder holds.
type Summary struct {
	Segments    int
	Bytes       int64     // of the segments and their indexes
	Kept        int64     // of these, of segments that every sink has got to its end
	Indexes     int       // of the segments have one
	First, End  sinks.Pos // of the samples
	Oldest      time.Time // when the first segment was made
	Corrupt     []string  // files kept aside
	CorruptSize int64
	Sinks       []Place
	Reckoner    *Place // where windows, totals and alarms are reckoned; nil: they never were
}

// Place is where a sink is, as its file says.
type Place struct {
	Sink    string
	Pos     sinks.Pos
	Behind  uint64 // samples between it and the end, but those that are known to be lost,
	Lost    uint64 // which are so many
	Ever    sinks.Ever
	Written time.Time // the file
	Err     error     // why the file cannot be read; the rest is then zero
	lost    []loss    // of Lost
}

// Summary reads the cursors and the last segment. A bridge that is running takes segments away meanwhile: what is there is
// then looked at again.
func (in *Inspection) Summary() (sum Summary, err error) {
	for range 10 {
		if sum, err = in.summary(); !errors.Is(err, fs.ErrNotExist) {
			break
		}
		if err := in.look(); err != nil {
			return Summary{}, err
		}
	}
	return sum, err
}

func (in *Inspection) summary() (Summary, error) {
	var sum Summary
	sum.Segments = len(in.segments)
	for i, s := range in.segments {
		sum.Bytes += s.size + in.indexSize(s)
		if slices.Contains(in.names, s.indexName()) {
			sum.Indexes++
		}
		if i == 0 {
			sum.First = s.first
			err := in.each(s, func(rec found) bool {
				if h, err := parseHead(rec.payload); err == nil && rec.typ == typeSegment {
					sum.Oldest = h.created
				}
				return false
			})
			if err != nil {
				return sum, err
			}
		}
	}
	if n := len(in.segments); n > 0 {
		sum.End = in.segments[n-1].first
		err := in.each(in.segments[n-1], func(rec found) bool {
			sum.End = max(sum.End, rec.end())
			return true
		})
		if err != nil {
			return sum, err
		}
	}
	for _, name := range in.names {
		if strings.HasSuffix(name, corruptSuffix) {
			n, err := sizeOf(in.d, name)
			if err != nil {
				return sum, err
			}
			sum.Corrupt = append(sum.Corrupt, name)
			sum.CorruptSize += n
		}
		stem, ok := strings.CutSuffix(name, cursorSuffix)
		if sink, err := url.PathUnescape(stem); ok && err == nil {
			p := in.place(name, sink)
			p.Sink = sink
			sum.End = max(sum.End, p.Pos)
			sum.Sinks = append(sum.Sinks, p)
		}
	}
	for i := range sum.Sinks {
		if p := &sum.Sinks[i]; p.Err == nil {
			p.Behind = uint64(sum.End - p.Pos)
			for _, l := range p.lost { // in a copy, a book can be newer than the segments
				p.Behind -= min(p.Behind, uint64(min(l.to, sum.End)-min(l.from, sum.End)))
			}
		}
	}
	sum.Kept = in.kept(sum.Sinks)
	if i := slices.IndexFunc(sum.Sinks, func(p Place) bool { return p.Sink == sinks.Reckoner }); i >= 0 {
		one := sum.Sinks[i]
		sum.Reckoner, sum.Sinks = &one, slices.Delete(sum.Sinks, i, i+1)
	}
	return sum, nil
}

// indexSize is the size of the index of s; 0: it has none.
func (in *Inspection) indexSize(s *segment) int64 {
	if !slices.Contains(in.names, s.indexName()) {
		return 0
	}
	n, _ := sizeOf(in.d, s.indexName()) // it may go at any time
	return n
}

// kept is the size of the segments that all of these are past.
func (in *Inspection) kept(all []Place) (size int64) {
	least := sinks.Pos(math.MaxUint64)
	for _, p := range all {
		if p.Err == nil {
			least = min(least, p.Pos)
		}
	}
	for i := 0; i+1 < len(in.segments) && in.segments[i+1].first <= least; i++ {
		size += in.segments[i].size + in.indexSize(in.segments[i])
	}
	return size
}

func (in *Inspection) place(name, sink string) Place {
	f, err := in.d.Open(name)
	if err != nil {
		return Place{Err: err}
	}
	defer f.Close()
	b := make([]byte, slotCount*slotStride)
	n, err := f.ReadAt(b, 0)
	if err != nil && !isContent(err) {
		return Place{Err: err}
	}
	m, _, _, err := parseSlots(b[:n])
	if err == nil && m.sink != "" && m.sink != sink {
		err = fmt.Errorf("it is the cursor of sink %q: %w", m.sink, ErrCorrupt)
	}
	if err != nil {
		return Place{Err: err}
	}
	// As the next start does it: a kill can leave the book newer than the position.
	c := cursor{acked: m.pos, read: m.pos, losses: m.losses, ever: m.ever}
	if list, err := in.Losses(sink); err == nil {
		c.enterBook(&book{list: list})
	}
	p := Place{Pos: m.pos, Written: m.when}
	for _, l := range c.losses {
		if l.given && in.used { // the sink's forwarder may still deliver it
			continue
		}
		p.Lost += uint64(l.to - l.from)
		p.lost = append(p.lost, l)
		if l.given { // nobody has it any more
			add(&c.ever.lost[l.why], l.kept())
		}
	}
	p.Ever = c.ever.stat()
	return p
}

// Losses is all that a sink has lost, for ever, by position.
func (in *Inspection) Losses(sink string) ([]Loss, error) {
	f, err := in.d.Open(bookFile(sink))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	list, _, _, err := readBook(f)
	return list, err
}

// each calls do with the intact records of s until it returns false.
func (in *Inspection) each(s *segment, do func(found) bool) error {
	_, err := in.scan(s, do)
	return err
}

func (in *Inspection) scan(s *segment, do func(found) bool) (*scanner, error) {
	f, err := in.d.Open(s.name())
	if err != nil {
		return nil, err
	}
	defer f.Close()
	scan := &scanner{w: window{f: f, limit: s.size}}
	for rec, ok := scan.next(); ok && do(rec); rec, ok = scan.next() {
	}
	if scan.err != nil {
		return nil, fmt.Errorf("%s: %w", s.name(), scan.err)
	}
	return scan, nil
}
