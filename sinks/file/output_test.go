package file

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"tagbridge/sinks/encode"
	"tagbridge/testrig/filelimit"
)

func TestRotation(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out")
	s := open(t, Options{Path: path, Format: "csv", MaxSize: 400})
	for v := range uint64(100) {
		send(t, s, v)
	}
	total := 0
	for i := range Kept + 2 {
		name := path
		if i > 0 {
			name += "." + strconv.Itoa(i)
		}
		text, err := os.ReadFile(name)
		if i == Kept+1 {
			if err == nil {
				t.Errorf("%s is kept", name)
			}
			continue
		}
		if err != nil || len(text) > 400 || !strings.HasPrefix(string(text), encode.CSVHeader) {
			t.Errorf("%s: %d bytes, %v: %q", name, len(text), err, text)
		}
		total += strings.Count(string(text), "\n") - 1
	}
	if total < 5*Kept || !strings.Contains(read(t, path), ",99,,Good") {
		t.Errorf("%d rows are kept; the newest are\n%s", total, read(t, path))
	}
}

func TestMovedFileIsBegunAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out")
	s := open(t, Options{Path: path})
	send(t, s, 1)
	if err := os.Rename(path, path+".moved"); err != nil {
		t.Fatal(err)
	}
	send(t, s, 2)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	send(t, s, 3)
	if got := values(t, read(t, path)); !slices.Equal(got, []uint64{3}) {
		t.Errorf("the file holds %v", got)
	}
	if got := values(t, read(t, path+".moved")); !slices.Equal(got, []uint64{1}) {
		t.Errorf("the moved file holds %v", got)
	}
}

func TestFolderThatIsMissingAndReturns(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "mount")
	s := open(t, Options{Path: filepath.Join(dir, "out")})
	n, err := s.Send(context.Background(), view(1))
	if n != 0 || !errors.Is(err, os.ErrNotExist) || strings.Count(err.Error(), dir) != 1 {
		t.Errorf("Send = %d, %v", n, err)
	}
	if err := os.Mkdir(dir, 0o750); err != nil {
		t.Fatal(err)
	}
	send(t, s, 1)
}

func TestFullDiskLeavesWholeLines(t *testing.T) {
	if !filelimit.Alone(t) {
		return
	}
	path := filepath.Join(t.TempDir(), "out")
	s := open(t, Options{Path: path})
	send(t, s, 1, 2, 3)
	filelimit.Under(t, uint64(len(read(t, path)))+150, func() {
		if n, err := s.Send(context.Background(), view(4, 5, 6)); n != 0 || err == nil {
			t.Errorf("Send on a full disk = %d, %v", n, err)
		}
	})
	send(t, s, 4, 5, 6)
	if got := values(t, read(t, path)); !slices.Equal(got, []uint64{1, 2, 3, 4, 5, 6}) {
		t.Errorf("the file holds %v", got)
	}
}

func TestHalfALineOfACrashIsCutOff(t *testing.T) {
	path := filepath.Join(t.TempDir(), "out")
	send(t, open(t, Options{Path: path}), 1)
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(`{"time":"1970-01-01T00:0`); err != nil {
		t.Fatal(err)
	}
	f.Close()
	send(t, open(t, Options{Path: path}), 2)
	if got := values(t, read(t, path)); !slices.Equal(got, []uint64{1, 2}) {
		t.Errorf("the file holds %v", got)
	}
}

// choked takes so many bytes and then errors until it is given more.
type choked struct {
	left int
	got  strings.Builder
}

func (c *choked) Write(p []byte) (int, error) {
	n := min(c.left, len(p))
	c.left -= n
	c.got.Write(p[:n])
	if n < len(p) {
		return n, io.ErrClosedPipe
	}
	return n, nil
}

func TestHalfALineOnStandardOutputIsEnded(t *testing.T) {
	out := &choked{left: 130}
	s := open(t, Options{Path: "-", Stdout: out})
	if n, err := s.Send(context.Background(), view(1, 2)); n != 0 || !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("Send = %d, %v", n, err)
	}
	out.left = 1 << 20
	send(t, s, 1, 2)
	lines := strings.Split(out.got.String(), "\n")
	if len(lines) != 5 || !slices.Equal(values(t, lines[0]+"\n"+lines[2]+"\n"+lines[3]), []uint64{1, 1, 2}) {
		t.Errorf("standard output got %q", lines)
	}
}

func TestPipeGetsOneHeader(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	reader, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	s := open(t, Options{Path: path, Format: "csv", MaxSize: 10})
	send(t, s, 1)
	send(t, s, 2)
	buf := make([]byte, 1<<16)
	n, err := reader.Read(buf)
	if text := string(buf[:n]); err != nil || strings.Count(text, encode.CSVHeader) != 1 || strings.Count(text, "\n") != 3 {
		t.Errorf("the pipe got %q, %v", text, err)
	}
}

func TestSendAllocatesNothing(t *testing.T) {
	s := open(t, Options{Path: "-", Stdout: io.Discard})
	v := view(1, 2, 3)
	if n := testing.AllocsPerRun(200, func() {
		if _, err := s.Send(context.Background(), v); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations a Send, want none", n)
	}
}
