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
	join   encode.Join  // for it
	out    output
	buf    []byte
	water  sinks.HighWater
	lines  chan []byte // to the goroutine that writes; nil: there is none yet
	done   chan error  // from it
	stuck  bool        // a write was given up, and what it returns not seen yet
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
func (s *Sink) Send(ctx context.Context, v *sinks.View) (int, error) {
	if s.stuck {
		return 0, fmt.Errorf("write %s: %w", s.o.Path, errStuck)
	}
	s.encode(v)
	if len(s.buf) > 0 {
		if err := s.write(ctx); err != nil {
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

// errStuck is the state of a sink with a write that was given up: nothing can be told of what it has written.
var errStuck = errors.New("a write has not returned")

// write writes s.buf. A pipe that nobody reads or a disk that hangs holds it up for any time, and cannot be made to
// return: when ctx ends, the write is left to itself with all that it uses.
func (s *Sink) write(ctx context.Context) error {
	if s.lines == nil {
		s.lines, s.done = make(chan []byte), make(chan error, 1)
		go writer(s.out, s.lines, s.done)
	}
	s.lines <- s.buf
	select {
	case err := <-s.done:
		return err
	case <-ctx.Done():
		s.stuck = true
		return ctx.Err()
	}
}

// writer writes until lines is closed.
func writer(out output, lines <-chan []byte, done chan<- error) {
	for l := range lines {
		done <- out.write(l)
	}
}

func (s *Sink) encode(v *sinks.View) {
	if s.water.Shed(len(s.buf), cap(s.buf)) {
		s.buf = nil
	}
	s.buf = s.buf[:0]
	if s.line != nil {
		s.join.Each(v.Batches, func(b *mapping.Batch) { s.buf = s.append(s.buf, b) })
		return
	}
	for i := range v.Batches {
		s.buf = s.append(s.buf, &v.Batches[i])
	}
}

// Close implements sinks.Sink.
func (s *Sink) Close() error {
	if s.lines != nil {
		close(s.lines)
		s.lines = nil
	}
	if s.stuck {
		select {
		case <-s.done:
			s.stuck = false
		default:
			return fmt.Errorf("close %s: %w", s.o.Path, errStuck)
		}
	}
	return s.out.Close()
}
