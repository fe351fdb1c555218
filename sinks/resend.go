package sinks

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"tagbridge/mapping"
	"tagbridge/sinks/encode"
)

// A file of this name in the folder of a sink's rejected samples asks for them to be sent again. Whoever delivers to
// the sink does so between two batches, and removes it when it is through: only one process writes to the sink and to
// the folder, and a request outlives a restart.
const resendName = "resend"

// resendLook is how often a forwarder looks whether it is asked.
const resendLook = time.Second

// AskResend asks for what is rejected in the folder of a sink to be sent again.
func AskResend(dir string) error {
	f, err := os.OpenFile(filepath.Join(dir, resendName), os.O_WRONLY|os.O_CREATE, 0o640)
	if err != nil {
		return fmt.Errorf("ask for rejected samples to be sent again: %w", err)
	}
	return f.Close()
}

// ResendAsked reports that what is rejected in the folder of a sink is still to be sent again.
func ResendAsked(dir string) bool {
	_, err := os.Lstat(filepath.Join(dir, resendName))
	return err == nil
}

// CountRejected counts the samples in the folder of a sink's rejected ones; none when there is no folder.
func CountRejected(dir string) (int, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	n := 0
	for _, e := range entries {
		if fileNumber(e.Name()) == 0 {
			continue
		}
		lines, err := countLines(filepath.Join(dir, e.Name()))
		if n += lines; err != nil && !errors.Is(err, fs.ErrNotExist) {
			return n, err
		}
	}
	return n, err
}

// asked reports that what r keeps is to be sent again.
func (r *Rejects) asked() bool { return r != nil && r.o.Dir != "" && ResendAsked(r.o.Dir) }

// snapshot ends the file that is open, and returns all there are, oldest first.
func (r *Rejects) snapshot() ([]rejectFile, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.end(); err != nil {
		return nil, err
	}
	if err := r.list(); err != nil {
		return nil, err
	}
	return slices.Clone(r.files), nil
}

// take has a file of the snapshot no more go to make room for others, which would count what is in it as lost.
func (r *Rejects) take(path string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.files = slices.DeleteFunc(r.files, func(f rejectFile) bool { return f.path == path })
}

// remove removes a file that was taken: what was in it has been dealt with.
func (r *Rejects) remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// keep puts a line back that is no sample.
func (r *Rejects) keep(line []byte) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.buf = append(r.buf[:0], line...)
	if line[len(line)-1] != '\n' {
		r.buf = append(r.buf, '\n')
	}
	return r.write(1, nil)
}

// resent is what came of sending again.
type resent struct{ samples, refused, unreadable int }

// resend sends what was rejected once more, when somebody asked for it. A file goes when all of it was taken, or refused
// and rejected anew. What cannot be read stays. It returns ctx's error alone: then the rest waits for the next start.
func (f *Forwarder) resend(ctx context.Context) error {
	if !f.again.asked.Swap(false) || !f.o.Reject.asked() {
		return nil
	}
	f.aside.retryAll() // what was the matter may have been mended
	var sum resent
	err := f.resendFiles(ctx, &sum)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	err = errors.Join(err, os.Remove(filepath.Join(f.o.Reject.o.Dir, resendName)))
	f.report.resent(sum, err)
	return nil
}

func (f *Forwarder) resendFiles(ctx context.Context, sum *resent) error {
	files, err := f.o.Reject.snapshot()
	if err != nil {
		return err
	}
	f.again.on = true
	defer func() { f.again.on = false }()
	refused := f.again.refused
	for _, file := range files {
		f.o.Reject.take(file.path)
		if err := f.resendFile(ctx, file.path, sum); err != nil {
			return err
		}
		if _, err := f.o.Reject.Sync(); err != nil { // what was refused again is nowhere else
			return err
		}
		if err := f.o.Reject.remove(file.path); err != nil {
			return err
		}
	}
	sum.refused = f.again.refused - refused
	return nil
}

// resendFile sends the samples of one file.
func (f *Forwarder) resendFile(ctx context.Context, path string, sum *resent) error {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) { // it went to make room for others
		return nil
	}
	if err != nil {
		return err
	}
	defer file.Close()
	in := bufio.NewReaderSize(file, 64<<10)
	var samples encode.Reread
	for {
		line, end := in.ReadBytes('\n')
		if len(line) > 0 {
			if samples.Add(line) != nil {
				sum.unreadable++
				if err := f.o.Reject.keep(line); err != nil {
					return err
				}
			}
		}
		if end != nil && !errors.Is(end, io.EOF) {
			return end
		}
		if samples.Len() >= f.o.Batch || end != nil && samples.Len() > 0 {
			sum.samples += samples.Len()
			var v View
			samples.Take(func(b *mapping.Batch) { v.Append(b, nil) })
			if err := f.deliver(ctx, &v, &f.stats.resent); err != nil {
				return err
			}
		}
		if end != nil {
			return nil
		}
	}
}
