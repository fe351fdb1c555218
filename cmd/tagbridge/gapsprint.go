package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"tagbridge/cmd/tagbridge/gaps"
	"tagbridge/cmd/tagbridge/health"
)

// printGaps prints the account for people: the verdict, a line each interval, and what is not known.
func printGaps(w io.Writer, r *gaps.Report) error {
	p := &gapsPrinter{statusPrinter: statusPrinter{w: w}}
	p.line("%s", r.Verdict)
	p.reading(r)
	for i := range r.Sinks {
		p.sink(&r.Sinks[i])
	}
	notes := r.Notes
	if n := len(r.Unclaimed); n > 0 {
		notes = append(notes, fmt.Sprintf("no sink takes %s: %s", plural(n, "tag"), fewOf(r.Unclaimed, n)))
	}
	p.list("to know", notes)
	p.list("not known", r.Unknown)
	return p.err
}

// gapsPrinter prints an account.
type gapsPrinter struct {
	statusPrinter
	day string // that was printed last
}

// heading begins a list of intervals.
func (p *gapsPrinter) heading(text string) {
	p.line("%s", text)
	p.day = ""
}

func (p *gapsPrinter) reading(r *gaps.Report) {
	if len(r.Reading) == 0 {
		return
	}
	p.line("")
	p.heading("not read:")
	for i := range r.Reading {
		g := &r.Reading[i]
		p.interval(g.Since, g.Until, g.Goes, readingText(g))
	}
}

// readingText is what was not read, how much of it, and why.
func readingText(g *gaps.Reading) string {
	var parts []string
	switch {
	case g.Device != "" && g.Count == 1 && len(g.Tags) == 1:
		parts = append(parts, g.Device+"/"+g.Tags[0])
	case g.Device != "":
		parts = append(parts, g.Device)
		fallthrough
	default:
		if g.Count > 0 {
			parts = append(parts, plural(g.Count, "tag"))
		}
		if g.Tags != nil {
			parts[len(parts)-1] += " (" + fewOf(g.Tags, g.Count) + ")"
		}
	}
	if g.Samples > 0 {
		parts = append(parts, health.Samples(g.Samples))
	}
	if g.Times > 1 {
		parts = append(parts, health.Commas(uint64(g.Times))+" times")
	}
	reason := string(g.Reason)
	if g.Why != "" {
		reason += ", " + withoutAdvice(g.Why)
	}
	if len(parts) == 0 {
		return reason
	}
	return strings.Join(parts, ", ") + ": " + reason
}

// fewOf names the first of some.
func fewOf(names []string, all int) string {
	const few = 3
	if all <= few {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:few], ", "), all-few)
}

// sink prints what one sink has not got.
func (p *gapsPrinter) sink(s *gaps.Sink) {
	if len(s.Missing) == 0 && s.Error == "" {
		return
	}
	p.line("")
	heading := fmt.Sprintf("not delivered to %s:", s.Sink)
	if s.Removed {
		heading = fmt.Sprintf("%s, which is not in the configuration any more, has not got:", s.Sink)
	}
	p.heading(heading)
	if s.Error != "" {
		p.line("  %s", s.Error)
	}
	for i := range s.Missing {
		d := &s.Missing[i]
		text := fmt.Sprintf("%s, %s", d.State, health.Samples(d.Samples))
		if d.State == gaps.Dropped {
			text = fmt.Sprintf("lost, %s", health.Samples(d.Samples))
		}
		if d.Why != "" {
			text += ": " + whyText(d)
		}
		if len(d.Of) > 0 {
			text += " (" + fewOf(d.Of, len(d.Of)) + ")"
		}
		if d.Since.IsZero() {
			p.line("  nobody knows when: %s", text)
			continue
		}
		p.interval(d.Since, d.Until, false, text)
	}
}

// whyText is why something was not delivered, in words.
func whyText(d *gaps.Delivery) string {
	if words, ok := lossWords[d.Why]; ok && d.State == gaps.Dropped {
		return words
	}
	return withoutAdvice(d.Why)
}

// lossWords say what the reasons for losses mean.
var lossWords = map[string]string{
	"size":                "the limit of size of the journal",
	"age":                 "the limit of age of the journal",
	"memory":              "the disk could not be written, and the memory was full",
	"damage":              "the journal is damaged there",
	"unwritten":           "not on the disk when the process or the power went",
	"rejected_rotated":    "refused, and not kept as there were too many",
	"rejected_unwritable": "refused, and could not be kept",
}

// interval prints a line of an interval: from, until, how long and what, below the day that it began on.
func (p *gapsPrinter) interval(since, until time.Time, goes bool, text string) {
	from, to := since.Local(), until.Local()
	if day := from.Format(dayForm); day != p.day {
		p.day = day
		p.line("  %s", day)
	}
	end := to.Format(clockForm)
	switch {
	case goes:
		end = "goes on"
	case to.Format(dayForm) != p.day:
		end = to.Format("01-02 " + clockForm)
	}
	start := fmt.Sprintf("  %s  %-8s %9s  ", from.Format(clockForm), end, gaps.HowLong(until.Sub(since)))
	if _, err := fmt.Fprintln(p.w, wrap(forTerminal(start+text), len(start), terminalWidth(p.w))); p.err == nil {
		p.err = err
	}
}

const (
	dayForm   = "2006-01-02"
	clockForm = "15:04:05"
)

// withoutAdvice is why something did not work without the question at its end of what there is to be done about it.
func withoutAdvice(why string) string {
	if i := strings.LastIndex(why, ": "); i > 0 && strings.HasSuffix(why, "?") {
		return why[:i]
	}
	return why
}
