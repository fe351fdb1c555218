package events

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// write has a store add events with these texts, and ends it.
func write(t *testing.T, dir string, texts ...string) {
	t.Helper()
	s := run(t, dir)
	for i, text := range texts {
		s.Add(Event{Time: at(i), Kind: Edit, Device: fmt.Sprint(i), Text: text})
	}
	s.stop()
}

// A file that ends anywhere loses what is cut, and nothing that is written after it.
func TestCutAtEveryByte(t *testing.T) {
	whole := t.TempDir()
	write(t, whole, "one", "two", "three")
	all, err := os.ReadFile(filepath.Join(whole, pieceName(1)))
	if err != nil {
		t.Fatal(err)
	}
	for n := range len(all) + 1 {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, pieceName(1)), all[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		left := strings.Fields("one two three")[:max(bytes.Count(all[:n], []byte("\n"))-1, 0)] // the first line is none
		if got := texts(t, dir, Query{}); !slices.Equal(got, left) {
			t.Fatalf("cut after %d bytes: %q, want %q", n, got, left)
		}
		if n > 0 && n < len(all) && all[n] == '\n' && n != bytes.IndexByte(all, '\n') { // whole but for its end
			left = append(left, strings.Fields("one two three")[len(left)])
		}
		write(t, dir, "four")
		got := texts(t, dir, Query{})
		slices.Sort(got)
		want := append(left, "four")
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Fatalf("cut after %d bytes, then written: %q, want %q", n, got, want)
		}
	}
}

// Anything in a file costs the lines that it is in.
func TestGarbageIsPassedOver(t *testing.T) {
	dir := t.TempDir()
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 50 {
		write(t, dir, fmt.Sprint("event ", i))
		f, err := os.OpenFile(filepath.Join(dir, pieceName(1)), os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		junk := make([]byte, random.IntN(200))
		for k := range junk {
			junk[k] = byte(random.IntN(256) & random.IntN(256)) // many are 0
		}
		f.Write(junk)
		f.Close()
	}
	if got := texts(t, dir, Query{}); len(got) != 50 {
		t.Errorf("%d events of 50 are left: %q", len(got), got)
	}
	long := filepath.Join(dir, pieceName(2))
	if err := os.WriteFile(long, bytes.Repeat([]byte("{"), mostLine+100<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	write(t, dir, "after a line without an end")
	if got := texts(t, dir, Query{}); len(got) != 51 {
		t.Errorf("%d events, want 51", len(got))
	}
}

func TestPiecesAreBounded(t *testing.T) {
	dir := t.TempDir()
	const most = 4 << 10
	s := runWith(t, Options{Dir: dir}, func(s *Store) { s.pieces.most = most })
	s.Add(Event{Time: noon, Kind: DeviceOffline, Device: "dead"})
	for i := range 1000 {
		s.Add(Event{Time: at(i), Kind: Edit, Device: fmt.Sprint(i), Text: fmt.Sprint(i)})
		if i%40 == 0 {
			s.flush(t)
		}
	}
	s.stop()
	numbers, err := numbersIn(dir)
	if err != nil || len(numbers) > mostPieces || numbers[0] == 1 {
		t.Errorf("pieces %v, %v", numbers, err)
	}
	got := texts(t, dir, Query{})
	if n := len(got); n < 50 || got[n-1] != "999" || got[0] == "" {
		t.Errorf("%d events, from %q on", n, got[0])
	}
	// What has gone with the oldest piece is known all the same.
	if down := Open(Options{Dir: dir}).DeviceDown("dead"); !down.Equal(noon) {
		t.Errorf("the device is down since %v, want %v", down, noon)
	}
}

// Two processes write to one folder.
func TestTwoWriters(t *testing.T) {
	dir := t.TempDir()
	var both sync.WaitGroup
	for w := range 2 {
		s := runWith(t, Options{Dir: dir}, func(s *Store) { s.pieces.most = 64 << 10 })
		both.Go(func() {
			for i := range 400 {
				s.Add(Event{Time: at(i), Kind: Edit, Device: fmt.Sprint(w, i), Text: "x"})
				if i%7 == 0 {
					s.flush(t)
				}
			}
			s.stop()
		})
	}
	both.Wait()
	r := NewReader(dir)
	n := 0
	if err := r.Next(Query{}, func(*Event) bool { n++; return true }); err != nil || n != 800 || r.Damaged != 0 {
		t.Errorf("%d events of 800, %d damaged, %v", n, r.Damaged, err)
	}
}

// full is a disk that takes so many bytes.
type full struct {
	piece
	room *int
}

var errFull = errors.New("no space left on device")

func (f full) Write(b []byte) (int, error) {
	if n := min(len(b), *f.room); n < len(b) {
		*f.room -= n
		n, _ = f.piece.Write(b[:n])
		return n, errFull
	}
	*f.room -= len(b)
	return f.piece.Write(b)
}

// A disk that is full at any byte, and has room again, costs nothing.
func TestFullDisk(t *testing.T) {
	for room := range 400 {
		dir := t.TempDir()
		left := room
		p := pieces{dir: dir, most: pieceBytes, head: func() []byte { return appendOpen(nil, nil) }, open: func(path string) (piece, error) {
			f, err := openPiece(path)
			return full{f, &left}, err
		}}
		var lines [][]byte
		var want []string
		for i := range 3 {
			want = append(want, fmt.Sprint(i))
			lines = append(lines, appendLine(nil, &Event{Time: at(i), Kind: Edit, Text: want[i]}))
		}
		n, err := p.append(lines)
		if err != nil {
			left = 1 << 20
			if n > 0 {
				if got := texts(t, dir, Query{}); len(got) < n-1 || !slices.Equal(got, want[:len(got)]) {
					t.Fatalf("room for %d: %q are there, want %q", room, got, want[:n])
				}
			}
			if _, err := p.append(lines[n:]); err != nil {
				t.Fatal(err)
			}
		}
		p.close()
		if got := texts(t, dir, Query{}); !slices.Equal(got, want) {
			t.Fatalf("room for %d: %q, want %q", room, got, want)
		}
	}
}

// What stands in the way is said once; the newest events are kept, and written when it is gone.
func TestWhatIsInTheWay(t *testing.T) {
	ways := map[string]func(dir string) (undo func()){
		"a file": func(dir string) func() {
			os.Remove(dir)
			os.WriteFile(dir, nil, 0o600)
			return func() { os.Remove(dir) }
		},
		"a folder": func(dir string) func() {
			os.MkdirAll(filepath.Join(dir, pieceName(1)), 0o700)
			return func() { os.Remove(filepath.Join(dir, pieceName(1))) }
		},
		"a link to nothing": func(dir string) func() {
			os.Symlink(filepath.Join(filepath.Dir(dir), "nothing", "there"), dir)
			return func() { os.Remove(dir) }
		},
	}
	if os.Getuid() != 0 { // in whose way it is not
		ways["a folder that is read-only"] = func(dir string) func() {
			os.MkdirAll(dir, 0o500)
			return func() { os.Chmod(dir, 0o700) }
		}
	}
	for what, block := range ways {
		t.Run(what, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "events")
			undo := block(dir)
			told := 0
			s := runWith(t, Options{Dir: dir, Each: func(*Event) { told++ }}, nil)
			for i := range mostQueued + 5 {
				s.Add(Event{Time: at(i), Kind: Kinds[5+i%2], Device: fmt.Sprint(i), Text: fmt.Sprint(i)})
			}
			s.flush(t)
			if s.Failing() == nil {
				t.Error("nothing is in the way")
			}
			var kept []string
			if err := s.Read(t.Context(), Query{}, func(e *Event) bool { kept = append(kept, e.Text); return true }); err != nil {
				t.Error(err)
			}
			if len(kept) == 0 || kept[len(kept)-1] != fmt.Sprint(mostQueued+4) {
				t.Errorf("%d events are kept", len(kept))
			}
			undo()
			s.stop()
			if told < mostQueued || told > mostQueued+6 {
				t.Errorf("%d events were told of %d", told, mostQueued+5)
			}
			got := texts(t, dir, Query{})
			if len(got) < mostQueued || !slices.Contains(got, "5 events are missing here: they could not be written") {
				t.Errorf("%d events were written, the last %q", len(got), got[max(len(got)-1, 0):])
			}
			if n := strings.Count(s.log.String(), "events cannot be written"); n != 1 {
				t.Errorf("it is said %d times:\n%s", n, s.log)
			}
		})
	}
}

// A hanging disk makes nobody wait.
func TestHangingDisk(t *testing.T) {
	hang := make(chan struct{})
	s := runWith(t, Options{Dir: t.TempDir()}, func(s *Store) {
		s.pieces.open = func(path string) (piece, error) {
			<-hang
			return openPiece(path)
		}
	})
	began := time.Now()
	for i := range 3 * mostQueued {
		s.Add(Event{Kind: Edit, Device: fmt.Sprint(i)})
	}
	if took := time.Since(began); took > patience {
		t.Errorf("it took %v", took)
	}
	close(hang)
	s.stop()
}

var _ io.Writer = full{}
