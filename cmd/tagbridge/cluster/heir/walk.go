package heir

import (
	"errors"
	"fmt"
	"slices"

	"tagbridge/cmd/tagbridge/cluster/replica"
	"tagbridge/mapping"
	"tagbridge/sinks"
	"tagbridge/sinks/journal"
)

// Why samples are missing, besides the reasons of replica.Why: short words that stay, as cursors keep them.
const (
	whyTrimmed = "trimmed" // the stream has let go of them: its limits, or somebody deleted them
	whyCut     = "cut"     // of a record in parts, one is not there
	whyDamaged = "damaged"
	whyMessage = "unreadable"   // a message of the stream is damaged, or of a later release
	whyUnknown = "unknown-tags" // what they are samples of is not in the stream any more
)

// piece is a message that was read, in order.
type piece struct {
	seq     uint64
	parts   []part
	samples int
	to      sinks.Pos // all before it is in pieces up to this one, or missing
	missing []replica.Missing
}

// part is samples of one group, and where the first of them stands.
type part struct {
	pos   sinks.Pos
	batch mapping.Batch
}

// walker makes pieces of one journal of the messages of a stream, given one after the other from any one on.
type walker struct {
	journal uint64
	at      sinks.Pos // what is before it is dealt with
	decoder journal.Decoder
	learned bool // all that the stream defines is known
	bad     bool // the message before could not be read

	split   []byte // of a record in parts, those that came
	splitOf replica.Message
}

// errUnknown asks for all definitions of the stream to be learned, and the same message again.
var errUnknown = errors.New("the group of a record is not known yet")

// take reads the message with that sequence. What is not of the journal, or was dealt with, makes an empty piece. An error leaves w as it was:
// with errUnknown it is to be taken again.
func (w *walker) take(seq uint64, m *replica.Message) (piece, error) {
	p := piece{seq: seq, to: w.at}
	if m.Journal != w.journal {
		if m.Parts == 1 {
			_ = w.decoder.Learn(m.Records) // damaged ones define nothing
		}
		return p, nil
	}
	why := whyTrimmed
	if w.bad {
		why = whyMessage
	}
	at := p.miss(w.at, min(m.Prev, m.From), why)
	if m.Why == replica.WhyDelivered {
		at = max(at, m.From)
	}
	at = p.miss(at, m.From, m.Why.String())
	records, split, whole := w.join(m)
	if whole {
		var err error
		if at, err = w.read(&p, records, at); err != nil {
			return piece{}, err
		}
		at = p.miss(at, m.To, whyDamaged)
	}
	if m.Parts > 1 && !whole && m.Part == m.Parts-1 {
		at = p.miss(at, m.To, whyCut)
	}
	w.at, w.split, w.splitOf, w.bad, p.to = at, split, *m, false, at
	w.splitOf.Records = nil
	return p, nil
}

// skip notes a message that cannot be read.
func (w *walker) skip(seq uint64) piece {
	w.bad = true
	return piece{seq: seq, to: w.at}
}

// join is the records of m, with those of the parts before it; or what there is of them by now.
func (w *walker) join(m *replica.Message) (records, split []byte, whole bool) {
	if m.Parts == 1 {
		return m.Records, nil, true
	}
	last := &w.splitOf
	follows := m.Part > 0 && len(w.split) > 0 && last.From == m.From && last.To == m.To && last.Run == m.Run && last.Parts == m.Parts
	switch {
	case m.Part == 0:
		split = slices.Clone(m.Records)
	case follows && last.Part == m.Part: // twice the same
		split = w.split
	case follows && last.Part+1 == m.Part && len(w.split)+len(m.Records) <= replica.MostRecord:
		split = append(w.split[:len(w.split):len(w.split)], m.Records...)
	default:
		return nil, nil, false
	}
	if m.Part == m.Parts-1 {
		return split, nil, true
	}
	return nil, split, false
}

// read appends the samples of records from at on to p, and returns where they end.
func (w *walker) read(p *piece, records []byte, at sinks.Pos) (sinks.Pos, error) {
	if err := w.decoder.Learn(records); err != nil && !errors.Is(err, journal.ErrCorrupt) {
		return at, err
	}
	err := w.decoder.Each(records, func(c *journal.Copied) error {
		if c.End() <= at {
			return nil
		}
		at = p.miss(at, c.Pos, whyDamaged)
		if c.Batch == nil {
			if !w.learned {
				return errUnknown
			}
			at = p.miss(at, c.End(), whyUnknown)
			return nil
		}
		b := mapping.Batch{Group: c.Batch.Group, Samples: slices.Clone(c.Batch.Samples[at-c.Pos:]), Blob: slices.Clone(c.Batch.Blob)}
		p.parts = append(p.parts, part{at, b})
		p.samples += len(b.Samples)
		at = c.End()
		return nil
	})
	if errors.Is(err, journal.ErrCorrupt) {
		err = nil // what is not there is missed by the position
	}
	if err != nil {
		return at, fmt.Errorf("read a copy of records: %w", err)
	}
	return at, nil
}

// miss notes that what is between two positions is not there, and returns the later one.
func (p *piece) miss(from, to sinks.Pos, why string) sinks.Pos {
	if to <= from {
		return from
	}
	p.missing = appendMissing(p.missing, replica.Missing{Span: sinks.Span{From: from, To: to}, Why: why})
	return to
}

// mostMissing is how many stretches a cursor tells apart.
const mostMissing = 64

// appendMissing adds a stretch after all others. With too many, the two that are nearest become one: then some is delivered twice by the
// member when it is back, and nothing is taken for delivered that was not.
func appendMissing(list []replica.Missing, m replica.Missing) []replica.Missing {
	if n := len(list); n > 0 && list[n-1].To >= m.From && list[n-1].Why == m.Why {
		list[n-1].To = max(list[n-1].To, m.To)
		return list
	}
	if list = append(list, m); len(list) <= mostMissing {
		return list
	}
	best := 1
	for i := 2; i < len(list); i++ {
		if list[i].From-list[i-1].To < list[best].From-list[best-1].To {
			best = i
		}
	}
	list[best-1].To = list[best].To
	return slices.Delete(list, best, best+1)
}
