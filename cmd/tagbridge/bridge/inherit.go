package bridge

import (
	"tagbridge/cmd/tagbridge/events"
	"tagbridge/mapping/config"
	"tagbridge/sinks"
	"tagbridge/sinks/journal"
)

// Inheritance is how bridges of one name deliver what one of them has left when it is gone. Its methods are safe for concurrent use.
type Inheritance interface {
	// Opened says which journal is this bridge's, before anything of it is delivered, and whether the run before ended without a word.
	Opened(identity func() (journal.Identity, error), died bool)
	// Ask is log for the forwarder of a sink: what is in rest, which ends where the journal does now, comes only once it is known what
	// others delivered of it, or that this cannot be found out.
	Ask(sink string, log sinks.Log, rest sinks.Span) sinks.Log
	// Estate is what others have left for the sink of that name.
	Estate(sink string) *sinks.Estate
	// Has says which sinks there are.
	Has(sinks []string)
}

// inherits is what a bridge has of an Inheritance.
type inherits struct {
	from Inheritance
	asks bool                 // what waits now is of before this start
	logs map[string]sinks.Log // of sinks that had something to deliver at the start
}

// beginInheriting is called before sinks are connected for the first time.
func (b *Bridge) beginInheriting() {
	b.inherits = inherits{from: b.o.Inheritance, logs: map[string]sinks.Log{}}
	if log, ok := b.journal.(interface {
		Identity() (journal.Identity, error)
	}); ok && b.o.Inheritance != nil {
		before := b.events.Before().Ending
		b.inherits.from.Opened(log.Identity, before == events.Killed || before == events.Restarted)
		b.inherits.asks = true
	}
}

// logOf is the log of a sink that goes on at start.
func (b *Bridge) logOf(sink string, start sinks.Pos) sinks.Log {
	i := &b.inherits
	if end := b.journal.End(); i.asks && start < end {
		i.logs[sink] = i.from.Ask(sink, b.journal, sinks.Span{From: start, To: end})
	}
	if log := i.logs[sink]; log != nil {
		return log
	}
	return b.journal
}

// estateOf is what others left for a sink; nil: nobody leaves anything.
func (b *Bridge) estateOf(sink string) *sinks.Estate {
	if b.inherits.from == nil {
		return nil
	}
	return b.inherits.from.Estate(sink)
}

// hasSinks tells which sinks there are.
func (b *Bridge) hasSinks(cfg *config.Config) {
	b.inherits.asks = false
	if b.inherits.from == nil {
		return
	}
	var names []string
	for i := range cfg.Sinks {
		names = append(names, cfg.Sinks[i].Name)
	}
	b.inherits.from.Has(names)
}
