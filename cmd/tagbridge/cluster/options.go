package cluster

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"tagbridge/cmd/tagbridge/cluster/place"
	"tagbridge/cmd/tagbridge/cluster/store"
	"tagbridge/cmd/tagbridge/cluster/wire"
	"tagbridge/mapping/secure"
	"tagbridge/sinks/nats"
)

// Options say which cluster, and as whom.
type Options struct {
	Bridge  string // members of one cluster have the same
	Node    string // and each another one of these
	Version string // of the program
	// URLs are the servers, nats or tls with a port: the same ones for all members. There is a connection to each.
	URLs                     []string
	TLS                      secure.TLS
	Credentials              string // text of a .creds file
	NKey, Username, Password string
	Takeover                 time.Duration // a member may be silent for that long; 0: 2 s
	Stop                     bool          // one that is cut off reads nothing
	Guard                    time.Duration // with Stop, how long before Takeover it stops reading; 0: a fifth of Takeover
	Endpoints                []place.Endpoint
	// Held is told what this bridge begins and ceases to read, in the order in which it does. It is called by the goroutine of Run, and
	// does not wait for devices. For each endpoint that it is told to leave, Stopped has to be called once nothing reads it any
	// more: until then the others are told that it is read. nil: nobody reads.
	Held func([]Change)
	// Copied is how far others have a copy of what this bridge has read, for the others to know. It is called by the goroutine of Run, for
	// each beat, and does not wait. nil: nothing is copied.
	Copied func() Copy
	Log    *slog.Logger // nil: none
}

// Change is an endpoint that is to be read from now on, or not any more.
type Change struct {
	Key  string
	Held bool
	Take int // how many times this process has begun to read it
}

// The bounds of Options.
const (
	mostServers     = 9
	defaultTakeover = 2 * time.Second
	leastTakeover   = 200 * time.Millisecond
	// leastConnect is for how long connecting is tried at least: a server that wants the handshake of TLS first is given a second to speak.
	leastConnect = 3 * time.Second
)

func (o Options) withDefaults() Options {
	if o.Takeover <= 0 {
		o.Takeover = defaultTakeover
	}
	if o.Guard <= 0 {
		o.Guard = o.Takeover / 5
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}

func (o *Options) check() error {
	switch n := len(o.URLs); {
	case n == 0:
		return errors.New("cluster: nats names no server")
	case n > mostServers:
		return fmt.Errorf("cluster: nats names %d servers, at most %d make sense", n, mostServers)
	case o.Bridge == "" || o.Node == "":
		return errors.New("cluster: a member needs the name of its bridge and one of its own (node)")
	case len(o.Node) > wire.MaxName || len(o.Bridge) > wire.MaxName:
		return fmt.Errorf("cluster: a name is longer than %d bytes", wire.MaxName)
	case o.Takeover < leastTakeover:
		return fmt.Errorf("cluster: takeover must be at least %v", leastTakeover)
	case o.Guard >= o.Takeover:
		return errors.New("cluster: guard must be shorter than takeover")
	}
	return checkEndpoints(o.Endpoints)
}

func checkEndpoints(list []place.Endpoint) error {
	if len(list) > wire.MaxClaims {
		return fmt.Errorf("cluster: there are %d endpoints, at most %d are possible", len(list), wire.MaxClaims)
	}
	return nil
}

// Cluster is this bridge's part in a cluster. Its methods may be called by any goroutine.
type Cluster struct {
	o        Options
	clients  []*nats.Client
	runner   *runner // of the goroutine of Run
	asks     chan func(*runner)
	finished chan struct{}
	shown    shown
	store    *store.Store
}

// New checks o and reads the files of TLS. It does not connect.
func New(o Options) (*Cluster, error) {
	o = o.withDefaults()
	if err := o.check(); err != nil {
		return nil, err
	}
	c := &Cluster{o: o, asks: make(chan func(*runner)), finished: make(chan struct{})}
	for i, url := range o.URLs {
		client, err := nats.NewClient(nats.Options{
			URLs: []string{url}, TLS: o.TLS, Credentials: o.Credentials, NKey: o.NKey, Username: o.Username, Password: o.Password,
			Name: "tagbridge " + o.Bridge + " " + o.Node, Timeout: min(max(o.Takeover, leastConnect), 5*time.Second),
		})
		if err != nil {
			return nil, fmt.Errorf("cluster: server %d: %w", i+1, err)
		}
		c.clients = append(c.clients, client)
	}
	var err error
	c.store, err = store.New(store.Options{
		Bridge: o.Bridge, Node: o.Node, URLs: o.URLs, TLS: o.TLS, Credentials: o.Credentials, NKey: o.NKey, Username: o.Username,
		Password: o.Password, Log: o.Log,
	})
	if err != nil {
		return nil, err
	}
	c.runner = newRunner(c)
	c.runner.show(true)
	return c, nil
}

// Store is the connection to what is stored for all members. It is there while Run runs.
func (c *Cluster) Store() *store.Store { return c.store }
