package edit

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/cmd/tagbridge/plan"
	"tagbridge/mapping/config"
	"tagbridge/mapping/source"
)

// Draft is maps as somebody wants them.
type Draft struct {
	Files map[string]string `json:"files"` // texts by the names of maps
	// Encodings are those that files are to have from now on, by their names; others stay in the one that they have.
	Encodings map[string]Encoding `json:"encodings"`
}

// Finding is what is said of a draft.
type Finding struct {
	Problems []Problem     `json:"problems"`
	Diff     []string      `json:"diff"`
	More     int           `json:"more"`
	Devices  []Device      `json:"devices"`
	Plan     []plan.Change `json:"plan"`
}

// Problem is one, or a warning, of a draft or of what is on disk.
type Problem struct {
	File     string `json:"file"`
	Line     int    `json:"line"`
	Column   int    `json:"column"`
	Header   string `json:"header"`
	Severity string `json:"severity"`
	Message  string `json:"message"`
}

// Device is whose tags a draft changes.
type Device struct {
	Device  string   `json:"device"`
	Added   []string `json:"added"`
	Removed []string `json:"removed"`
	Changed []string `json:"changed"`
}

// mostLines is how many lines of a difference are told.
const mostLines = 2000

// Check says what is wrong with a draft and what would change; nothing changes. An error is an Unknown map, or ctx's.
func (e *Editor) Check(ctx context.Context, draft *Draft) (*Finding, error) {
	d, err := e.now()
	if err != nil {
		return nil, err
	}
	texts, found, err := d.encode(draft)
	if err != nil || len(found) > 0 {
		return newFinding(found), err
	}
	return e.check(ctx, d, texts)
}

// check is Check of files by their paths.
func (e *Editor) check(ctx context.Context, d *onDisk, texts map[string][]byte) (*Finding, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	got, err := e.bridge.Try(source.Over(texts))
	if err != nil {
		return nil, err
	}
	running, f := e.bridge.Config(), newFinding(nil)
	bridge.AtLowPriority(func() {
		if got.Problems.HasProblems() || ctx.Err() != nil {
			return
		}
		got.Problems = append(got.Problems, plan.Overloads(got.Config)...)
		f.compare(running, got.Config)
		if ctx.Err() == nil {
			f.Plan = plan.Changes(running, got.Config)
		}
	})
	f.Problems = problemsOf(got.Problems, &d.names)
	return f, ctx.Err()
}

func newFinding(found []Problem) *Finding {
	return &Finding{Problems: append([]Problem{}, found...), Diff: []string{}, Devices: []Device{}, Plan: []plan.Change{}}
}

// compare notes what is different.
func (f *Finding) compare(old, new *config.Config) {
	f.Diff = append(f.Diff, config.Explain(old, new)...)
	if len(f.Diff) > mostLines {
		f.Diff, f.More = f.Diff[:mostLines], len(f.Diff)-mostLines
	}
	c := config.Diff(old, new)
	for _, name := range slices.Sorted(maps.Keys(c.Tags)) {
		t := c.Tags[name]
		f.Devices = append(f.Devices, Device{name, some(t.Added), some(t.Removed), some(t.Changed)})
	}
}

// some is list, as far as it is told.
func some(list []string) []string { return append([]string{}, list[:min(len(list), mostLines)]...) }

// problemsOf are problems as they are told, with the names of maps.
func problemsOf(list source.Problems, n *names) []Problem {
	out := make([]Problem, 0, len(list))
	for _, p := range list {
		severity := "problem"
		if p.Warning {
			severity = "warning"
		}
		out = append(out, Problem{n.of(p.File), max(p.Line, 1), max(p.Column, 1), p.Header, severity, p.Message})
	}
	return out
}

// encode makes files of texts, each in the encoding that it has; found are characters that one does not have.
func (d *onDisk) encode(draft *Draft) (files map[string][]byte, found []Problem, err error) {
	files = map[string][]byte{}
	for name, e := range draft.Encodings {
		if !slices.Contains(encodings, e) {
			return nil, nil, fmt.Errorf("%w: encoding %q of %s: there are %v", ErrRequest, e, name, encodings)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(draft.Files)) {
		path, err := d.path(name)
		if err != nil {
			return nil, nil, err
		}
		text, encoding := draft.Files[name], d.encodingOf(path)
		if to := draft.Encodings[name]; to != "" {
			encoding = to
		}
		b, err := encoding.encode(text)
		var u *unheld
		switch {
		case errors.As(err, &u):
			place, header := placeIn(text, u.offset)
			found = append(found, Problem{name, place.Line, place.Col, header, "problem", u.Error()})
		case err != nil:
			found = append(found, Problem{name, 1, 1, "", "problem", err.Error()})
		case len(b) > maxMap:
			found = append(found, Problem{name, 1, 1, "", "problem", fmt.Sprintf("larger than %d MiB", maxMap>>20)})
		default:
			files[path] = b
		}
	}
	return files, found, nil
}

// ErrRequest is what is wrong with how something was asked for.
var ErrRequest = errors.New("request")

// encodingOf is that of a map on disk.
func (d *onDisk) encodingOf(path string) Encoding {
	for i := range d.maps {
		if s := &d.maps[i]; s.File == path && s.Rows == 0 && s.encoding != "" {
			return s.encoding
		}
	}
	return UTF8
}
