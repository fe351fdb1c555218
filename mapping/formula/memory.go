package formula

import (
	"encoding/binary"
	"hash/fnv"
	"math"
	"slices"
)

// A formula that asks for previous(x), or for seconds_since(x), remembers something. A process hands that to the next one by
// AppendMemory and ParseMemory; its inputs begin anew, so that what is read first after that comes after what is remembered.

// recalled stands for the number of samples of an input that is remembered: none of this process has it.
const recalled = math.MaxUint64

// Remembers reports that f remembers something.
func (f *Formula) Remembers() bool { return f != nil && len(f.previous)+len(f.timed) > 0 }

// Key tells formulas apart: what one remembers is nothing to another one.
func (f *Formula) Key() uint64 {
	h := fnv.New64a()
	h.Write([]byte(f.text))
	for _, in := range f.inputs {
		h.Write([]byte("\x00" + in.Name))
	}
	return h.Sum64()
}

// AppendMemory appends to dst what f, computed with p, remembers.
func (f *Formula) AppendMemory(dst []byte, p *Past) []byte {
	dst = f.AppendPast(dst, p)
	for k := range f.timed {
		at := int64(0)
		if p.valued != nil {
			at = p.valued[k]
		}
		dst = binary.AppendVarint(dst, at)
	}
	return dst
}

// ParseMemory has f go on from b, all that AppendMemory has written. in and p are new ones, whose inputs were never read.
func (f *Formula) ParseMemory(b []byte, in []*Input, p *Past) error {
	var past Past
	b, err := f.ParsePast(b, &past)
	if err != nil {
		return err
	}
	valued := make([]int64, len(f.timed))
	for k := range valued {
		n, size := binary.Varint(b)
		if size <= 0 {
			return ErrState
		}
		valued[k], b = n, b[size:]
	}
	if len(b) > 0 {
		return ErrState
	}
	for _, i := range f.previous {
		past.now[i].samples = recalled
	}
	past.valued = valued
	*p = past
	for k, i := range f.timed {
		if in[i].valued == 0 {
			in[i].valued = valued[k]
		}
	}
	return nil
}

// Recalls are the inputs of which f remembers something, by index, each once.
func (f *Formula) Recalls() []int {
	list := slices.Clone(f.previous)
	for _, i := range f.timed {
		if !slices.Contains(list, i) {
			list = append(list, i)
		}
	}
	return list
}

// Recall takes over seen, a value of input i that the process before has read, in the order in which it did, before anything is computed;
// computed: f was computed with it. What is not newer than what is remembered is passed over.
func (f *Formula) Recall(i int, seen *Input, computed bool, in []*Input, p *Past) {
	if seen.Kind == None {
		return
	}
	if slices.Contains(f.timed, i) && seen.Time > in[i].valued {
		in[i].valued = seen.Time
	}
	if !computed || !slices.Contains(f.previous, i) {
		return
	}
	if p.now == nil {
		p.now, p.before = make([]Input, len(in)), make([]Input, len(in))
	}
	if now := &p.now[i]; now.Kind == None || seen.Time > now.Time {
		p.before[i], *now = *now.orNone(), *seen
		now.samples = recalled
	}
}
