package file

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"tagbridge/sinks"
	"tagbridge/testrig/sinktest"
)

// TestConformance has the sink pass what every sink has to. It is in the last file of the package, as go test keeps a list of
// the files that are opened: the tests before it that fill the disk by a limit of the process fill it for that list, too, once
// it is longer than a few kilobytes.
func TestConformance(t *testing.T) {
	for _, format := range []string{"json", "line"} {
		t.Run("file "+format, func(t *testing.T) {
			sinktest.Run(t, func() (*sinktest.Peer, error) {
				path := filepath.Join(t.TempDir(), "out")
				return new(disk).peer(Options{Path: path, Format: format}, func() ([]byte, error) {
					text, err := os.ReadFile(path)
					if errors.Is(err, fs.ErrNotExist) {
						err = nil
					}
					return text, err
				}), nil
			})
		})
	}
	t.Run("standard output", func(t *testing.T) {
		sinktest.Run(t, func() (*sinktest.Peer, error) {
			p := new(pipe)
			d := &disk{breaks: func(write func([]byte) error, lines []byte) error {
				p.breaks = len(lines) * 2 / 3
				return write(lines)
			}}
			return d.peer(Options{Path: "-", Stdout: p}, func() ([]byte, error) { return p.text, nil }), nil
		})
	})
}

// disk is an output that hangs, or fails now and then.
type disk struct {
	output
	breaks func(write func([]byte) error, lines []byte) error // one more way to fail; nil: none

	mu      sync.Mutex
	falter  bool
	writes  int
	silent  chan struct{} // closed when it goes on; nil: it does
	reached chan struct{}
}

var errDisk = errors.New("no space left on device")

// write implements output.
func (d *disk) write(lines []byte) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if silent := d.silent; silent != nil {
		close(d.reached)
		d.mu.Unlock()
		<-silent
		d.mu.Lock()
	}
	if d.writes++; !d.falter {
		return d.output.write(lines)
	}
	switch {
	case d.writes%3 == 0:
		return errDisk
	case d.writes%4 == 0: // it was written, and could not be synced
		return errors.Join(d.output.write(lines), errDisk)
	case d.writes%5 == 0 && d.breaks != nil:
		return d.breaks(d.output.write, lines)
	}
	return d.output.write(lines)
}

// peer is d below a sink with these options; read is what was written.
func (d *disk) peer(o Options, read func() ([]byte, error)) *sinktest.Peer {
	set := func(change func()) {
		d.mu.Lock()
		defer d.mu.Unlock()
		change()
	}
	return &sinktest.Peer{
		Open: func() (sinks.Sink, error) {
			s, err := Open(o)
			if err == nil {
				d.output, s.out = s.out, d
			}
			return s, err
		},
		Taken: func() (all []sinktest.Sample, err error) {
			d.mu.Lock()
			defer d.mu.Unlock()
			text, err := read()
			if err != nil {
				return nil, err
			}
			if o.Format == "line" {
				return sinktest.ParseLines(text)
			}
			for line := range bytes.Lines(text) {
				samples, err := sinktest.ParseJSON(line)
				if err == nil && bytes.HasSuffix(line, []byte("\n")) { // else it is half a line, which was written in vain
					all = append(all, samples...)
				}
			}
			return all, nil
		},
		Silence: func() <-chan struct{} {
			set(func() { d.silent, d.reached = make(chan struct{}), make(chan struct{}) })
			return d.reached
		},
		Falter: func() { set(func() { d.falter = true }) },
		Recover: func() {
			set(func() {
				if d.silent != nil {
					close(d.silent)
				}
				d.silent, d.falter = nil, false
			})
		},
		Close: func() {},
	}
}

// pipe is a writer that breaks in the middle of a line when it is told to.
type pipe struct {
	text   []byte
	breaks int // bytes that the next write takes, if it is so long; 0: all
}

// Write implements io.Writer.
func (p *pipe) Write(b []byte) (int, error) {
	n := len(b)
	if p.breaks > 0 && p.breaks < n {
		n, p.breaks = p.breaks, 0
	}
	p.text = append(p.text, b[:n]...)
	if n < len(b) {
		return n, errDisk
	}
	return n, nil
}
