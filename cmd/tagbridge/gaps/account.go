package gaps

import (
	"context"
	"fmt"
	"slices"
	"time"

	"tagbridge/mapping/config"
	"tagbridge/sinks/journal"
)

// Source is what the account is made from.
type Source struct {
	DataDir string
	// Applied are the configurations that were in force, as far as they are known.
	Applied []Applied
	// Config is what to go by where no applied one is known; it may be nil.
	Config *config.Config
	// Fault is why it is not known what was applied; "": it is.
	Fault string
	// LookBack looks into the journal in place of its files: it knows what is not in them yet. It may be nil.
	LookBack func(context.Context, journal.Past) (*journal.History, error)
	// Running reports that the bridge of DataDir runs now, and Alive when it last was known to.
	Running bool
	Alive   time.Time
	Now     time.Time
}

// Account tells what of what q asks for is missing. It reads all that the journal holds, once, without keeping any of it:
// memory is by the number of tags and of gaps. What cannot be read is in Report.Unknown; an error is one of ctx, or says
// that there is nothing at all.
func Account(ctx context.Context, src Source, q Query) (*Report, error) {
	a := &account{src: src, q: q, r: &Report{
		Reading: []Reading{}, Sinks: []Sink{}, Unclaimed: []string{}, Unknown: []string{}, Notes: []string{},
	}}
	if err := a.readEvents(); err != nil {
		return nil, err
	}
	if src.Fault != "" {
		a.unread("which configurations were applied cannot be read: %s", src.Fault)
	}
	a.plans = plansOf(src.Applied, a.causes, &a.q)
	if len(a.plans) == 0 && src.Config != nil {
		a.plans = []*plan{planOf(0, src.Config, &a.q)}
	}
	a.src.Running = src.Running && a.causes.stopped == 0 // which is the newest
	a.line = newTimeline(&a.q, a.causes, a.plans)
	if err := a.readJournal(ctx); err != nil {
		return nil, err
	}
	if a.causes.first == 0 && a.line.oldest == 0 && len(a.places) == 0 {
		return nil, fmt.Errorf("%s has no events and no journal: no bridge has run with it", src.DataDir)
	}
	a.span()
	a.line.finish(a.until)
	a.reading()
	a.unclaimed()
	a.delivery()
	a.remarks()
	a.r.judge()
	return a.r, nil
}

// account is an account in the making.
type account struct {
	src     Source
	q       Query
	r       *Report
	causes  *causes
	plans   []*plan
	line    *timeline
	missing []journal.Missing
	holes   []span // times of which the journal has not everything that was read
	places  []journal.Place
	losses  map[string][]journal.Loss
	reach   time.Time            // how far back the journal reaches
	waits   map[string]time.Time // since when the oldest that a sink waits for was read
	until   int64

	noJournal bool // it cannot be read
}

// unknown notes what cannot be told.
func (a *account) unknown(format string, args ...any) {
	a.r.Unknown = append(a.r.Unknown, fmt.Sprintf(format, args...))
}

// unread notes what cannot be told as it could not be read.
func (a *account) unread(format string, args ...any) {
	a.r.Incomplete = true
	a.unknown(format, args...)
}

// unclaimed finds the tags that no sink takes.
func (a *account) unclaimed() {
	cfg := a.config()
	if cfg == nil {
		return
	}
	for i := range cfg.Devices {
		d := &cfg.Devices[i]
		for _, t := range d.Tags {
			if !t.Withheld() && a.q.takes(d.Name, t.Name) && !slices.ContainsFunc(cfg.Sinks, func(s config.Sink) bool { return s.Match.Match(d.Name, t.Name) }) {
				a.r.Unclaimed = append(a.r.Unclaimed, d.Name+"/"+t.Name)
			}
		}
	}
}

// config is the newest configuration that can be read; nil: there is none.
func (a *account) config() *config.Config {
	for i := len(a.plans) - 1; i >= 0; i-- {
		if a.plans[i].cfg != nil {
			return a.plans[i].cfg
		}
	}
	return a.src.Config
}
