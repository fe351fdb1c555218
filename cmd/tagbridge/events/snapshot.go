package events

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"time"
)

// In a storm not every event has a line, so that the lines do not say all that is not well. While that is so, the file open
// has it: up to which line of which piece it is as of, and then a line as pieces begin with. What comes after that line is
// added when it is read.

const snapshotName = "open"

// snapshotEvery is how often it is written at most: as much may be forgotten with a kill.
const snapshotEvery = 15 * time.Second

// mostSnapshot is how long it may be to be read.
const mostSnapshot = 256 << 20

// snapshot is what was not well, as of a place in the pieces.
type snapshot struct {
	Piece int   `json:"piece"`
	At    int64 `json:"at"`
	open  []Event
}

// readSnapshot reads what is in dir; nil: there is none, or it is not whole.
func readSnapshot(dir string) *snapshot {
	f, err := os.Open(filepath.Join(dir, snapshotName))
	if err != nil {
		return nil
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, mostSnapshot))
	if err != nil {
		return nil
	}
	return parseSnapshot(b)
}

func parseSnapshot(b []byte) *snapshot {
	first, rest, _ := bytes.Cut(b, []byte("\n"))
	second, _, whole := bytes.Cut(rest, []byte("\n"))
	var s snapshot
	if !whole || json.Unmarshal(first, &s) != nil || s.Piece <= 0 || s.At < 0 {
		return nil
	}
	r, err := parseLine(second)
	if err != nil || r.Open == nil {
		return nil
	}
	s.open = r.Open
	return &s
}

// write puts s in the place of the one that is in dir.
func (s *snapshot) write(dir string) error {
	head, err := json.Marshal(s)
	if err != nil {
		return err
	}
	path := filepath.Join(dir, snapshotName)
	f, err := os.OpenFile(path+".tmp", os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o640)
	if err != nil {
		return err
	}
	_, err = f.Write(appendOpen(append(head, '\n'), s.open))
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(path+".tmp", path)
	}
	if err != nil {
		os.Remove(path + ".tmp")
	}
	return err
}

// keepSnapshot writes what is not well, when the lines do not say all of it. An error means that what changed in the storm is
// forgotten with a kill; it is tried again.
func (s *Store) keepSnapshot(now time.Time) {
	if since := now.Sub(s.kept); s.pieces.file == nil || since >= 0 && since < snapshotEvery {
		return
	}
	info, err := s.pieces.file.Stat()
	if err != nil {
		return
	}
	s.mu.Lock()
	needed := s.unsaid && len(s.queue) == 0
	var shot snapshot
	if needed {
		shot.open = s.open.all()
		s.unsaid = false
	}
	s.mu.Unlock()
	if !needed {
		return
	}
	s.kept = now
	shot.Piece, shot.At = numberOf(s.pieces.path), info.Size()
	if shot.write(s.o.Dir) != nil {
		s.mu.Lock()
		s.unsaid = true
		s.mu.Unlock()
	}
}

// Under are the outages that had not ended when a bridge last said something in dir, which is Folder of a data directory:
// since when (Time), also those of a storm in which not each has a line.
func Under(dir string) ([]Event, error) {
	r, err := replayed(dir)
	return r.outages.all(), err
}
