package derived

import (
	"sync"

	"tagbridge/mapping"
)

// mostHeard is how many batches wait at most: when nobody takes them, the oldest are lost.
const mostHeard = 4096

// ear holds what was heard until it is taken. It is safe for concurrent use.
type ear struct {
	rings chan struct{} // holds one: there is something

	mu    *sync.Mutex
	list  []heard
	spare []*mapping.Batch
}

// heard is what was read of a group.
type heard struct {
	batch *mapping.Batch
	old   bool // it is for those alone that have no value yet
}

func newEar() ear { return ear{rings: make(chan struct{}, 1), mu: new(sync.Mutex)} }

// ring has whoever waits look.
func (e *ear) ring() {
	select {
	case e.rings <- struct{}{}:
	default:
	}
}

// put takes those samples of b whose series are wanted.
func (e *ear) put(b *mapping.Batch, wanted []bool, old bool) {
	e.mu.Lock()
	mine := e.fresh()
	mine.Reset(b.Group)
	for i := range b.Samples {
		s := b.Samples[i]
		if !wanted[s.Index] {
			continue
		}
		if s.Kind == mapping.Text {
			mine.PutText(&s, b.Text(&s))
		}
		mine.Samples = append(mine.Samples, s)
	}
	if len(mine.Samples) == 0 {
		e.spare = append(e.spare, mine)
		e.mu.Unlock()
		return
	}
	if len(e.list) == mostHeard {
		e.spare = append(e.spare, e.list[0].batch)
		e.list = append(e.list[:0], e.list[1:]...)
	}
	e.list = append(e.list, heard{mine, old})
	e.mu.Unlock()
	e.ring()
}

// fresh is a batch to write to. The caller holds mu.
func (e *ear) fresh() *mapping.Batch {
	if n := len(e.spare); n > 0 {
		b := e.spare[n-1]
		e.spare = e.spare[:n-1]
		return b
	}
	return new(mapping.Batch)
}

// take returns what was heard since the last time, the oldest first, until giveBack.
func (e *ear) take() []heard {
	e.mu.Lock()
	defer e.mu.Unlock()
	list := e.list
	e.list = nil
	return list
}

// giveBack lets the memory of list be used again.
func (e *ear) giveBack(list []heard) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, h := range list {
		e.spare = append(e.spare, h.batch)
	}
	if e.list == nil {
		clear(list)
		e.list = list[:0]
	}
}

// empty forgets everything.
func (e *ear) empty() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.list, e.spare = nil, nil
}
