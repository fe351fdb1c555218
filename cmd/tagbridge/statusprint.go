package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"tagbridge/cmd/tagbridge/health"
)

// statusPrinter prints a status; err is the first that writing gave.
type statusPrinter struct {
	w   io.Writer
	now time.Time
	err error
}

func (p *statusPrinter) line(format string, args ...any) {
	text := forTerminal(fmt.Sprintf(format, args...))
	indent := len(text) - len(strings.TrimLeft(text, " ")) + 2
	if _, err := fmt.Fprintln(p.w, wrap(text, indent, terminalWidth(p.w))); p.err == nil {
		p.err = err
	}
}

// list prints texts below a heading; nothing when there are none.
func (p *statusPrinter) list(heading string, texts []string) {
	if len(texts) == 0 {
		return
	}
	p.line("")
	p.line("%s:", heading)
	for _, text := range texts {
		p.line("  %s", text)
	}
}

// table prints rows of cells side by side below a heading; nothing when there are none.
func (p *statusPrinter) table(heading string, rows [][]string) {
	if len(rows) == 0 {
		return
	}
	p.line("")
	t := tabwriter.NewWriter(p.w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, heading)
	for _, row := range rows {
		for i := range row {
			row[i] = forTerminal(row[i])
		}
		fmt.Fprintln(t, strings.Join(row, "\t"))
	}
	if err := t.Flush(); p.err == nil {
		p.err = err
	}
}

// ago is how long something has been so; "" when it has not begun.
func (p *statusPrinter) ago(t *time.Time) string {
	if t == nil {
		return ""
	}
	return health.HowLong(p.now.Sub(*t))
}

func (p *statusPrinter) devices(list []deviceSaid) {
	var rows [][]string
	for _, d := range list {
		state := "offline"
		switch {
		case d.Online:
			state = "online"
		case d.Elsewhere:
			state = readElsewhere(d.ReadBy)
		case d.Since == nil:
			state = "connecting"
		}
		rows = append(rows, []string{d.Device, state, p.ago(d.Since), fmt.Sprint(d.Tags), fmt.Sprint(d.BadTags),
			fmt.Sprintf("%.1f ms", d.LatencyMS), fmt.Sprint(d.Late)})
	}
	p.table("device\tstate\tfor\ttags\tbad\tanswers in\tlate polls", rows)
}

// readElsewhere is the state of what this member of a cluster does not read; by: who does, "": nobody.
func readElsewhere(by string) string {
	if by == "" {
		return "elsewhere"
	}
	return "read by " + by
}

// alarms prints those that are active, the most urgent first, and says of how many it prints no line.
func (p *statusPrinter) alarms(list []alarmSaid) {
	const most = 50
	var rows [][]string
	for _, a := range list[:min(len(list), most)] {
		value, limit := strings.TrimSpace(string(a.Value)+" "+a.Unit), string(a.Limit)
		if value = strings.TrimPrefix(value, "null"); len(a.Value) == 0 || string(a.Value) == "null" {
			value = a.Quality
		}
		if limit == "null" {
			limit = ""
		}
		rows = append(rows, []string{a.Device + "/" + a.Tag, a.Level, fmt.Sprint(a.Priority), p.ago(a.Since), value, limit, a.Text})
	}
	p.table("alarm\tlevel\tpriority\tfor\tvalue\tlimit\ttext", rows)
	if n := len(list) - most; n > 0 {
		p.line("and %d more alarms", n)
	}
}

func (p *statusPrinter) connections(list []lineSaid) {
	var rows [][]string
	for _, l := range list {
		state := "down"
		switch {
		case l.Elsewhere:
			state = readElsewhere(l.ReadBy)
		case l.Connected:
			state = "connected"
		}
		rows = append(rows, []string{l.Line, state, fmt.Sprintf("%.0f %%", 100*l.Busy)})
	}
	p.table("connection\tstate\tbusy", rows)
}

func (p *statusPrinter) sinks(list []sinkSaid) {
	var rows [][]string
	for _, k := range list {
		state := "takes all"
		switch {
		case !k.Connected && k.Error != "":
			state = "takes nothing"
		case !k.Connected:
			state = "connecting"
		}
		rows = append(rows, []string{k.Sink, state, health.Commas(k.BehindSamples), health.HowLong(health.Seconds(k.BehindSeconds)),
			health.Commas(k.Delivered), health.Commas(k.Rejected), health.Commas(k.Dropped)})
	}
	p.table("sink\tstate\twaiting\tfor\tdelivered\trefused\tlost", rows)
}

// bad prints tags that are not good, those of a device together.
func (p *statusPrinter) bad(list []tagSaid) {
	if len(list) == 0 {
		p.line("every tag is good")
	}
	device := ""
	for i, t := range list {
		if i == 0 || t.Device != device {
			device = t.Device
			p.line("")
		}
		since := "never read"
		if t.Since != nil {
			since = fmt.Sprintf("since %s (%s)", stamp(*t.Since), p.ago(t.Since))
		}
		p.line("%s/%s  %s %s", t.Device, t.Tag, t.Quality, since)
		if t.Error != "" {
			p.line("    %s", t.Error)
		}
		if t.Row != "" && !strings.HasPrefix(t.Error, t.Row+": ") {
			p.line("    %s", t.Row)
		}
	}
}
