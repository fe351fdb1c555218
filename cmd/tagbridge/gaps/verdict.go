package gaps

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// judge fills in the verdict.
func (r *Report) judge() {
	parts, missing := Delivered(r.Sinks, r.Since, r.Until)
	r.Missing = missing || len(r.Reading) > 0
	if len(parts) == 0 {
		parts = append(parts, "no sink is known")
	}
	parts = append(parts, r.readVerdict())
	if r.Incomplete {
		parts = append(parts, "not everything could be read")
	}
	r.Verdict = strings.Join(parts, "; ")
}

// Delivered is what the sinks have got of what was read from then on, or since they were first there, each a part of a
// sentence, and whether there is something that one of them has not got. It is said so by the account and by the status.
func Delivered(list []Sink, begin, end time.Time) (parts []string, missing bool) {
	var since []string // by which the sinks that got everything are told together
	got := map[string][]string{}
	for i := range list {
		s := &list[i]
		text, from := s.verdict(), sinceText(s, begin, end)
		switch {
		case s.Removed:
		case text != "":
			parts = append(parts, fmt.Sprintf("%s: %s of what was read since %s", s.Sink, text, from))
			missing = true
		case s.There.IsZero():
			parts = append(parts, s.Sink+" has not begun")
		default:
			if got[from] == nil {
				since = append(since, from)
			}
			got[from] = append(got[from], s.Sink)
		}
	}
	for i, from := range since {
		text := fmt.Sprintf("%s: everything that was read since %s has been delivered", listed(got[from]), from)
		parts = slices.Insert(parts, i, text)
	}
	return parts, missing
}

// verdict is what a sink has not got, in words; "": it has got everything.
func (s *Sink) verdict() string {
	if s.Error != "" {
		return "nothing is known"
	}
	var parts []string
	for _, p := range []struct {
		n    uint64
		what string
	}{{s.Waiting, "waiting"}, {s.Dropped, "lost"}, {s.Rejected, "refused"}} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%s %s", samples(p.n), p.what))
		}
	}
	return strings.Join(parts, ", ")
}

// readVerdict is what was not read, in words.
func (r *Report) readVerdict() string {
	n := 0
	for i := range r.Reading {
		n += r.Reading[i].Times
	}
	switch n {
	case 0:
		if r.Samples.IsZero() {
			return "no gap in reading is known, and the journal has nothing to look at"
		}
		return "no gap in reading"
	case 1:
		return fmt.Sprintf("1 gap in reading, of %s", HowLong(r.NotRead.Duration()))
	}
	return fmt.Sprintf("%s gaps in reading, %s in all", commas(uint64(n)), HowLong(r.NotRead.Duration()))
}

// sinceText is from when on a sink is told of, as people say it: the beginning, or when the sink was first there.
func sinceText(s *Sink, begin, end time.Time) string {
	t := begin
	if s.There.After(t.Add(time.Minute)) && s.There.Before(end) {
		t = s.There
	}
	form := "2 January 15:04"
	if t.Local().Year() != end.Local().Year() {
		form = "2 January 2006 15:04"
	}
	return t.Local().Format(form)
}

// listed is names as people say them.
func listed(names []string) string {
	if n := len(names); n > 1 {
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
	return strings.Join(names, "")
}

func samples(n uint64) string {
	if n == 1 {
		return "1 sample"
	}
	return commas(n) + " samples"
}

// commas is n with commas between the thousands.
func commas(n uint64) string {
	text := fmt.Sprint(n)
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}

// HowLong is d as people say it, and not longer than a column of a table.
func HowLong(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < 2*time.Minute:
		return fmt.Sprintf("%.0f s", d.Seconds())
	case d < time.Hour:
		return fmt.Sprintf("%.0f min", d.Minutes())
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%d days %d h", int(d.Hours())/24, int(d.Hours())%24)
}
