package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"tagbridge/cmd/tagbridge/health"
)

// statusWidth is how wide the lines of cluster status are at most.
const statusWidth = 80

// clusterPrinter prints what one member knows of its cluster, in lines that fit a terminal of 80 columns.
type clusterPrinter struct {
	out  io.Writer
	now  time.Time
	said *clusterSaid
}

func (p *clusterPrinter) line(format string, args ...any) {
	fmt.Fprintln(p.out, forTerminal(fmt.Sprintf(format, args...)))
}

func (p *clusterPrinter) ago(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return health.HowLong(p.now.Sub(*t))
}

// print prints all of it.
func (p *clusterPrinter) print() {
	p.verdict()
	p.members()
	p.servers()
	p.inherited()
	p.endpoints()
}

func (p *clusterPrinter) verdict() {
	s := p.said
	switch {
	case s.Problem != "":
		p.line("%s", s.Problem)
	case !s.Attached && s.Stops:
		p.line("%s does not reach most of the NATS servers: it reads nothing", s.Node)
	case !s.Attached:
		p.line("%s does not reach most of the NATS servers: others may read what it reads", s.Node)
	case s.Draining:
		p.line("%s gives away what it reads, and takes nothing more", s.Node)
	}
	for _, text := range s.Warnings {
		p.line("warning: %s", text)
	}
}

func (p *clusterPrinter) members() {
	rows := [][]string{{"member", "state", "since", "heard", "reads", "not copied", "version", "revision"}}
	for _, m := range p.said.Members {
		state := "takes part"
		switch {
		case m.Gone:
			state = "gone"
		case m.Silent:
			state = "silent"
		case m.Draining:
			state = "leaves"
		case !m.Joined:
			state = "takes nothing"
		case m.Unlike:
			state = "has other devices or tags"
		}
		node := m.Node
		if m.Self {
			node += " (asked)"
		}
		rows = append(rows, []string{node, state, p.ago(m.Since), p.ago(m.Heard), fmt.Sprint(m.Reads), notCopied(m.Behind, m.Age), m.Version, revisionOf(m.Revision)})
	}
	p.table(rows, 6)
	for _, m := range p.said.Members {
		if m.Note != "" {
			p.line("%s %s", m.Node, m.Note)
		}
	}
}

// notCopied is how far the copy of a member lags, as it says; nil: it copies nothing, or does not say.
func notCopied(samples *uint64, seconds float64) string {
	switch {
	case samples == nil:
		return "-"
	case *samples == 0:
		return "0"
	}
	return fmt.Sprintf("%d (%s)", *samples, health.HowLong(time.Duration(seconds*float64(time.Second))))
}

// revisionOf is the number of a revision of the configuration; "-": none that is known.
func revisionOf(n int) string {
	if n == 0 {
		return "-"
	}
	return fmt.Sprint(n)
}

func (p *clusterPrinter) servers() {
	fmt.Fprintln(p.out)
	rows := [][]string{{"NATS server", "for", "state"}}
	for _, v := range p.said.Servers {
		state := "connected"
		if !v.Connected {
			state = "down: " + v.Error
		}
		rows = append(rows, []string{v.Server, p.ago(v.Since), state})
	}
	p.table(rows, 2)
}

// endpoints prints who reads each: what is wrong comes first.
func (p *clusterPrinter) endpoints() {
	fmt.Fprintln(p.out)
	list := slices.Clone(p.said.Endpoints)
	slices.SortStableFunc(list, func(a, b clusterEndpointSaid) int { return cmp.Compare(a.rank(), b.rank()) })
	rows := [][]string{{"endpoint", "read by", "for", "moves", "next", "devices"}}
	for _, e := range list {
		owner := cmp.Or(e.Owner, "nobody")
		if len(e.Also) > 0 {
			owner += " AND " + strings.Join(e.Also, ", ")
		}
		if e.Owner == "" && len(e.Only) > 0 {
			owner += ": only " + strings.Join(e.Only, ", ")
		}
		rows = append(rows, []string{e.Endpoint, owner, p.ago(e.Since), fmt.Sprint(e.Epoch), cmp.Or(e.Would, "-"), strings.Join(e.Devices, " ")})
	}
	p.table(rows, 5)
}

// rank has what nobody reads, and what two do, come first.
func (e *clusterEndpointSaid) rank() int {
	switch {
	case e.Owner == "":
		return 0
	case len(e.Also) > 0:
		return 1
	}
	return 2
}

// table prints rows; the column cut is cut where a line is too long.
func (p *clusterPrinter) table(rows [][]string, cut int) {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	room := statusWidth
	for i, w := range widths {
		if i != cut {
			room -= w + 2
		}
	}
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			if i == cut {
				cell = cutTo(cell, max(room, 8))
			}
			line.WriteString(cell)
			if i < len(row)-1 {
				width := widths[i]
				if i == cut {
					width = min(width, max(room, 8))
				}
				line.WriteString(strings.Repeat(" ", max(0, width-utf8.RuneCountInString(cell))+2))
			}
		}
		p.line("%s", strings.TrimRight(line.String(), " "))
	}
}

// cutTo is text with at most n runes, the last of which says that there were more.
func cutTo(text string, n int) string {
	if utf8.RuneCountInString(text) <= n {
		return text
	}
	return string([]rune(text)[:n-1]) + "…"
}
