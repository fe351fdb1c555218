package revision

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/cmd/tagbridge/cluster/store"
	"tagbridge/cmd/tagbridge/edit"
	"tagbridge/cmd/tagbridge/events"
	"tagbridge/mapping/source"
)

// Host is the bridge that follows revisions.
type Host interface {
	// Try loads the configuration with files over those on disk; nothing changes.
	Try(files *source.Files) (bridge.Loaded, error)
	// Replace writes files and has the bridge reload: all of it, or nothing.
	Replace(texts []edit.Text, note bridge.Note) (bridge.Reloaded, error)
}

// Options say whose revisions are followed, and by whom.
type Options struct {
	Store   *store.Store
	Bridge  string
	Node    string
	Program string // its version
	Config  string // path of the configuration
	DataDir string
	Host    Host
	Members func() []string // that are known, by their nodes; nil: none
	Log     *slog.Logger
}

// How often a follower looks, and tries again what it refused: a secret may be there by then, or room on the disk.
const (
	lookEvery   = 2 * time.Second
	reportEvery = 10 * time.Second
	refuseEvery = time.Minute
	lookTime    = 5 * time.Second
	fetchTime   = 2 * time.Minute
)

// Follower keeps the configuration of one member at the newest revision.
type Follower struct {
	o       Options
	applied *Manifest // nil: none
	drift   drift
	newest  *Manifest
	refused refusal
	said    Report

	fetching string // the revision that could not be fetched
	tries    int

	saidAt time.Time

	mu    sync.Mutex
	state State
}

// refusal is a revision that is not taken.
type refusal struct {
	id     string // of the revision; of what cannot be read, its entry
	number int
	why    string
	at     time.Time
}

// State is what a follower knows, for people.
type State struct {
	Applied *Manifest // nil: none
	Newest  *Manifest // nil: none, or it is not known
	Differs []string  // files that were changed here since
	Refused int       // revision that is not taken; 0: none
	Why     string    // it is not, or the newest is not known
	Members []Report  // what others said last
}

// NewFollower reads what was applied before. It does nothing before Run.
func NewFollower(o Options) *Follower {
	f := &Follower{o: o}
	if f.o.Log == nil {
		f.o.Log = slog.New(slog.DiscardHandler)
	}
	var err error
	if f.applied, err = readApplied(o.DataDir); err != nil {
		f.o.Log.Warn("it is not known which revision is applied here", "err", err)
	}
	f.drift.begin(f.applied)
	return f
}

// State is what it knows now.
func (f *Follower) State() State {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.state
}

// Run follows until ctx ends. A change that has begun is ended first.
func (f *Follower) Run(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for ctx.Err() == nil {
		f.look(ctx)
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
}

// look does one turn. What it cannot do is tried again by the next one.
func (f *Follower) look(ctx context.Context) {
	f.compare()
	why := ""
	defer func() { f.show(why) }()
	link := f.o.Store.Current()
	if link == nil {
		why = f.o.Store.State().Error
		return
	}
	remote, err := f.find(ctx, link)
	if errors.Is(err, ErrNone) {
		return
	}
	if err == nil {
		err = f.follow(ctx, remote) // which may take long
	}
	if err == nil {
		err = f.report(ctx, remote)
	}
	if err != nil && ctx.Err() == nil {
		why = err.Error()
	}
}

// find finds where revisions are kept.
func (f *Follower) find(ctx context.Context, link *store.Link) (*Remote, error) {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	return Look(ctx, link, f.o.Bridge)
}

// follow applies the newest revision, unless it is applied, or refused.
func (f *Follower) follow(ctx context.Context, remote *Remote) error {
	short, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	m, entry, err := remote.Newest(short)
	var damaged *Damaged
	if errors.As(err, &damaged) {
		f.refuse(refusal{id: fmt.Sprint(entry), why: err.Error()})
		return nil
	}
	if err != nil {
		return err
	}
	f.newest = m
	switch {
	case m == nil || f.applied != nil && m.ID == f.applied.ID:
		f.refused = refusal{}
		return nil
	case m.ID == f.refused.id && time.Since(f.refused.at) < refuseEvery:
		return nil
	}
	if err := f.mayTake(m); err != nil {
		f.refuse(refusal{id: m.ID, number: m.Number, why: err.Error()})
		return nil
	}
	c, err := f.fetch(ctx, remote, m)
	if err != nil && ctx.Err() == nil && f.givesUp(m, err) {
		f.refuse(refusal{id: m.ID, number: m.Number, why: err.Error()})
		return nil
	}
	if err != nil {
		return err
	}
	err = f.apply(m, c)
	if errors.Is(err, edit.ErrBusy) || errors.Is(err, bridge.ErrStopped) {
		return err
	}
	if err != nil {
		f.refuse(refusal{id: m.ID, number: m.Number, why: err.Error()})
		return nil
	}
	f.refused = refusal{}
	return nil
}

// mostTries is how often in turn a revision is fetched before it is said that it cannot be.
const mostTries = 8

// givesUp reports that m is not fetched again at once: it is not what it was, or it was tried often.
func (f *Follower) givesUp(m *Manifest, err error) bool {
	if f.fetching != m.ID {
		f.fetching, f.tries = m.ID, 0
	}
	f.tries++
	return !Passes(err) || f.tries >= mostTries
}

// mayTake reports why m is not for this member.
func (f *Follower) mayTake(m *Manifest) error {
	switch {
	case m.Bridge != f.o.Bridge:
		return fmt.Errorf("it is for the bridge %s, this one is %s", m.Bridge, f.o.Bridge)
	case f.applied != nil && m.Number <= f.applied.Number:
		return fmt.Errorf("revision %d is applied here, and a later one has a higher number: was JetStream emptied? Push again", f.applied.Number)
	}
	return nil
}

// refuse notes that a revision is not taken, and says so once.
func (f *Follower) refuse(r refusal) {
	r.at = time.Now()
	r.why = printable(r.why)
	if r.id != f.refused.id || r.why != f.refused.why {
		f.o.Log.Warn("revision refused, all runs on as before", "revision", r.number, "err", r.why, "event", events.Cluster)
	}
	f.refused = r
}

// compare looks whether files were changed by hand.
func (f *Follower) compare() {
	was := f.drift.names
	if !f.drift.look(f.o.Config) {
		return
	}
	switch now := f.drift.names; {
	case len(now) > 0:
		f.o.Log.Warn("files differ from the revision", "revision", f.applied.Number, "what", inWords(now), "event", events.Cluster)
	case len(was) > 0:
		f.o.Log.Info("files are those of the revision again", "revision", f.applied.Number, "event", events.Cluster)
	}
}

// report says how this member is, and hears how the others are.
func (f *Follower) report(ctx context.Context, remote *Remote) error {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	p := Report{Node: f.o.Node, Program: f.o.Program, Differs: f.drift.names, Refused: f.refused.number, Why: f.refused.why}
	if f.applied != nil {
		p.Revision, p.ID = f.applied.Number, f.applied.ID
	}
	p.bound()
	if time.Since(f.saidAt) >= reportEvery || !p.same(&f.said) {
		p.Time = time.Now().UTC().Truncate(time.Second)
		if err := remote.Say(ctx, &p); err != nil {
			return err
		}
		f.said, f.saidAt = p, time.Now()
		return f.hear(ctx, remote)
	}
	return nil
}

// hear asks what the others said last.
func (f *Follower) hear(ctx context.Context, remote *Remote) error {
	var list []Report
	if f.o.Members != nil {
		for _, node := range f.o.Members() {
			if node == f.o.Node {
				continue
			}
			p, err := remote.ReportOf(ctx, node)
			if err != nil {
				return err
			}
			if p != nil {
				list = append(list, *p)
			}
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.state.Members = list
	return nil
}

func (f *Follower) show(why string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := State{Applied: f.applied, Newest: f.newest, Differs: f.drift.names, Refused: f.refused.number, Why: why, Members: f.state.Members}
	if f.refused.why != "" {
		s.Why = f.refused.why
	}
	f.state = s
}

// The bounds of a report.
const (
	mostDiffers = 20
	mostWhy     = 1500
)

func (p *Report) bound() {
	if len(p.Differs) > mostDiffers {
		p.Differs = p.Differs[:mostDiffers]
	}
	if len(p.Why) > mostWhy {
		p.Why = printable(p.Why[:mostWhy]) + "…"
	}
}

// Note is what is out of the ordinary with the configuration of a member; "": nothing.
func (p *Report) Note() string {
	switch {
	case p.Why != "":
		return fmt.Sprintf("refused revision %d: %s", p.Refused, p.Why)
	case len(p.Differs) > 0:
		return "changed there since: " + inWords(p.Differs)
	}
	return ""
}

// same compares but for the time.
func (p *Report) same(o *Report) bool {
	return p.Revision == o.Revision && p.ID == o.ID && p.Refused == o.Refused && p.Why == o.Why && inWords(p.Differs) == inWords(o.Differs)
}
