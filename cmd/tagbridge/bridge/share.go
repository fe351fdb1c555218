package bridge

import (
	"time"

	"tagbridge/drivers"
	"tagbridge/mapping/config"
)

// Share is how a bridge shares its endpoints with others, so that one of them reads each. Its methods are safe for concurrent use.
type Share interface {
	// Lease is that of the endpoint of that key, the same one each time. It is granted and revoked as others come and go. That of
	// a derived device is granted while those of all are that it is computed from.
	Lease(endpoint string) *drivers.Lease
	// Configure says what there is to be read from now on.
	Configure(cfg *config.Config)
	// State is what is known of the others now.
	State() ShareState
	// Leave says that nothing is read here any more, so that others need not wait.
	Leave()
}

// ShareState is what a bridge knows of those that it shares endpoints with.
type ShareState struct {
	Node      string        // what this one is called
	Attached  bool          // it hears and is heard by most of the servers
	Joined    bool          // it is given endpoints
	Problem   string        // why it takes nothing, though it could; "": nothing
	Servers   []ShareServer // that carry what members say
	Members   []ShareMember // this one first
	Endpoints []ShareEndpoint
}

// ShareServer is one of those that carry what members say.
type ShareServer struct {
	Address string
	Up      bool
	Since   time.Time // zero: it was never up
	Error   string
}

// ShareMember is one that shares.
type ShareMember struct {
	Node    string
	Self    bool
	Joined  bool
	Silent  bool // for so long that others read its endpoints
	Version string
	Heard   time.Time
	Reads   int // endpoints
}

// ShareEndpoint is who reads an endpoint.
type ShareEndpoint struct {
	Key   string // as config.Endpoint has it
	Here  bool
	Owner string // "": nobody
	Epoch uint64 // how many times it has changed hands
	Since time.Time
}

// Shared is what is known of those that endpoints are shared with, and what they are called for people; false: they are not.
func (b *Bridge) Shared() (s ShareState, names map[string]string, ok bool) {
	if b.o.Share == nil {
		return s, nil, false
	}
	names = map[string]string{}
	for _, c := range b.now.Load().cfg.Connections() {
		names[c.Key] = PublicURL(c.Endpoint)
	}
	return b.o.Share.State(), names, true
}

// lease is what allows reading the endpoint of e, or computing what is derived; nil: nobody else reads it.
func (b *Bridge) lease(e config.Connection) *drivers.Lease {
	if b.o.Share == nil {
		return nil
	}
	return b.o.Share.Lease(e.Key)
}

// share tells what there is to be read.
func (b *Bridge) share(cfg *config.Config) {
	if b.o.Share != nil {
		b.o.Share.Configure(cfg)
	}
}

// leaveShare is called when the lanes have ended.
func (b *Bridge) leaveShare() {
	if b.o.Share != nil {
		b.o.Share.Leave()
	}
}
