package bridge

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"tagbridge/cmd/tagbridge/events"
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
	// Drain has all that is read here be given to others, and nothing be taken any more; off: that ends.
	Drain(on bool)
	// Leave says that nothing is read here any more, so that others need not wait.
	Leave()
}

// ShareState is what a bridge knows of those that it shares endpoints with.
type ShareState struct {
	Node      string // what this one is called
	Attached  bool   // it hears and is heard by most of the servers
	Joined    bool   // it is given endpoints
	Problem   string // why it takes nothing, though it could; "": nothing
	Stops     bool   // it reads nothing while it is not attached
	Draining  bool   // it gives away what it has
	Counts    ShareCounts
	Servers   []ShareServer // that carry what members say
	Members   []ShareMember // this one first
	Endpoints []ShareEndpoint
	Heirs     func() []string // who would read each of Endpoints if who reads it died; nil, or of nil: that is not known
	Rests     []ShareRest     // what members have left that are gone
	RestError string          // why that is not known now; "": it is
	Warnings  []string        // what is wrong that does not keep it from taking part
	Revision  ShareRevision
}

// ShareRest is what one that is gone has left for a sink.
type ShareRest struct {
	Node, Sink string
	By         string // who delivers it; "": nobody
	Waits      uint64 // samples that the sink still has to get, as far as is known
	Copied     uint64 // those of them that are copied
	Delivered  uint64 // of all that it left
	Missing    uint64 // samples that nobody has a copy of
	Finished   bool   // all that is copied was looked at
	NoSink     bool   // this one has no such sink
}

// ShareRevision is the configuration that all who share are to have, and this one has.
type ShareRevision struct {
	Number      int // that is applied here; 0: none
	Newest      int // that all are to have; 0: none, or it is not known
	Time        time.Time
	By, Comment string
	Differs     []string // files that were changed here since
	Refused     int      // the one that is not taken; 0: none
	Why         string   // it is not, or nothing is known of revisions
}

// Note is what is out of the ordinary with it; "": nothing.
func (r *ShareRevision) Note() string {
	switch {
	case r.Refused > 0:
		return fmt.Sprintf("refused revision %d: %s", r.Refused, r.Why)
	case len(r.Differs) > 0:
		return "changed there since: " + strings.Join(r.Differs, ", ")
	}
	return ""
}

// ShareCounts are since the process began.
type ShareCounts struct {
	Taken     uint64 // endpoints that this one began to read
	Left      uint64 // and those that it ceased to read
	Takeovers uint64 // of those taken, of one that was silent
	Isolated  time.Duration
}

// ShareServer is one of those that carry what members say.
type ShareServer struct {
	Address string
	Up      bool
	Since   time.Time // zero: it was never up
	Error   string
	Lost    uint64 // beats of others that it did not hand over
}

// ShareMember is one that shares.
type ShareMember struct {
	Node     string
	Self     bool
	Joined   bool
	Silent   bool // for so long that others read its endpoints
	Unlike   bool // it has other devices, tags or polls than this one
	Gone     bool // silent, and it had not said that it leaves
	Draining bool // it gives away what it has
	Version  string
	Since    time.Time // when it was first heard
	Heard    time.Time
	Reads    int // endpoints
	Copy     ShareCopy

	Revision     int    // of the configuration; 0: none, or it is not known
	RevisionNote string // what is out of the ordinary with that
}

// ShareCopy is how far others have a copy of what a member has read, as it says.
type ShareCopy struct {
	Copies bool          // it has it copied
	Behind uint64        // samples that some sink still needs, and that are not copied
	Age    time.Duration // about how long ago the oldest of them was read
}

// ShareEndpoint is who reads an endpoint.
type ShareEndpoint struct {
	Key   string // as config.Endpoint has it
	Here  bool
	Owner string   // "": nobody
	Also  []string // others that read it at the same time
	Only  []string // these may read it; none: all
	Epoch uint64   // how many times it has changed hands
	Since time.Time
}

// Shared is what is known of those that endpoints are shared with, and what they are called for people; false: they are not.
func (b *Bridge) Shared() (s ShareState, names map[string]string, ok bool) {
	if b.o.Share == nil {
		return s, nil, false
	}
	names = map[string]string{}
	for _, c := range b.now.Load().cfg.Connections() {
		if c.Devices[0].IsDerived() {
			names[c.Key] = c.Key
			continue
		}
		names[c.Key] = PublicURL(c.Endpoint)
	}
	return b.o.Share.State(), names, true
}

// ErrNoShare is that endpoints are not shared.
var ErrNoShare = errors.New("this bridge is in no cluster")

// Drain has all that is read here be given to the others, or ends that, for somebody.
func (b *Bridge) Drain(on bool, by string) error {
	if b.o.Share == nil {
		return ErrNoShare
	}
	b.o.Share.Drain(on)
	if on {
		b.o.Log.Info("gives all its endpoints to the cluster", "by", by, "event", events.Cluster)
	} else {
		b.o.Log.Info("takes part in the cluster again", "by", by, "event", events.Cluster)
	}
	return nil
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
