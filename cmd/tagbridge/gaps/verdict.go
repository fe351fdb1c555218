package gaps

import (
	"fmt"
	"strings"
	"time"
)

// judge fills in the verdict.
func (r *Report) judge(q *Query) {
	r.Missing = len(r.Reading) > 0
	var got, parts []string
	for i := range r.Sinks {
		s := &r.Sinks[i]
		text := s.verdict()
		switch {
		case s.Removed:
		case text == "" && s.There.IsZero():
			parts = append(parts, s.Sink+" has not begun")
		case text != "":
			parts = append(parts, s.Sink+": "+text)
			r.Missing = true
		default:
			got = append(got, s.Sink)
		}
	}
	all := fmt.Sprintf("everything that was read since %s has been delivered", r.sinceText(q))
	switch {
	case len(r.Sinks) == 0:
		parts = append(parts, "no sink is known")
	case len(parts) == 0 || len(got) > 0:
		parts = append([]string{list(got) + ": " + all}, parts...)
	default:
		parts[len(parts)-1] += fmt.Sprintf(" of what was read since %s", r.sinceText(q))
	}
	parts = append(parts, r.readVerdict())
	if r.Incomplete {
		parts = append(parts, "not everything could be read")
	}
	r.Verdict = strings.Join(parts, "; ")
}

// verdict is what a sink has not got, in words; "": it has got everything.
func (s *Sink) verdict() string {
	if s.Error != "" {
		return "what it has got is not known"
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

// sinceText is the beginning of the report as people say it, in the zone in which they asked.
func (r *Report) sinceText(q *Query) string {
	t := r.Since.Local()
	form := "2 January 15:04"
	if t.Year() != r.Until.Local().Year() {
		form = "2 January 2006 15:04"
	}
	return t.Format(form)
}

// list is names as people say them.
func list(names []string) string {
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
