package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"text/tabwriter"
	"time"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/sinks"
	"tagbridge/sinks/journal"
)

type journalVerb struct {
	Stat   journalStatVerb   `cmd:"" help:"Print what a journal holds and how far behind each sink is."`
	Dump   journalDumpVerb   `cmd:"" help:"Print the samples of a journal as JSON lines."`
	Verify journalVerifyVerb `cmd:"" help:"Read a whole journal and print what is damaged: 0 nothing, 1 something."`
	Resend journalResendVerb `cmd:"" help:"Send a sink's rejected samples again."`
}

// dataDir is the data directory that dir is or is the journal folder of, and that folder.
func dataDir(dir string) (data, journal string, err error) {
	inner := filepath.Join(dir, "journal")
	info, err := os.Stat(inner)
	if err == nil && info.IsDir() {
		return dir, inner, nil
	}
	entries, err := os.ReadDir(dir)
	if slices.ContainsFunc(entries, isOfJournal) {
		return filepath.Join(dir, ".."), dir, nil
	}
	if err != nil {
		return "", "", err
	}
	return "", "", fmt.Errorf("%s: %w", inner, fs.ErrNotExist)
}

// isOfJournal reports a file that only the folder of a journal has.
func isOfJournal(e fs.DirEntry) bool {
	end := filepath.Ext(e.Name())
	return e.Name() == "lock" || end == ".seg" || end == ".cursor"
}

// inspect opens the journal in or at dir for looking, also beside a bridge that runs.
func inspect(dir string) (*journal.Inspection, error) {
	_, folder, err := dataDir(dir)
	if err != nil {
		return nil, fmt.Errorf("find journal: %w", err)
	}
	return journal.Inspect(folder)
}

type journalStatVerb struct {
	Dir  string `arg:"" help:"A bridge's data_dir, or the journal folder in it."`
	JSON bool   `name:"json" help:"Print JSON."`
}

// statJSON is what journal stat prints with --json.
type statJSON struct {
	Bytes        int64      `json:"bytes"`
	KeptBytes    int64      `json:"kept_bytes"` // of these, delivered everywhere and kept to look back on
	Segments     int        `json:"segments"`
	Indexes      int        `json:"indexes"` // of the segments have one
	First        uint64     `json:"first"`   // position of the oldest sample
	End          uint64     `json:"end"`     // position of the next sample
	Oldest       *time.Time `json:"oldest"`
	Corrupt      []string   `json:"corrupt"` // files kept aside
	CorruptBytes int64      `json:"corrupt_bytes"`
	Sinks        []sinkStat `json:"sinks"`
	// Reckoned is up to where windows and totals were reckoned; null: there never were any.
	Reckoned *uint64 `json:"reckoned"`
}

type sinkStat struct {
	Sink          string     `json:"sink"`
	Position      uint64     `json:"position"`
	BehindSamples uint64     `json:"behind_samples"`
	Written       *time.Time `json:"written"`   // when the position was kept last
	Since         *time.Time `json:"since"`     // when the sink was first there
	Delivered     uint64     `json:"delivered"` // since then
	Dropped       uint64     `json:"dropped"`
	Losses        []statLoss `json:"losses"`   // of dropped
	Rejected      int        `json:"rejected"` // kept aside
	Error         string     `json:"error,omitempty"`
}

// statLoss is what was lost for one reason.
type statLoss struct {
	Reason  string     `json:"reason"`
	Samples uint64     `json:"samples"`
	First   *time.Time `json:"first"` // when the oldest of it was read; null when nobody can know
	Last    *time.Time `json:"last"`
}

// Run prints the journal's extent and a line a sink.
func (v journalStatVerb) Run(std streams) error {
	in, err := inspect(v.Dir)
	if err != nil {
		return err
	}
	defer in.Close()
	sum, err := in.Summary()
	if err != nil {
		return fmt.Errorf("read journal: %w", err)
	}
	stat, err := statOf(v.Dir, sum)
	if err != nil {
		return err
	}
	if v.JSON {
		enc := json.NewEncoder(std.out)
		enc.SetIndent("", "  ")
		return enc.Encode(stat)
	}
	return stat.print(std.out)
}

func statOf(dir string, sum journal.Summary) (statJSON, error) {
	stat := statJSON{
		Bytes: sum.Bytes, KeptBytes: sum.Kept, Indexes: sum.Indexes, Segments: sum.Segments, First: uint64(sum.First), End: uint64(sum.End), Oldest: timeOrNull(sum.Oldest),
		Corrupt: append([]string{}, sum.Corrupt...), CorruptBytes: sum.CorruptSize, Sinks: []sinkStat{},
	}
	if sum.Reckoner != nil && sum.Reckoner.Err == nil {
		pos := uint64(sum.Reckoner.Pos)
		stat.Reckoned = &pos
	}
	data, _, err := dataDir(dir)
	if err != nil {
		return stat, err
	}
	for _, p := range sum.Sinks {
		ever := bridge.EverOf(p.Ever)
		s := sinkStat{
			Sink: p.Sink, Position: uint64(p.Pos), BehindSamples: p.Behind, Written: timeOrNull(p.Written),
			Since: timeOrNull(ever.Since), Delivered: ever.Delivered, Dropped: ever.Dropped, Losses: []statLoss{},
		}
		for _, why := range slices.Sorted(maps.Keys(ever.Reasons)) {
			if sum := ever.Reasons[why]; sum.Samples > 0 {
				s.Losses = append(s.Losses, statLoss{why, sum.Samples, timeOrNull(sum.First), timeOrNull(sum.Last)})
			}
		}
		if p.Err != nil {
			s.Error = p.Err.Error()
		}
		if s.Rejected, err = countRejected(data, p.Sink); err != nil {
			return stat, err
		}
		stat.Sinks = append(stat.Sinks, s)
	}
	return stat, nil
}

func timeOrNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

func (s statJSON) print(w io.Writer) error {
	fmt.Fprintf(w, "%s in %s, samples %d to %d", bytesText(float64(s.Bytes)), plural(s.Segments, "segment"), s.First, s.End)
	if s.Oldest != nil {
		fmt.Fprintf(w, ", since %s", s.Oldest.Format(time.RFC3339))
	}
	fmt.Fprintln(w)
	if s.KeptBytes > 0 {
		fmt.Fprintf(w, "%s of it is delivered and kept to look back on\n", bytesText(float64(s.KeptBytes)))
	}
	if len(s.Corrupt) > 0 {
		fmt.Fprintf(w, "%s kept aside as damaged, %s\n", plural(len(s.Corrupt), "file"), bytesText(float64(s.CorruptBytes)))
	}
	if s.Reckoned != nil {
		fmt.Fprintf(w, "windows and totals are kept up to sample %d\n", *s.Reckoned)
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "sink\tbehind\tposition\tkept at\trejected\tdropped")
	for _, k := range s.Sinks {
		if k.Error != "" {
			fmt.Fprintf(table, "%s\t%s\n", k.Sink, k.Error)
			continue
		}
		fmt.Fprintf(table, "%s\t%d\t%d\t%s\t%d\t%d\n", k.Sink, k.BehindSamples, k.Position, k.Written.Format(time.RFC3339), k.Rejected, k.Dropped)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, k := range s.Sinks {
		for _, l := range k.Losses {
			fmt.Fprintf(w, "sink %s lost %s: %s%s\n", k.Sink, plural(int(l.Samples), "sample"), l.Reason, l.span())
		}
	}
	return nil
}

// span says when what was lost was read.
func (l statLoss) span() string {
	if l.First == nil || l.Last == nil {
		return ""
	}
	return fmt.Sprintf(", read from %s to %s", l.First.Format(time.RFC3339), l.Last.Format(time.RFC3339))
}

type journalVerifyVerb struct {
	Dir string `arg:"" help:"A bridge's data_dir, or the journal folder in it."`
}

// Run prints a line for each segment that is damaged and each file kept aside. What a running bridge is just writing at
// the end of the newest segment is no damage.
func (v journalVerifyVerb) Run(ctx context.Context, std streams) error {
	in, err := inspect(v.Dir)
	if err != nil {
		return err
	}
	defer in.Close()
	damage, err := in.Verify(ctx)
	if err != nil {
		return fmt.Errorf("verify journal: %w", err)
	}
	sum, err := in.Summary()
	if err != nil {
		return fmt.Errorf("verify journal: %w", err)
	}
	bad := len(sum.Corrupt)
	for _, d := range damage {
		bad++
		fmt.Fprintf(std.out, "%s: %d bytes cannot be read, %s lost", d.File, d.Bytes, plural(int(d.Lost), "sample"))
		if d.Unknown > 0 {
			fmt.Fprintf(std.out, ", %s cannot be made out", plural(int(d.Unknown), "sample"))
		}
		fmt.Fprintln(std.out)
	}
	for _, name := range sum.Corrupt {
		fmt.Fprintf(std.out, "%s: kept aside as damaged\n", name)
	}
	for _, p := range sum.Sinks {
		if p.Err != nil {
			bad++
			fmt.Fprintf(std.out, "place of sink %s: %v\n", p.Sink, p.Err)
		} else if p.Pos+sinks.Pos(p.Lost) < sum.First {
			bad++
			fmt.Fprintf(std.out, "samples %d to %d, which sink %s was not given yet, are missing\n", p.Pos, sum.First, p.Sink)
		}
	}
	indexes, err := in.BadIndexes(ctx)
	if err != nil {
		return fmt.Errorf("verify journal: %w", err)
	}
	for _, name := range indexes {
		fmt.Fprintf(std.err, "%s is not right: looking back reads its segment instead, the next start of the bridge makes it anew\n", name)
	}
	fmt.Fprintf(std.err, "%s, %s: %s damaged\n", plural(sum.Segments, "segment"), bytesText(float64(sum.Bytes)), plural(bad, "file"))
	if bad > 0 {
		return exitStatus(exitFailed)
	}
	return nil
}

// bytesText is a size as people read it.
func bytesText(n float64) string {
	for _, u := range []struct {
		size float64
		name string
	}{{1 << 40, "TiB"}, {1 << 30, "GiB"}, {1 << 20, "MiB"}, {1 << 10, "KiB"}} {
		if n >= u.size {
			return figure(n/u.size, 3) + " " + u.name
		}
	}
	return fmt.Sprintf("%.0f bytes", n)
}
