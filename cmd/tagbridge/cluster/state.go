package cluster

import (
	"sync"
	"sync/atomic"
	"time"

	"tagbridge/cmd/tagbridge/cluster/place"
)

// State is what a member knows at one time. Nobody changes it any more.
type State struct {
	Bridge, Node string
	Run          uint64
	Attached     bool   // it hears and is heard by most of the servers
	Joined       bool   // it takes part
	Draining     bool   // it gives away what it has
	Twin         string // why it takes nothing, or what is wrong with its name; "": nothing
	Servers      []Server
	Members      []Member   // this one first, then by name
	Endpoints    []Endpoint // in the order in which they were given
	Counts       Counts
	Claims       string // why claims are not kept; "": they are, or nothing was tried yet
	Stored       string // what is wrong with the servers that store, although they do; "": nothing
	Lists        string // which members were given other NATS servers than this one; "": none
	Releases     string // who is of what release, where that is not one; "": all are of one
	heirs        *heirs // of Endpoints
}

// Counts are since the process began.
type Counts struct {
	Taken     uint64 // endpoints that this member began to read
	Left      uint64 // and those that it ceased to read
	Takeovers uint64 // of those taken, of a member that was silent
	Isolated  time.Duration
}

// Server is one of those of NATS.
type Server struct {
	Address string // host:port
	Name    string // what it calls itself
	Up      bool
	Since   time.Time // when it became so; zero: it was never up
	Error   string    // why it is not up
	Lost    uint64    // beats of others that it did not hand over
}

// Member is one of the cluster.
type Member struct {
	Node     string
	Run      uint64 // of its process
	Self     bool
	Joined   bool
	Draining bool
	Aside    bool // it takes nothing, as another one has its name
	Unlike   bool // it was given other endpoints than this one: they leave each other nothing
	Version  string
	Since    time.Time // when it was first heard
	Heard    time.Time // the last time
	Gone     bool      // it was silent for long, and had not said that it leaves
	Silent   bool      // for so long that others take what it has
	Reads    int       // endpoints
	Servers  []string  // that it is connected to, by the names that they have for themselves
	Copy     Copy      // as it says
}

// Copy is how far others have a copy of what a member has read.
type Copy struct {
	Copies bool          // it has it copied
	Behind uint64        // samples that some sink still needs, and that are not copied
	Age    time.Duration // about how long ago the oldest of them was read
}

// Endpoint is who reads it.
type Endpoint struct {
	Key   string
	Held  bool     // by this member
	Owner string   // "": nobody does
	Also  []string // others that read it at the same time
	Run   uint64
	Epoch uint64    // how many times it was taken
	Since time.Time // when that was seen here
}

// shown is what others may look at while the member goes on.
type shown struct {
	state atomic.Pointer[State]
	held  atomic.Pointer[map[string]int]
	until atomic.Int64
	clock clock

	mu     sync.Mutex
	places map[string]int // of the endpoints in state, by key, as far as they are known
}

// State is what this member knows.
func (c *Cluster) State() *State { return c.shown.state.Load() }

// Reader is who reads that endpoint, as far as this member knows, and is not this one itself; "": nobody.
func (c *Cluster) Reader(key string) string {
	s := c.shown.state.Load()
	i, ok := c.shown.place(s, key)
	if !ok || s.Endpoints[i].Held {
		return ""
	}
	return s.Endpoints[i].Owner
}

// place finds an endpoint of s.
func (h *shown) place(s *State, key string) (int, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if i, ok := h.places[key]; ok && i < len(s.Endpoints) && s.Endpoints[i].Key == key {
		return i, true
	}
	h.places = make(map[string]int, len(s.Endpoints)) // others are read since then
	for i := range s.Endpoints {
		h.places[s.Endpoints[i].Key] = i
	}
	i, ok := h.places[key]
	return i, ok
}

// Reads reports whether this bridge is to read that endpoint now. It costs a look-up: ask it before each request or round.
func (c *Cluster) Reads(key string) bool {
	held := c.shown.held.Load()
	if held == nil {
		return false
	}
	_, ok := (*held)[key]
	return ok && c.InTime()
}

// InTime reports that what is held may still be read: with Stop it may not once this member was not heard for too long, also when
// nobody had time to say so yet. It is asked several times for each request, so that without Stop it does not look at the clock,
// which is a system call.
func (c *Cluster) InTime() bool {
	return !c.o.Stop || int64(c.shown.clock.now()) < c.shown.until.Load()
}

// Now is a clock that goes on while the process is stopped, and that nobody sets.
func (c *Cluster) Now() time.Duration { return c.shown.clock.now() }

// Configure changes what is to be read; what stays goes on. It waits until that is so.
func (c *Cluster) Configure(endpoints []place.Endpoint) error {
	if err := checkEndpoints(endpoints); err != nil {
		return err
	}
	c.ask(func(r *runner) { r.member.Configure(endpoints) })
	return nil
}

// Drain has this member give all it has to others and take nothing any more, until the process ends or it is called with false.
func (c *Cluster) Drain(on bool) {
	c.ask(func(r *runner) {
		r.draining = on
		r.member.Drain(on)
		r.showAt = 0
	})
}

// Stopped says that nothing reads an endpoint any more that was to be left by the change with that Take.
func (c *Cluster) Stopped(key string, take int) {
	c.ask(func(r *runner) { r.stopped(key, take) })
}

// ask has the goroutine of Run do something; once that has ended, nothing.
func (c *Cluster) ask(do func(*runner)) {
	select {
	case c.asks <- do:
	case <-c.finished:
	}
}
