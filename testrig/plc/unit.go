package plc

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"tagbridge/mapping"
)

// UnitOptions say what a unit holds. The zero value is a unit without a single register.
type UnitOptions struct {
	Tags   []*mapping.Tag   // what exists; of several devices with one unit number, all of theirs
	MaxGap int              // holes between tags of at most so many addresses exist too, and are 0
	Seed   uint64           // of values and of what faults do by chance
	Clock  func() time.Time // nil: time.Now
	Every  time.Duration    // how long values hold still; 0: 100 ms
	Noisy  bool             // every number is different each time: for load, not for the eye
	// AllDigits makes floats that use all of their digits; else they have three or four, as of an instrument.
	AllDigits bool
	Log       int // how many requests to remember; 0: 256
}

// Unit is one Modbus unit. Its methods are safe for concurrent use.
type Unit struct {
	clock func() time.Time
	every time.Duration

	mu      sync.Mutex
	image   *image
	writers []writer
	tick    int64
	frozen  bool
	faults  []*fault
	chance  *rand.Rand
	log     ring
	whole   []whole
}

// NewUnit makes a unit whose registers are those of o.Tags. The tags are not changed.
func NewUnit(o UnitOptions) *Unit {
	u := &Unit{clock: o.Clock, every: o.Every, image: newImage(o.Tags, o.MaxGap), tick: -1}
	if u.clock == nil {
		u.clock = time.Now
	}
	if u.every <= 0 {
		u.every = 100 * time.Millisecond
	}
	if o.Log <= 0 {
		o.Log = 256
	}
	u.log.limit = o.Log
	u.chance = rand.New(rand.NewPCG(o.Seed, 1))
	u.writers = newWriters(u.image, o)
	u.refresh(u.clock())
	return u
}

// refresh moves the values to now, unless they moved shortly before.
func (u *Unit) refresh(now time.Time) {
	tick := now.UnixNano() / int64(u.every)
	if u.frozen || tick == u.tick {
		return
	}
	u.tick = tick
	at := moment{seconds: time.Duration(tick * int64(u.every)).Seconds(), tick: uint64(tick)}
	for i := range u.writers {
		u.writers[i].write(at)
	}
}

// Freeze makes all values hold still.
func (u *Unit) Freeze() { u.hold(true) }

// Thaw lets them move again.
func (u *Unit) Thaw() { u.hold(false) }

func (u *Unit) hold(frozen bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.frozen = frozen
}

// Expected is what t should be delivered as, from what the registers hold at this moment. Freeze the unit to compare
// it with something read earlier or later.
func (u *Unit) Expected(t *mapping.Tag) Value {
	u.mu.Lock()
	defer u.mu.Unlock()
	return valueOf(u.image, t)
}

// ErrAddress is returned for registers that a unit does not have.
var ErrAddress = errors.New("no such address")

// SetBits writes a raw value into the registers of t, as its type and order have it: two's complement, IEEE 754, BCD
// digits, right-aligned. The registers stay so from now on.
func (u *Unit) SetBits(t *mapping.Tag, bits uint64) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	f, ok := fieldOf(u.image, t)
	if !ok {
		return fmt.Errorf("set %s: %w", t.Name, ErrAddress)
	}
	u.pin(t.Address.Table, int(t.Address.Number), max(t.Registers(), 1))
	f.set(bits)
	return nil
}

// SetText writes the bytes of text into the registers of a tag whose values are texts, to stay; into a datetime what text
// is in RFC 3339.
func (u *Unit) SetText(t *mapping.Tag, text string) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	data := u.image.find(t.Address.Table, int(t.Address.Number), t.Registers())
	if data == nil {
		return fmt.Errorf("set %s: %w", t.Name, ErrAddress)
	}
	u.pin(t.Address.Table, int(t.Address.Number), t.Registers())
	putAny(data, t, text)
	return nil
}

// putAny writes text as the type of t has it.
func putAny(dst []byte, t *mapping.Tag, text string) {
	switch t.Type {
	case mapping.TypeDatetime:
		putDate(dst, t, text)
	case mapping.TypeChars:
		putChars(dst, t.Order, text)
	default:
		putText(dst, t.Order, text)
	}
}

// Set writes registers, or in a table of bits 0 or 1, to stay. Addresses that do not exist come into being when none
// of them does.
func (u *Unit) Set(table mapping.Table, first int, values ...uint16) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	data := u.image.find(table, first, len(values))
	if data == nil {
		for i := range values {
			if u.image.find(table, first+i, 1) != nil {
				return fmt.Errorf("set %v %d: %w", table, first, ErrAddress)
			}
		}
		u.image.define(table, first, len(values))
		data = u.image.find(table, first, len(values))
	}
	if !table.IsBits() && len(data) != 2*len(values) {
		return fmt.Errorf("set %v %d: registers of four bytes", table, first)
	}
	u.pin(table, first, len(values))
	for i, v := range values {
		if table.IsBits() {
			data[i] = byte(v & 1)
		} else {
			data[2*i], data[2*i+1] = byte(v>>8), byte(v)
		}
	}
	return nil
}

// SetWide writes registers that answer with four bytes each, to stay. Addresses that do not exist come into being when
// none of them does.
func (u *Unit) SetWide(table mapping.Table, first int, values ...uint32) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	data := u.image.find(table, first, len(values))
	if data == nil {
		u.image.defineWide(table, first, len(values))
		data = u.image.find(table, first, len(values))
	}
	if len(data) != 4*len(values) {
		return fmt.Errorf("set %v %d: registers of two bytes", table, first)
	}
	u.pin(table, first, len(values))
	for i, v := range values {
		binary.BigEndian.PutUint32(data[4*i:], v)
	}
	return nil
}

// pin stops the writers of an extent.
func (u *Unit) pin(table mapping.Table, first, count int) {
	for i := range u.writers {
		a := u.writers[i].tag.Address
		if a.Table == table && int(a.Number) < first+count && first < int(a.Number)+max(u.writers[i].tag.Registers(), 1) {
			u.writers[i].pinned = true
		}
	}
}
