package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/mapping"
	"tagbridge/mapping/config"
	"tagbridge/mapping/dump"
	"tagbridge/mapping/probe"
)

// What one search may take.
const (
	maxProbeReadings  = 20
	maxProbeRanges    = 50
	maxProbeAddresses = 5000
	maxProbeSearched  = 20000 // registers in all readings
)

// probeJSON is what /api/v1/probe takes.
type probeJSON struct {
	Device   string             `json:"device"`
	Ranges   []string           `json:"ranges"`
	Readings []probeReadingJSON `json:"readings"`
	Order    string             `json:"order"`
}

// probeReadingJSON is what the display showed once, and the registers of then; those that have none are read now.
type probeReadingJSON struct {
	Shows string `json:"shows"`
	Dump  string `json:"dump"`
}

// probedJSON is what it answers.
type probedJSON struct {
	Dump       string               `json:"dump"`
	Requests   int                  `json:"requests"`
	Incomplete string               `json:"incomplete"`
	Refused    []probeRefusedJSON   `json:"refused"`
	Sure       string               `json:"sure"`
	Why        string               `json:"why"`
	Candidates []probeCandidateJSON `json:"candidates"`
	Order      string               `json:"order"`
	OrderWhy   string               `json:"order_why"`
	Looks      []probeLookJSON      `json:"looks"`
}

type probeRefusedJSON struct {
	Range string `json:"range"`
	Why   string `json:"why"`
}

type probeCandidateJSON struct {
	Address string            `json:"address"`
	Value   string            `json:"value"`
	Same    string            `json:"same"`
	Moved   bool              `json:"moved"`
	Between bool              `json:"between"`
	Row     map[string]string `json:"row"`
}

type probeLookJSON struct {
	Range string            `json:"range"`
	Looks string            `json:"looks"`
	Value string            `json:"value"`
	Moves bool              `json:"moves"`
	Row   map[string]string `json:"row"`
}

// probeNow answers POST /api/v1/probe.
func (p *pages) probeNow(w http.ResponseWriter, r *http.Request) {
	var q probeJSON
	device := p.takeOfDevice(w, r, &q, &q.Device)
	if device == nil {
		return
	}
	s, err := newProbing(device, &q)
	if err != nil {
		refuse(w, http.StatusBadRequest, "%v", err)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), readNowTime)
	defer cancel()
	answer := probedJSON{Refused: []probeRefusedJSON{}, Candidates: []probeCandidateJSON{}, Looks: []probeLookJSON{}}
	if s.reads {
		record, err := p.bridge.Record(ctx, device, s.extents)
		if err != nil && len(record.Snapshot.Areas) == 0 {
			refuseQuestion(w, err)
			return
		}
		s.take(record, err, &answer)
	}
	bridge.AtLowPriority(func() { s.search(&answer) })
	reply(w, http.StatusOK, answer)
}

// probing is a search for what a display shows.
type probing struct {
	unit     int
	extents  []mapping.Extent
	readings []probe.Reading
	reads    bool // the last reading is yet to be made
	order    mapping.Order
	proven   bool
}

func newProbing(d *config.Device, q *probeJSON) (*probing, error) {
	s := &probing{unit: d.Unit()}
	if s.order, s.proven = probe.OrderOf(d.Tags); q.Order != "" {
		order, err := mapping.ParseOrder(q.Order)
		if err != nil {
			return nil, err
		}
		s.order, s.proven = order, true
	}
	if err := s.ranges(d.Numbers(), q.Ranges); err != nil {
		return nil, err
	}
	if len(q.Readings) == 0 {
		q.Readings = []probeReadingJSON{{}}
	}
	if len(q.Readings) > maxProbeReadings {
		return nil, fmt.Errorf("readings: %d at most, not %d", maxProbeReadings, len(q.Readings))
	}
	searched := 0
	for i, r := range q.Readings {
		var reading probe.Reading
		if r.Shows != "" {
			shown, err := probe.ParseShown(r.Shows)
			if err != nil {
				return nil, fmt.Errorf("reading %d: shows: %w", i+1, err)
			}
			reading.Shown = &shown
		}
		switch {
		case r.Dump != "":
			d, err := dump.Parse([]byte(r.Dump))
			if err != nil {
				return nil, fmt.Errorf("reading %d: dump: %w", i+1, err)
			}
			for _, snapshot := range d.Snapshots {
				for _, a := range snapshot.Areas {
					searched += len(a.Values)
				}
			}
			reading.Snapshots = d.Snapshots
		case i < len(q.Readings)-1:
			return nil, fmt.Errorf("reading %d: without dump; only the last one is read now", i+1)
		default:
			s.reads = true
		}
		s.readings = append(s.readings, reading)
	}
	if searched > maxProbeSearched {
		return nil, fmt.Errorf("dumps of %d registers: %d at most are searched at a time", searched, maxProbeSearched)
	}
	return s, nil
}

// ranges reads where to look; nowhere named, at the start of both tables of registers.
func (s *probing) ranges(n mapping.Numbers, list []string) error {
	if len(list) > maxProbeRanges {
		return fmt.Errorf("ranges: %d at most, not %d", maxProbeRanges, len(list))
	}
	total := 0
	for _, text := range list {
		e, err := n.ParseExtent(text)
		if err != nil {
			return fmt.Errorf("ranges: %w", err)
		}
		s.extents = append(s.extents, e)
		total += e.Count
	}
	if total > maxProbeAddresses {
		return fmt.Errorf("ranges of %d addresses: %d at most are read at a time", total, maxProbeAddresses)
	}
	if len(list) == 0 {
		s.extents = probe.Default()
	}
	return nil
}

// take makes record, which was read now, the last reading. err is why it is not whole.
func (s *probing) take(record bridge.Record, err error, answer *probedJSON) {
	s.readings[len(s.readings)-1].Snapshots = []dump.Snapshot{record.Snapshot}
	answer.Dump = string(dump.AppendSnapshot(nil, &record.Snapshot))
	answer.Requests = record.Requests
	for _, x := range record.Refused {
		answer.Refused = append(answer.Refused, probeRefusedJSON{x.Extent.String(), x.Why})
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		answer.Incomplete = fmt.Sprintf("not all was read within %v: name fewer addresses", readNowTime)
	case err != nil:
		answer.Incomplete = err.Error()
	case record.Coarse:
		answer.Incomplete = "so much was refused that not all of it was asked for in parts: name fewer addresses"
	}
}

// search looks for what was shown in all readings, and at what registers look like.
func (s *probing) search(answer *probedJSON) {
	o := probe.Options{Unit: s.unit, Order: s.order, Proven: s.proven}
	found := probe.Search(s.readings, o)
	answer.Sure, answer.Why = found.Sure.String(), found.Why
	if found.Readings == 0 {
		answer.Sure = ""
	}
	for i := range found.Candidates {
		c := &found.Candidates[i]
		answer.Candidates = append(answer.Candidates, probeCandidateJSON{
			Address: c.Address.String(), Value: probe.FormatNumber(c.Value), Same: c.Same.String(),
			Moved: c.Moved, Between: c.Between, Row: c.Cells(),
		})
	}
	var snapshots []dump.Snapshot
	for _, r := range s.readings {
		snapshots = append(snapshots, r.Snapshots...)
	}
	o, answer.OrderWhy = found.OrderFor(o)
	looks := probe.LookAt(snapshots, o)
	if !o.Proven && looks.Decided {
		answer.OrderWhy = "likely, by what the registers look like"
	}
	if looks.Decided {
		answer.Order = looks.Order.String()
	}
	for i := range looks.List {
		l := &looks.List[i]
		answer.Looks = append(answer.Looks, probeLookJSON{l.Extent().String(), l.String(), l.Shows(), l.Moves, l.Cells()})
	}
}
