package main

import (
	"bufio"
	"container/heap"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/cmd/tagbridge/when"
	"tagbridge/mapping"
	"tagbridge/mapping/config"
	"tagbridge/sinks"
	"tagbridge/sinks/encode"
	"tagbridge/sinks/journal"
)

type historyVerb struct {
	Target string   `arg:"" help:"Configuration file, or a bridge's data_dir (also a copy)."`
	Tags   []string `arg:"" name:"tag" help:"DEVICE/TAG, or a pattern as in match."`
	Since  string   `placeholder:"T" help:"From then on: 2026-03-01T02:00:00Z, 2026-03-01 02:00, 02:00 (today), -6h, -2d."`
	Until  string   `placeholder:"T" help:"Up to before then."`
	CSV    bool     `name:"csv" xor:"form" help:"Print CSV."`
	JSON   bool     `name:"json" xor:"form" help:"Print JSON, a line each, as a file sink writes it."`
}

// Run prints a line for each sample that there is, in the order of their times, and on standard error what there is not.
func (v historyVerb) Run(ctx context.Context, std streams) error {
	past, err := v.past(time.Now())
	if err != nil {
		fmt.Fprintln(std.err, "tagbridge:", err)
		return exitStatus(exitFailed)
	}
	dir := v.Target
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		if err != nil && dir != "-" {
			return fmt.Errorf("%w%s", err, permissionRemedy(err))
		}
		cfg, _ := config.Load(v.Target, config.Options{Stdin: std.in})
		dir = bridge.DataDir(cfg, v.Target)
	}
	in, err := inspect(dir)
	if err != nil {
		return err
	}
	defer in.Close()
	out := bufio.NewWriterSize(std.out, 64<<10)
	p := &historyPrinter{v: v, out: out}
	if v.CSV {
		out.WriteString("time,device,tag,value,unit,quality\n")
	}
	missing, err := in.History(ctx, past, p.take)
	if err == nil {
		err = p.flush(0)
	}
	err = errors.Join(err, out.Flush())
	for _, m := range missing {
		fmt.Fprintln(std.err, "tagbridge:", missingText(m))
	}
	if err != nil {
		return fmt.Errorf("read history: %w", err)
	}
	if p.samples == 0 {
		fmt.Fprintf(std.err, "tagbridge: the journal in %s has no such sample of %s\n", dir, strings.Join(v.Tags, ", "))
	}
	if p.late > 0 {
		fmt.Fprintf(std.err, "tagbridge: %s with times long before those around them are not in order\n", plural(p.late, "sample"))
	}
	return nil
}

func (v historyVerb) past(now time.Time) (q journal.Past, err error) {
	patterns, err := mapping.ParsePatterns(v.Tags)
	if err != nil {
		return q, err
	}
	q.Match = sinks.NewMatch(patterns)
	q.Since, q.Until, err = when.Span(v.Since, v.Until, now)
	return q, err
}

// missingText says what the journal does not have.
func missingText(m journal.Missing) string {
	what := "samples"
	if m.Samples > 0 {
		what = plural(int(m.Samples), "sample") + " of all tags"
	}
	if m.Since.IsZero() {
		return fmt.Sprintf("not there: %s before %s: %s", what, stampText(m.Until), m.Reason)
	}
	return fmt.Sprintf("not there: %s between %s and %s: %s", what, stampText(m.Since), stampText(m.Until), m.Reason)
}

func stampText(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// sortedMost is how many samples are held to bring those of several devices, and those around a step of a clock, in order.
const sortedMost = 1 << 16

// historyPrinter prints samples in the order of their times.
type historyPrinter struct {
	v       historyVerb
	out     *bufio.Writer
	held    timedLines
	object  encode.JSON
	text    []byte
	samples int
	late    int // that came when later ones had been printed
	printed int64
}

// take holds sample i of b, and prints the oldest when too many are held.
func (p *historyPrinter) take(b *mapping.Batch, i int) error {
	s := &b.Samples[i]
	if s.Time < p.printed {
		p.late++
	}
	p.samples++
	heap.Push(&p.held, timedLine{s.Time, p.samples, p.line(b, i)})
	return p.flush(sortedMost)
}

// flush prints the oldest of what is held, but for so many.
func (p *historyPrinter) flush(most int) error {
	for p.held.Len() > most {
		l := heap.Pop(&p.held).(timedLine)
		p.printed = max(p.printed, l.time)
		if _, err := p.out.WriteString(l.text); err != nil {
			return err
		}
	}
	return nil
}

// line is how sample i of b is printed.
func (p *historyPrinter) line(b *mapping.Batch, i int) string {
	s := &b.Samples[i]
	series := b.Group.Series[s.Index]
	if p.v.JSON {
		p.text = p.object.AppendOne(p.text[:0], b, i)
		return strings.TrimRight(string(p.text), "\n") + "\n"
	}
	p.text = encode.AppendValue(p.text[:0], b, i)
	at := time.Unix(0, s.Time)
	if p.v.CSV {
		var line strings.Builder
		w := csv.NewWriter(&line)
		w.Write([]string{at.UTC().Format(time.RFC3339Nano), b.Group.Device, series.Tag, string(p.text), series.Unit, s.Quality.String()})
		w.Flush()
		return line.String()
	}
	value := oneLine(string(p.text))
	if value == "" {
		value = "-"
	}
	return fmt.Sprintf("%s  %-20s %12s %-6s %s\n", stampText(at), b.Group.Device+"/"+series.Tag, value, series.Unit, s.Quality)
}

// timedLine is a line with the time of its sample, and the how manieth it was found.
type timedLine struct {
	time int64
	n    int
	text string
}

// timedLines is a heap, the oldest first.
type timedLines []timedLine

func (l timedLines) Len() int { return len(l) }

func (l timedLines) Less(i, j int) bool {
	return l[i].time < l[j].time || l[i].time == l[j].time && l[i].n < l[j].n
}

func (l timedLines) Swap(i, j int) { l[i], l[j] = l[j], l[i] }

func (l *timedLines) Push(x any) { *l = append(*l, x.(timedLine)) }

func (l *timedLines) Pop() any {
	last := (*l)[len(*l)-1]
	*l = (*l)[:len(*l)-1]
	return last
}
