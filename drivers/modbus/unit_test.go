package modbus

import (
	"bytes"
	"testing"
	"time"

	"tagbridge/mapping"
)

// unit is a device without a wire: what a plan asks it answers at once.
type unit struct {
	now     time.Time
	epoch   int
	silent  bool                      // as the link found it
	refuse  func(r request) Exception // 0: answered
	asked   []request                 // in the last round
	refused int                       // exceptions in the last round
	changes []change
}

func newUnit() *unit {
	return &unit{now: time.Unix(1_800_000_000, 0), epoch: 1, refuse: func(request) Exception { return 0 }}
}

// content is what the unit holds at an address of the table that function reads.
func content(function uint8, address int) uint16 {
	return uint16(address)*31 + uint16(function)<<13 + 1
}

func (u *unit) answer(r request) []byte {
	raw := make([]byte, r.size())
	for i := range int(r.count) {
		v := content(r.function, int(r.address)+i)
		if isBits(r.function) {
			raw[i/8] |= byte(v&1) << (i % 8)
			continue
		}
		raw[2*i], raw[2*i+1] = byte(v>>8), byte(v)
	}
	return raw
}

// poll makes one round and returns the qualities by index.
func (u *unit) poll(t *testing.T, p *Plan) []mapping.Quality {
	t.Helper()
	var b mapping.Batch
	u.asked, u.refused = nil, 0
	p.begin(start{now: u.now, epoch: u.epoch, ask: u.silent})
	for r, more := p.next(); more; r, more = p.next() {
		u.asked = append(u.asked, r)
		if e := u.refuse(r); e != 0 {
			u.refused++
			p.refuse(e, u.now, &b)
		} else {
			p.answer(u.answer(r), &b)
		}
	}
	p.finish(&b)
	u.changes = append(u.changes, p.round.changes...)
	p.round.changes = nil
	got := make([]mapping.Quality, len(p.tags))
	seen := make([]bool, len(p.tags))
	for _, s := range b.Samples {
		if seen[s.Index] {
			t.Fatalf("tag %d has two samples in one round", s.Index)
		}
		seen[s.Index], got[s.Index] = true, s.Quality
		if !s.Quality.IsBad() {
			u.checkRaw(t, p, int(s.Index))
		}
	}
	for i, ok := range seen {
		if !ok {
			t.Fatalf("tag %d has no sample", i)
		}
	}
	return got
}

// checkRaw compares what p keeps of a tag with what the unit holds there.
func (u *unit) checkRaw(t *testing.T, p *Plan, index int) {
	t.Helper()
	tag := p.tags[index]
	function := functions[tag.Address.Table]
	var want []byte
	for i := range tag.Registers() {
		v := content(function, int(tag.Address.Number)+i)
		if isBits(function) {
			want = append(want, byte(v&1))
		} else {
			want = append(want, byte(v>>8), byte(v))
		}
	}
	if got := p.Raw(nil, index); !bytes.Equal(got, want) {
		t.Fatalf("raw of tag %d (%v) = %x, want %x", index, tag.Address, got, want)
	}
}

// illegal makes a unit refuse requests that touch one of the registers.
func illegal(e Exception, registers ...int) func(request) Exception {
	return func(r request) Exception {
		for _, n := range registers {
			if n >= int(r.address) && n < int(r.address)+int(r.count) {
				return e
			}
		}
		return 0
	}
}
