package gaps

import (
	"bufio"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const (
	mostOf       = 100         // tags that are named with what was rejected
	mostReasons  = 200         // that are told apart
	mostRejected = 1000        // intervals of a sink; beyond, one for each reason
	apart        = time.Minute // what was rejected so long after each other is told apart
	longestLine  = 4 << 20
)

const otherReasons = "other reasons"

// readRejected tells what is kept aside of what a sink refused, and was read between since and until.
func readRejected(dataDir, sink string, since, until int64) ([]Delivery, error) {
	if strings.ContainsAny(sink, `/\`) || sink == ".." || sink == "." {
		return nil, nil // no sink has such a name
	}
	dir := filepath.Join(dataDir, "rejected", sink)
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	g := refusals{since: since, until: until, last: map[string]int{}}
	failed := []error{err}
	for _, e := range entries {
		if !e.Type().IsRegular() || !strings.HasSuffix(e.Name(), ".jsonl") {
			continue
		}
		if err := g.file(filepath.Join(dir, e.Name())); !errors.Is(err, fs.ErrNotExist) {
			failed = append(failed, err)
		}
	}
	if g.damaged > 0 {
		failed = append(failed, errors.New("lines of it are damaged"))
	}
	for i := range g.list {
		slices.Sort(g.list[i].Of)
	}
	return g.list, errors.Join(failed...)
}

// refusals gathers rejected samples.
type refusals struct {
	since, until int64
	list         []Delivery
	last         map[string]int // the newest of list, by reason
	damaged      int
}

func (g *refusals) file(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	lines := bufio.NewReaderSize(f, 64<<10)
	for {
		line, err := lines.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			var rest []byte
			rest, err = restOf(lines)
			line = append(slices.Clone(line), rest...)
		}
		if err != nil {
			return nil // a line without an end is being written, or was when the power went
		}
		g.line(line)
	}
}

// restOf reads the rest of a long line.
func restOf(lines *bufio.Reader) (rest []byte, err error) {
	for {
		part, err := lines.ReadSlice('\n')
		if len(rest) < longestLine {
			rest = append(rest, part...)
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return rest, err
		}
	}
}

func (g *refusals) line(line []byte) {
	var r struct {
		Time        time.Time
		Device, Tag string
		Reason      string
	}
	if json.Unmarshal(line, &r) != nil || r.Time.IsZero() {
		g.damaged++
		return
	}
	if at := r.Time.UnixNano(); at < g.since || at >= g.until {
		return
	}
	if _, known := g.last[r.Reason]; !known && len(g.last) >= mostReasons {
		r.Reason = otherReasons
	}
	i, known := g.last[r.Reason]
	if !known || len(g.list) < mostRejected && (r.Time.Sub(g.list[i].Until) > apart || g.list[i].Since.Sub(r.Time) > apart) {
		i = len(g.list)
		g.last[r.Reason] = i
		g.list = append(g.list, Delivery{Since: r.Time, Until: r.Time, State: Rejected, Why: r.Reason})
	}
	d := &g.list[i]
	d.Samples++
	if r.Time.Before(d.Since) {
		d.Since = r.Time
	}
	if r.Time.After(d.Until) {
		d.Until = r.Time
	}
	if of := r.Device + "/" + r.Tag; len(d.Of) < mostOf && !slices.Contains(d.Of, of) {
		d.Of = append(d.Of, of)
	}
}
