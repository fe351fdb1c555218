package file

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"tagbridge/mapping"
	"tagbridge/sinks"
	"tagbridge/sinks/encode"
)

// Kept is how many files are kept beside the present one: PATH.1, the newest of them, to PATH.5.
const Kept = 5

// Options says where and how to write.
type Options struct {
	Path    string       // "-" is Stdout
	Format  string       // json line csv; "" is json
	MaxSize int64        // bytes at which a file is put aside; 0: never
	Stdout  io.Writer    // for "-"; nil: os.Stdout
	Logger  *slog.Logger // nil: none
}

// Sink writes to one file.
type Sink struct {
	o      Options
	append func(dst []byte, b *mapping.Batch) []byte
	line   *encode.Line // of format line
	out    output
	buf    []byte
	water  sinks.HighWater
}

// output is where whole lines go. With an error nothing was written, or it will not be followed on the same line.
type output interface {
	write(lines []byte) error
	Close() error
}

// Open makes a sink. It does not touch the file yet: one that cannot be written is tried again and again.
func Open(o Options) (*Sink, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	s := &Sink{o: o}
	header := ""
	switch o.Format {
	case "json", "":
		s.append = new(encode.JSON).Append
	case "csv":
		s.append = new(encode.CSV).Append
		header = encode.CSVHeader
	case "line":
		s.line = encode.NewLine(encode.LineOptions{Precision: time.Nanosecond})
		s.append = s.line.Append
	default:
		return nil, fmt.Errorf("file sink: format %q is not one of json line csv", o.Format)
	}
	switch {
	case o.Path == "":
		return nil, errors.New("file sink: no path")
	case o.Path != "-":
		s.out = &rotated{path: o.Path, maxSize: o.MaxSize, header: header, log: o.Logger}
	case o.Stdout == nil:
		s.out = &stream{w: os.Stdout, header: header}
	default:
		s.out = &stream{w: o.Stdout, header: header}
	}
	return s, nil
}

// Send implements sinks.Sink: it writes v at once, without the samples that the format cannot hold.
func (s *Sink) Send(_ context.Context, v *sinks.View) (int, error) {
	s.encode(v)
	if len(s.buf) > 0 {
		if err := s.out.write(s.buf); err != nil {
			return 0, fmt.Errorf("write %s: %w", s.o.Path, err)
		}
	}
	if s.line != nil {
		if unfit := s.line.Unfit(v.Batches); unfit != nil {
			return v.Len(), &sinks.Unfit{Places: unfit, Err: errTooBig}
		}
	}
	return v.Len(), nil
}

var errTooBig = errors.New("line protocol has no unsigned integers over 2^63-1")

func (s *Sink) encode(v *sinks.View) {
	if s.water.Shed(len(s.buf), cap(s.buf)) {
		s.buf = nil
	}
	s.buf = s.buf[:0]
	for i := range v.Batches {
		s.buf = s.append(s.buf, &v.Batches[i])
	}
}

// Close implements sinks.Sink.
func (s *Sink) Close() error { return s.out.Close() }
