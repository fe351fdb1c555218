package bridge

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"tagbridge/drivers"
	"tagbridge/mapping"
	"tagbridge/mapping/config"
	"tagbridge/mapping/dump"
)

// A recorder is a protocol whose devices hold registers that can be read as they are, whatever is in them.
type recorder interface {
	protocol
	// sweep plans the reading of extents of d.
	sweep(d *config.Device, extents []mapping.Extent) (sweep, error)
	// refused is why what bears this number was refused.
	refused(exception uint8) string
}

// sweep is registers being read, a request a turn.
type sweep interface {
	// Turn makes the next request; more is false at the end.
	Turn(ctx context.Context, link drivers.Link) (more bool, err error)
	// Snapshot is what was read so far.
	Snapshot() dump.Snapshot
	// Coarse reports that of what was refused not all was asked for in parts.
	Coarse() bool
	// Requests is how many were made, and how many are known to come.
	Requests() (made, left int)
}

// Record is registers of a device as they were at one time.
type Record struct {
	Snapshot dump.Snapshot
	Refused  []Refused
	Coarse   bool // of what was refused not all was asked for in parts
	Requests int
}

// Refused is what was not read, and why.
type Refused struct {
	Extent mapping.Extent
	Why    string
}

// ErrNoRegisters is why a device has nothing to record.
var ErrNoRegisters = errors.New("it has no registers: this is for Modbus devices")

// Record reads registers of a device of the running configuration once, over the bridge's own connection and within its
// probe share. With an error the record holds what was read before it.
func (b *Bridge) Record(ctx context.Context, device *config.Device, extents []mapping.Extent) (Record, error) {
	r, s, err := startRecord(b.protocols, device, extents)
	if err != nil {
		return Record{}, err
	}
	lane := b.laneOf(device.Name)
	if lane == nil {
		return Record{}, fmt.Errorf("device %s: %w", device.Name, ErrNotRead)
	}
	if err = lane.Ask(ctx, s.Turn); err != nil {
		err = fmt.Errorf("device %s: %w", device.Name, err)
	}
	return recordOf(r, s), err
}

func startRecord(p protocols, d *config.Device, extents []mapping.Extent) (recorder, sweep, error) {
	r, ok := p.of(d).(recorder)
	if !ok {
		return nil, nil, fmt.Errorf("device %s: %w", d.Name, ErrNoRegisters)
	}
	s, err := r.sweep(d, extents)
	return r, s, err
}

func recordOf(r recorder, s sweep) Record {
	made, _ := s.Requests()
	list := Record{Snapshot: s.Snapshot(), Coarse: s.Coarse(), Requests: made}
	for _, x := range list.Snapshot.Refusals {
		why := "no answer"
		if x.Exception != 0 {
			why = r.refused(x.Exception)
		}
		list.Refused = append(list.Refused, Refused{mapping.Extent{Table: x.Table, First: x.First, Count: x.Last - x.First + 1}, why})
	}
	return list
}

// A Recorder reads registers over a connection of its own, which it opens once.
type Recorder struct {
	device   *config.Device
	recorder recorder
	link     drivers.Link
}

// restShare is how much of the time a recorder leaves to others on the line, of that which its requests take.
const restShare = 1

// maxHangups is how often a recorder connects again: some devices hang up in place of refusing.
const maxHangups = 30

// OpenRecorder connects to d.
func OpenRecorder(ctx context.Context, d *config.Device) (*Recorder, error) {
	p := newProtocols()
	r, ok := p.of(d).(recorder)
	if !ok {
		return nil, fmt.Errorf("device %s: %w", d.Name, ErrNoRegisters)
	}
	link, err := r.link(config.Connection{Endpoint: d.Endpoint, Devices: []*config.Device{d}}, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, err
	}
	if err := openWithin(ctx, link, r.manner(d).connect); err != nil {
		return nil, err
	}
	return &Recorder{device: d, recorder: r, link: link}, nil
}

// Close ends the connection.
func (o *Recorder) Close() error { return o.link.Close() }

// Record reads extents once, a request at a time with pauses in between, and tells progress after each. With an error the
// record holds what was read before it.
func (o *Recorder) Record(ctx context.Context, extents []mapping.Extent, progress func(made, left int)) (Record, error) {
	s, err := o.recorder.sweep(o.device, extents)
	if err != nil {
		return Record{}, err
	}
	pause := time.NewTimer(time.Hour)
	defer pause.Stop()
	var lost error
	for hangups := 0; ; {
		began := time.Now()
		more, err := s.Turn(ctx, o.link)
		if err != nil && hangups < maxHangups && ctx.Err() == nil && o.broken(err) {
			hangups++ // it may have been closed while nothing was asked, or for what was
			if lost = err; o.link.Open(ctx) == nil {
				continue
			}
		}
		if progress != nil {
			progress(s.Requests())
		}
		if !more || err != nil {
			record := recordOf(o.recorder, s)
			if err == nil && len(record.Snapshot.Areas) == 0 {
				err = lost
			}
			return record, err
		}
		pause.Reset(restShare * time.Since(began))
		select {
		case <-pause.C:
		case <-ctx.Done():
			return recordOf(o.recorder, s), ctx.Err()
		}
	}
}

// broken reports that err is of the connection, not of the unit.
func (o *Recorder) broken(err error) bool {
	_, silent := errors.AsType[*drivers.NoAnswer](err)
	return !silent && !drivers.IsUnharmed(err)
}
