package sunspec

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
)

// Read reads count holding registers from first on with one request, and returns them as they came. The error is
// ErrRefused when the device answered that it does not give them.
type Read func(ctx context.Context, first, count int) ([]byte, error)

// ErrRefused is what Read returns when the device answered with an exception.
var ErrRefused = errors.New("refused")

// Options say where to look, and how much may be asked for at once. The zero value is what the specification says.
type Options struct {
	Bases        []int // where the marker may be; nil: Bases
	MaxRegisters int   // of one request; 0: 125
}

// Bases are the addresses at which the specification has a device begin, in the order in which they are tried.
var Bases = []int{40000, 0, 50000}

// marker is the first registers of every device, "SunS".
const marker = 0x53756E53

// Bounds of a walk: no device has as much.
const (
	maxModels = 200
	maxPoints = 20_000
)

// Device is what a walk has found.
type Device struct {
	Base    int
	Models  []*Instance
	Remarks []string // what is odd about it, for people
}

// Instance is one model of a device.
type Instance struct {
	ID      int
	Address int    // of its number; its length follows, and then its points
	Length  int    // registers, as the device says
	Model   *Model // nil: it is not known here
	Values  []*Value
}

// ErrNoMarker is what Walk ends with when nothing says SunSpec where it looked.
var ErrNoMarker = errors.New("no SunSpec marker")

// Walk finds the marker and reads all models after it, whole, in requests that begin and end between values. What a device
// does against the specification is a remark; an error is that of the connection, or that there is no marker.
func Walk(ctx context.Context, read Read, o Options) (*Device, error) {
	if o.Bases == nil {
		o.Bases = Bases
	}
	if o.MaxRegisters <= 0 {
		o.MaxRegisters = 125
	}
	w := &walker{ctx: ctx, read: read, max: o.MaxRegisters, d: &Device{}}
	if err := w.find(o.Bases); err != nil {
		return nil, err
	}
	return w.d, w.walk()
}

type walker struct {
	ctx    context.Context
	read   Read
	max    int
	d      *Device
	points int
}

func (w *walker) remark(format string, args ...any) {
	w.d.Remarks = append(w.d.Remarks, fmt.Sprintf(format, args...))
}

// find looks for the marker. A device may be silent about what it does not have.
func (w *walker) find(bases []int) error {
	var silent error
	answers := 0
	for _, base := range bases {
		raw, err := w.read(w.ctx, base, 2)
		switch {
		case w.ctx.Err() != nil:
			return w.ctx.Err()
		case err == nil && binary.BigEndian.Uint32(raw) == marker:
			w.d.Base = base
			return nil
		case err == nil || errors.Is(err, ErrRefused):
			answers++
		default:
			silent = err
		}
	}
	if answers == 0 && silent != nil {
		return silent
	}
	return fmt.Errorf("%w at holding %s", ErrNoMarker, list(bases))
}

// list writes numbers for people.
func list(numbers []int) string {
	s := ""
	for i, n := range numbers {
		switch {
		case i > 0 && i == len(numbers)-1:
			s += " or "
		case i > 0:
			s += ", "
		}
		s += fmt.Sprint(n)
	}
	return s
}

// What ends the models, and what some devices have in its place.
const (
	endID = 0xFFFF
	noID  = 0
)

// walk reads model after model up to the end.
func (w *walker) walk() error {
	at := w.d.Base + 2
	for len(w.d.Models) < maxModels {
		head, err := w.header(at)
		if err != nil || head == nil {
			return err
		}
		if head.ID == noID {
			if head, err = w.retrace(at); err != nil || head == nil {
				return err
			}
		}
		if head.ID == endID {
			return nil
		}
		if err := w.model(head); err != nil {
			return err
		}
		w.d.Models = append(w.d.Models, head)
		at = head.Address + 2 + head.Length
	}
	w.remark("over %d models: the rest is left out", maxModels)
	return nil
}

// header reads number and length of the model at address at; nil: there is none, and it was said.
func (w *walker) header(at int) (*Instance, error) {
	if at+2 > 1<<16 {
		w.remark("the models do not end before the last register")
		return nil, nil
	}
	raw, err := w.read(w.ctx, at, 2)
	if errors.Is(err, ErrRefused) {
		w.remark("no end model: the device refuses holding %d, after its last model", at)
		return nil, nil
	}
	if err != nil {
		if w.ctx.Err() == nil && len(w.d.Models) > 0 {
			w.remark("no end model: holding %d, after the last model, is not answered (%v)", at, err)
			return nil, nil
		}
		return nil, err
	}
	return &Instance{ID: int(binary.BigEndian.Uint16(raw)), Length: int(binary.BigEndian.Uint16(raw[2:])), Address: at}, nil
}

// retrace looks for the next model where it is when the last one has the length of the specification, as at holding at, where
// its own length leads, is none; nil: there is none either.
func (w *walker) retrace(at int) (*Instance, error) {
	if n := len(w.d.Models); n > 0 && w.d.Models[n-1].Model != nil {
		last := w.d.Models[n-1]
		length := last.Model.registers()
		if next := last.Address + 2 + length; length > last.Length && next+2 <= 1<<16 {
			head, err := w.peek(next)
			if err != nil {
				return nil, err
			}
			if head != nil && (head.ID == endID || ModelOf(head.ID) != nil) {
				w.remark("model %d says that it has %d registers, but has %d: the next one is after these", last.ID, last.Length, length)
				return head, nil
			}
		}
	}
	w.remark("no end model: holding %d, after the last model, is 0", at)
	return nil, nil
}

// peek is header where nothing needs to be.
func (w *walker) peek(at int) (*Instance, error) {
	before := len(w.d.Remarks)
	head, err := w.header(at)
	w.d.Remarks = w.d.Remarks[:before]
	return head, err
}

// model reads the points of m.
func (w *walker) model(m *Instance) error {
	if m.Address+2+m.Length > 1<<16 {
		w.remark("model %d at holding %d says that it has %d registers: there are not so many", m.ID, m.Address, m.Length)
		m.Length = 1<<16 - m.Address - 2
	}
	if m.Model = ModelOf(m.ID); m.Model == nil {
		w.remark("model %d at holding %d, of %d registers, is not known here: left out", m.ID, m.Address, m.Length)
		return nil
	}
	l := &layout{m: m, room: maxPoints - w.points}
	// How often groups are there is said by points before them.
	l.fixed()
	if err := w.values(m.Values); err != nil {
		return err
	}
	first := len(m.Values)
	l.groups()
	if err := w.values(m.Values[first:]); err != nil {
		return err
	}
	if l.cut != "" {
		w.remark("model %d says that it has %d registers: %s", m.ID, m.Length, l.cut)
	}
	w.points += len(m.Values)
	return nil
}

// values reads list, whose values follow each other, in as few requests as may be.
func (w *walker) values(list []*Value) error {
	for len(list) > 0 {
		n := 1
		for n < len(list) && list[n].Address+list[n].Point.Registers-list[0].Address <= w.max {
			n++
		}
		if err := w.some(list[:n]); err != nil {
			return err
		}
		list = list[n:]
	}
	return nil
}

// some reads list with one request; what is refused in halves, up to the value that is.
func (w *walker) some(list []*Value) error {
	first, last := list[0], list[len(list)-1]
	raw, err := w.read(w.ctx, first.Address, last.Address+last.Point.Registers-first.Address)
	switch {
	case errors.Is(err, ErrRefused) && len(list) > 1:
		half := len(list) / 2
		if err := w.some(list[:half]); err != nil {
			return err
		}
		return w.some(list[half:])
	case errors.Is(err, ErrRefused):
		return nil // it has no raw bytes
	case err != nil:
		return err
	}
	for _, v := range list {
		at := 2 * (v.Address - first.Address)
		v.Raw = raw[at : at+2*v.Point.Registers : at+2*v.Point.Registers]
	}
	return nil
}
