package mapping

import (
	"fmt"
	"time"

	"tagbridge/mapping/window"
)

// Total is how a tag is added up for ever.
type Total uint8

// The totals.
const (
	NoTotal      Total = iota
	CounterTotal       // what a counter has counted, whatever became of its reading
	TimeTotal          // the integral over hours
)

// TotalNames are the totals as a tag map has them, by Total.
var TotalNames = [...]string{"", "counter", "time"}

func (t Total) String() string { return TotalNames[t] }

// Reckoned is how a tag comes from all values that its formula has had: over windows of time, or as a total.
type Reckoned struct {
	Aggregate window.Function // where Total is NoTotal
	Span      window.Span
	Window    string // Span as the map has it
	AtStart   bool   // a window's value has the time of its start, not of its end
	Total     Total

	// Range is after how many the counter begins at 0 again, in the tag's unit; 0: it is not known.
	Range float64
	// Least is the smallest step of the counter; 0: it is not known.
	Least float64
	// Hold is for how long a value holds after which no other came; 0: until the next one.
	Hold time.Duration
	// Grace is how long after its end a window waits for what belongs to it.
	Grace time.Duration
	// Held: values hold until the next one. Else what lies between two is on a line from one to the other.
	Held bool
}

// IsReckoned reports that t comes from more than the present values of its formula.
func (t *Tag) IsReckoned() bool { return t.reckoned() != nil }

func (t *Tag) reckoned() *Reckoned {
	if t.Computed == nil {
		return nil
	}
	return t.Computed.Reckoned
}

// AggregateText is the column aggregate of t.
func (t *Tag) AggregateText() string {
	if r := t.reckoned(); r != nil && r.Total == NoTotal {
		return r.Aggregate.String()
	}
	return ""
}

// WindowText is the column window of t.
func (t *Tag) WindowText() string {
	if r := t.reckoned(); r != nil {
		return r.Window
	}
	return ""
}

// StampText is the column stamp of t.
func (t *Tag) StampText() string {
	switch r := t.reckoned(); {
	case r == nil || r.Total != NoTotal:
		return ""
	case r.AtStart:
		return "start"
	}
	return "end"
}

// Total is how t is added up.
func (t *Tag) Total() Total {
	if r := t.reckoned(); r != nil {
		return r.Total
	}
	return NoTotal
}

// TotalText is the column total of t.
func (t *Tag) TotalText() string {
	if r := t.reckoned(); r != nil {
		return r.Total.String()
	}
	return ""
}

// Key says by what r is reckoned of text, a formula: what is kept of another key is of no use.
func (r *Reckoned) Key(text string) string {
	if r.Total != NoTotal {
		return fmt.Sprintf("total %s of %s", r.Total, text)
	}
	zone := ""
	if r.Span.Zone != nil {
		zone = r.Span.Zone.String()
	}
	return fmt.Sprintf("%s %s %s of %s", r.Aggregate, r.Window, zone, text)
}

// sameReckoned reports that the values of t and o are reckoned alike.
func (t *Tag) sameReckoned(o *Tag) bool {
	a, b := t.reckoned(), o.reckoned()
	if a == nil || b == nil {
		return a == b
	}
	x, y := *a, *b
	x.Span.Zone, y.Span.Zone = nil, nil
	return x == y && a.Key("") == b.Key("")
}
