package claims

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"tagbridge/cmd/tagbridge/cluster/store"
)

// Book is what a member knows of the bucket, and what it has to write into it. It is used by one goroutine.
type Book struct {
	node     string
	run      uint64
	joined   bool // the member takes part: it knows who else is there
	begun    bool // the bucket is read from its beginning for all endpoints that there are
	synced   bool // what is in the bucket is known
	entries  map[string]*entry
	names    map[string]*entry
	order    []*entry // by key
	findings []Finding
}

// entry is one endpoint.
type entry struct {
	key, name string

	// what the bucket has
	revision uint64 // 0: nothing was ever there
	claim    *Claim // nil: none
	bad      error  // why what is there is no claim
	fresh    bool   // it was seen since the bucket is read anew

	held   bool
	epoch  uint64 // of what is held
	wrote  uint64 // the epoch of the claim of this process that was in the bucket last
	known  uint64 // the highest epoch that was found
	flying bool   // a write is under way
	waits  bool   // a write had no answer, or another one was faster: the bucket is to say what is there now
	since  time.Duration
	next   time.Duration // not written again before
	refuse error         // why it cannot be written
}

// Finding is what the bucket says of an endpoint.
type Finding struct {
	Endpoint string
	Epoch    uint64 // how many times it was taken
	Over     bool   // by somebody who took over what this member has and had written: it stops
}

// Write is a claim that is to stand in the bucket in place of what has Revision.
type Write struct {
	Key      string
	Value    []byte
	Revision uint64 // 0: the key is not there
	Epoch    uint64
	entry    *entry
}

// Outcome is how a write ended.
type Outcome int

// The outcomes. Faster: somebody else has written. Unknown: it may have been written.
const (
	Written Outcome = iota
	Faster
	Unknown
)

// The times of a book.
const (
	spacing  = 250 * time.Millisecond // between writes of one claim
	patience = 5 * time.Second        // for what the bucket has to say
)

// Key is where the claim of an endpoint stands in the bucket.
func Key(endpoint string) string { return store.Key("claim", endpoint) }

// NewBook makes the book of that process of a member.
func NewBook(node string, run uint64) *Book {
	return &Book{node: node, run: run, entries: map[string]*entry{}, names: map[string]*entry{}}
}

// Set says what the member holds, with epochs; endpoints that it does not hold have epoch 0.
func (b *Book) Set(joined bool, epochs map[string]uint64) {
	b.joined = joined
	if b.differ(epochs) {
		b.list(epochs)
	}
	for _, e := range b.order {
		e.epoch = epochs[e.name]
		e.held = e.epoch > 0
		b.judge(e)
	}
}

// differ reports that the endpoints are not those of the book.
func (b *Book) differ(epochs map[string]uint64) bool {
	for name := range epochs {
		if b.names[name] == nil {
			return true
		}
	}
	return len(epochs) != len(b.names)
}

// list makes the entries anew. What the bucket has of new ones is not known, so it has to be read anew.
func (b *Book) list(epochs map[string]uint64) {
	old := b.names
	b.names, b.entries, b.order = make(map[string]*entry, len(epochs)), make(map[string]*entry, len(epochs)), nil
	for name := range epochs {
		e := old[name]
		if e == nil {
			e = &entry{name: name, key: Key(name)}
			b.begun, b.synced = false, false
		}
		b.names[name], b.entries[e.key] = e, e
		b.order = append(b.order, e)
	}
	slices.SortFunc(b.order, func(x, y *entry) int { return cmp.Compare(x.key, y.key) })
}

// Begin says that the bucket is read from its beginning. No write is under way.
func (b *Book) Begin() {
	b.begun, b.synced = true, false
	for _, e := range b.order {
		e.fresh, e.flying, e.waits = false, false, false
	}
}

// Synced says that all that is in the bucket was seen since Begin.
func (b *Book) Synced() {
	if !b.begun {
		return // an endpoint has come since, of which something may have been passed over
	}
	b.synced = true
	for _, e := range b.order {
		if !e.fresh {
			b.see(e, 0, nil, nil)
		}
	}
}

// Stale reports that the bucket has to be read from its beginning: endpoints are new, or it does not say what came of a write.
func (b *Book) Stale(now time.Duration) bool {
	return !b.begun || slices.ContainsFunc(b.order, func(e *entry) bool { return b.synced && e.waits && now-e.since >= patience })
}

// Seen takes what the bucket has for a key; value nil: it was deleted. Keys of others are left alone.
func (b *Book) Seen(key string, revision uint64, value []byte) {
	e := b.entries[key]
	if e == nil {
		return
	}
	if value == nil {
		b.see(e, revision, nil, nil)
		return
	}
	c, err := parseClaim(value)
	if err == nil && c.Endpoint != e.name {
		err = errors.New("it is of another endpoint")
	}
	if err != nil {
		c = nil
	}
	b.see(e, revision, c, err)
}

func (b *Book) see(e *entry, revision uint64, c *Claim, bad error) {
	e.revision, e.claim, e.bad, e.fresh, e.waits = revision, c, bad, true, false
	if b.mine(c) {
		e.wrote = c.Epoch
		return
	}
	b.judge(e)
}

func (b *Book) mine(c *Claim) bool { return c != nil && c.Node == b.node && c.Run == b.run }
