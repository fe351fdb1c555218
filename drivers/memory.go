package drivers

import (
	"encoding/binary"
	"sync"

	"tagbridge/mapping"
)

// memory is what the formulas of a job remember of values before, as it goes to the next process, or to the next job. For each
// formula it has: the length of the tag's name, the name, 1 where it judges the tag and does not make it, the formula's key u64,
// the length of what it remembers, and that. Numbers are uvarints.
type memory struct {
	sync.Mutex      // of the lane's, while it computes, and of whoever asks
	any        bool // there is a formula that remembers something
}

// Memory is what the formulas of the job remember; nil: nothing. It may be called at any time.
func (c *Compute) Memory() []byte {
	if c == nil {
		return nil
	}
	c.memory.Lock()
	defer c.memory.Unlock()
	if !c.memory.any {
		return nil
	}
	return c.appendMemory(nil)
}

// Recall has the formulas go on from text, which Memory gave of this job or of one before, or of several. What in it is of other
// formulas, or is damaged, is nothing to it. It is called before the job is used.
func (c *Compute) Recall(text []byte) {
	if c == nil {
		return
	}
	c.memory.Lock()
	defer c.memory.Unlock()
	c.recall(text)
}

// Remembering is a formula that remembers something.
type Remembering struct {
	Tag      string
	Judges   bool // the tag, and does not make it
	Computer *mapping.Computer
}

// Remembering are the formulas of the job that remember something. It may be called before the job is used.
func (c *Compute) Remembering() (list []Remembering) {
	if c != nil {
		c.remembering(func(tag string, judges byte, f *mapping.Computer) {
			list = append(list, Remembering{tag, judges == 1, f})
		})
	}
	return list
}

// remembering calls each with every formula that remembers something.
func (c *Compute) remembering(each func(tag string, judges byte, f *mapping.Computer)) {
	for i := range c.computed {
		if t := &c.computed[i]; t.Remembers() {
			each(c.group.Series[t.index].Tag, 0, t.Computer)
		}
	}
	for i, j := range c.judges {
		if j != nil && j.Remembers() {
			each(c.group.Series[i].Tag, 1, j.Computer)
		}
	}
}

// recall has the formulas, which are new, go on from text. The caller holds the memory's lock.
func (c *Compute) recall(text []byte) {
	c.memory.any = false
	known := map[memoryKey][]byte{}
	parseMemory(text, known)
	c.remembering(func(tag string, judges byte, f *mapping.Computer) {
		c.memory.any = true
		if text, ok := known[memoryKey{tag, judges, f.Key()}]; ok {
			_ = f.ParseMemory(text) // which changes nothing when it is damaged
		}
	})
}

// appendMemory appends what the formulas remember. The caller holds the memory's lock.
func (c *Compute) appendMemory(dst []byte) []byte {
	var state []byte
	c.remembering(func(tag string, judges byte, f *mapping.Computer) {
		dst = append(binary.AppendUvarint(dst, uint64(len(tag))), tag...)
		dst = binary.LittleEndian.AppendUint64(append(dst, judges), f.Key())
		state = f.AppendMemory(state[:0])
		dst = append(binary.AppendUvarint(dst, uint64(len(state))), state...)
	})
	return dst
}

type memoryKey struct {
	tag    string
	judges byte
	key    uint64
}

// parseMemory puts into known what text has, as far as it is whole.
func parseMemory(text []byte, known map[memoryKey][]byte) {
	for {
		tag, rest, ok := cutMemory(text)
		if !ok || len(rest) < 1+8 {
			return
		}
		key := memoryKey{string(tag), rest[0], binary.LittleEndian.Uint64(rest[1:])}
		state, rest, ok := cutMemory(rest[9:])
		if !ok {
			return
		}
		known[key], text = state, rest
	}
}

// cutMemory takes what follows its own length off text.
func cutMemory(text []byte) (part, rest []byte, ok bool) {
	n, size := binary.Uvarint(text)
	if size <= 0 || n > uint64(len(text)-size) {
		return nil, nil, false
	}
	text = text[size:]
	return text[:n:n], text[n:], true
}
