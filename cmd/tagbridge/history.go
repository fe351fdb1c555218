package main

import (
	"bufio"
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
	"tagbridge/mapping/source"
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

// Run prints a line for each sample that there is, in the order of their times, and on standard error what there is not: first what
// is known before, as where the journal begins.
func (v historyVerb) Run(ctx context.Context, std streams) error {
	past, err := v.past(time.Now())
	if err != nil {
		fmt.Fprintln(std.err, "tagbridge:", err)
		return exitStatus(exitBadFile)
	}
	dir, configured, err := v.folder(std)
	if err != nil {
		return err
	}
	in, err := inspect(dir)
	if err != nil {
		return err
	}
	defer in.Close()
	h, err := in.LookBack(ctx, past)
	if err != nil {
		return fmt.Errorf("read history: %w", err)
	}
	defer h.Close()
	if unknown := v.unknown(h, configured); unknown != "" {
		names, err := allNames(ctx, in)
		if err != nil {
			return fmt.Errorf("read history: %w", err)
		}
		return fmt.Errorf("neither the journal nor the configuration has a tag %s%s", unknown, source.DidYouMean(unknown, append(names, configured...)))
	}
	tell := func(text string) { fmt.Fprintln(std.err, wrap("tagbridge: "+text, 4, terminalWidth(std.err))) }
	before := h.Missing()
	for _, m := range before {
		tell(missingText(m))
	}
	out := bufio.NewWriterSize(std.out, 64<<10)
	p := &historyPrinter{v: v, out: out, width: terminalWidth(std.out)}
	if v.CSV {
		out.WriteString("time,device,tag,value,unit,quality\n")
	}
	err = errors.Join(h.Each(ctx, p.print), out.Flush())
	for _, m := range h.Missing()[len(before):] {
		tell(missingText(m))
	}
	if err != nil {
		return fmt.Errorf("read history: %w", err)
	}
	if p.samples == 0 {
		tell(fmt.Sprintf("the journal in %s has no such sample of %s", dir, strings.Join(v.Tags, ", ")))
	}
	return nil
}

// folder is the folder that the target means, and the tags of the configuration, where it is one.
func (v historyVerb) folder(std streams) (dir string, configured []string, err error) {
	info, err := os.Stat(v.Target)
	switch {
	case v.Target == "-":
	case err != nil:
		return "", nil, fmt.Errorf("%w%s", err, permissionRemedy(err))
	case info.IsDir():
		return v.Target, nil, nil
	}
	cfg, _ := config.Load(v.Target, config.Options{Stdin: std.in})
	if cfg != nil {
		for i := range cfg.Devices {
			for _, t := range cfg.Devices[i].Tags {
				configured = append(configured, cfg.Devices[i].Name+"/"+t.Name)
			}
		}
	}
	return bridge.DataDir(cfg, v.Target), configured, nil
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

// unknown is the first of the tags that were asked for that neither h nor the configuration has; "": there is none.
func (v historyVerb) unknown(h *journal.History, configured []string) string {
	for _, text := range v.Tags {
		pattern, err := mapping.ParsePattern(text)
		if err != nil || pattern.Exclude() {
			continue
		}
		found := false
		matches := func(name string) bool {
			device, tag, _ := strings.Cut(name, "/")
			found = found || pattern.Matches(device, tag)
			return !found
		}
		h.Names(matches)
		for _, name := range configured {
			if !matches(name) {
				break
			}
		}
		if !found {
			return text
		}
	}
	return ""
}

// allNames are those of all tags that a journal has, at most as many as can be compared in a moment.
func allNames(ctx context.Context, in *journal.Inspection) (names []string, err error) {
	const most = 20_000
	h, err := in.LookBack(ctx, journal.Past{})
	if err != nil {
		return nil, err
	}
	defer h.Close()
	h.Names(func(name string) bool {
		names = append(names, name)
		return len(names) < most
	})
	return names, nil
}

// missingText says what the journal does not have.
func missingText(m journal.Missing) string {
	what := "samples"
	if m.Samples > 0 {
		what = plural(int(m.Samples), "sample") + " of all tags"
	}
	switch {
	case m.Reason == journal.MissingOlder:
		return "the journal reaches back to " + stampText(m.Until) + ": what is older is not there"
	case m.Since.IsZero():
		return fmt.Sprintf("not there: %s before %s: %s", what, stampText(m.Until), m.Reason)
	}
	return fmt.Sprintf("not there: %s between %s and %s: %s", what, stampText(m.Since), stampText(m.Until), m.Reason)
}

func stampText(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// historyPrinter prints samples.
type historyPrinter struct {
	v       historyVerb
	out     *bufio.Writer
	width   int
	object  encode.JSON
	text    []byte
	samples int
}

// print prints sample i of b.
func (p *historyPrinter) print(b *mapping.Batch, i int) error {
	p.samples++
	_, err := p.out.WriteString(p.line(b, i))
	return err
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
	value := source.OneLine(string(p.text))
	if value == "" {
		value = "-"
	}
	text := fmt.Sprintf("%s  %-20s %12s %-6s %s", stampText(at), b.Group.Device+"/"+series.Tag, value, series.Unit, s.Quality)
	return wrap(text, 26, p.width) + "\n"
}
