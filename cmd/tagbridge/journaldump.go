package main

import (
	"bufio"
	"context"
	"fmt"
	"strconv"

	"tagbridge/mapping"
	"tagbridge/sinks"
	"tagbridge/sinks/encode"
)

type journalDumpVerb struct {
	Dir  string `arg:"" help:"A bridge's data_dir, or the journal folder in it."`
	From uint64 `help:"Begin at this position." placeholder:"POSITION"`
	Sink string `help:"Begin where this sink is." placeholder:"NAME"`
}

// Run prints every sample as a file sink would, with its position in front.
func (v journalDumpVerb) Run(ctx context.Context, std streams) error {
	in, err := inspect(v.Dir)
	if err != nil {
		return err
	}
	defer in.Close()
	from := sinks.Pos(v.From)
	if v.Sink != "" {
		sum, err := in.Summary()
		if err != nil {
			return fmt.Errorf("read journal: %w", err)
		}
		known := false
		for _, p := range sum.Sinks {
			if p.Sink == v.Sink && p.Err == nil {
				from, known = max(from, p.Pos), true
			}
		}
		if !known {
			return fmt.Errorf("journal has no place of a sink %s", v.Sink)
		}
	}
	out := bufio.NewWriterSize(std.out, 64<<10)
	var object encode.JSON
	var line []byte
	skipped, err := in.Dump(ctx, from, func(p sinks.Pos, b *mapping.Batch) error {
		for i := range b.Samples {
			line = append(line[:0], `{"position":`...)
			line = strconv.AppendUint(line, uint64(p)+uint64(i), 10)
			head := len(line)
			line = object.AppendOne(line, b, i)
			line[head] = ','
			if _, err := out.Write(append(line, '\n')); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("dump journal: %w", err)
	}
	if err := out.Flush(); err != nil {
		return err
	}
	if skipped > 0 {
		fmt.Fprintf(std.err, "%s cannot be made out: what they are of is defined nowhere in the journal\n", plural(int(skipped), "sample"))
		return exitStatus(exitFailed)
	}
	return nil
}
