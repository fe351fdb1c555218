package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"tagbridge/cmd/tagbridge/cluster/carrier"
	"tagbridge/mapping/secure"
	"tagbridge/sinks/nats"
)

// Options say where, and as whom.
type Options struct {
	Bridge, Node string
	URLs         []string // one of them is used at a time
	TLS          secure.TLS
	Credentials  string // text of a .creds file
	NKey         string
	Username     string
	Password     string
	Remedy       string       // what is said beside what a server does not allow; "": where the rights of a member are
	Log          *slog.Logger // nil: none
}

// Store is the connection. Its methods may be called by any goroutine.
type Store struct {
	o       Options
	clients []*nats.Client
	told    map[string]bool // what the log was told since there was a connection; of the goroutine of Run

	mu     sync.Mutex
	link   *Link
	news   chan struct{} // closed with the next change
	state  State
	opened map[string]bool
}

// State is how the connection is.
type State struct {
	Server   string // that is used; "": none
	Replicas int    // of what is opened; 0: not known
	Error    string // why JetStream cannot be used; "": it can, or nothing was tried yet
	Warning  string // what is wrong although it can be used
}

// New reads the files of TLS. It does not connect.
func New(o Options) (*Store, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.Remedy = cmp.Or(o.Remedy, "nats-accounts.conf has the rights that a member needs")
	s := &Store{o: o, news: make(chan struct{}), opened: map[string]bool{}, told: map[string]bool{}}
	for i, url := range o.URLs {
		c, err := nats.NewClient(nats.Options{
			URLs: []string{url}, TLS: o.TLS, Credentials: o.Credentials, NKey: o.NKey, Username: o.Username, Password: o.Password,
			Name: "tagbridge " + o.Bridge + " " + o.Node + " store", Timeout: patience,
		})
		if err != nil {
			return nil, fmt.Errorf("cluster: server %d: %w", i+1, err)
		}
		s.clients = append(s.clients, c)
	}
	if len(s.clients) == 0 {
		return nil, errors.New("cluster: nats names no server")
	}
	return s, nil
}

const (
	// patience bounds one question to a server.
	patience = 5 * time.Second
	// The pauses between attempts to connect.
	firstPause = 250 * time.Millisecond
	mostPause  = 15 * time.Second
)

// Run keeps the connection until ctx ends. It is called once.
func (s *Store) Run(ctx context.Context) {
	pause, first := firstPause, true
	timer := time.NewTimer(0)
	defer timer.Stop()
	for at := 0; ; at++ {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		c := s.clients[at%len(s.clients)]
		began := time.Now()
		err := s.session(ctx, c)
		if ctx.Err() != nil {
			return
		}
		s.failed(c, err)
		if time.Since(began) > 2*mostPause {
			pause, first = firstPause, true
		}
		if first && at%len(s.clients) != len(s.clients)-1 {
			timer.Reset(firstPause / 4) // there are others to try
			continue
		}
		first = false
		timer.Reset(pause/2 + rand.N(pause))
		pause = min(2*pause, mostPause*2/3)
	}
}

// Link waits for a connection by which JetStream can be used. When ctx ends before, the error says why there is none.
func (s *Store) Link(ctx context.Context) (*Link, error) {
	for {
		s.mu.Lock()
		link, news, why := s.link, s.news, s.state.Error
		s.mu.Unlock()
		if link.lives() {
			return link, nil
		}
		select {
		case <-news:
		case <-ctx.Done():
			if why != "" {
				return nil, &Fault{why, context.Cause(ctx)}
			}
			return nil, context.Cause(ctx)
		}
	}
}

// Current is the connection by which JetStream can be used; nil: there is none.
func (s *Store) Current() *Link {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.link.lives() {
		return nil
	}
	return s.link
}

// State is how the connection is.
func (s *Store) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state
}

// change sets the connection and how it is. It is called by the goroutine of Run.
func (s *Store) change(link *Link, state State) {
	s.mu.Lock()
	s.link, s.state = link, state
	close(s.news)
	s.news = make(chan struct{})
	s.mu.Unlock() // the log may be slow
	if link != nil {
		clear(s.told)
		s.o.Log.Info("cluster store reached", "server", state.Server, "replicas", state.Replicas)
	}
	s.tell(state.Error) // which names the server
	s.tell(state.Warning, "server", state.Server)
}

// tell tells the log of text, once while there is a connection; "": nothing.
func (s *Store) tell(text string, args ...any) {
	if text != "" && !s.told[text] && len(s.told) < mostTold {
		s.told[text] = true
		s.o.Log.Warn("cluster store: "+text, args...)
	}
}

// mostTold bounds how many different things the log is told.
const mostTold = 20

// failed takes note that a connection has ended, or was none.
func (s *Store) failed(c *nats.Client, err error) {
	text := fmt.Sprintf("%s: %v", c.Address(), err)
	var apart *apartError
	if errors.As(err, &apart) {
		text = apart.Error()
	}
	var away *unreached
	if errors.As(err, &away) {
		s.o.Log.Debug("cluster store: " + text)
		s.told[text] = true
	}
	s.change(nil, State{Error: text})
}

// inbox begins the subjects of answers, which nobody else may hear.
func (s *Store) inbox() string { return "tagbridge." + carrier.Token(s.o.Bridge) + ".inbox" }
