package events

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// Ending is how a run of the bridge ended.
type Ending uint8

// The endings.
const (
	NoRun     Ending = iota // there was none before, or nothing is known of it
	Stopped                 // in an orderly way
	Killed                  // without a word, while the machine went on: killed or crashed
	Restarted               // without a word, and the machine was started since: power loss or reset
)

// Before is the run before this one.
type Before struct {
	Ending Ending
	At     time.Time // when it ended, or was last known alive
}

// String says it in words.
func (b Before) String() string {
	at := b.At.UTC().Format("2006-01-02T15:04:05Z")
	switch b.Ending {
	case Stopped:
		return "the run before was stopped at " + at
	case Killed:
		return fmt.Sprintf("the run before was killed or crashed, within %d s after %s", int(aliveEvery/time.Second), at)
	case Restarted:
		return fmt.Sprintf("the run before ended with the machine (power loss or reset), within %d s after %s", int(aliveEvery/time.Second), at)
	}
	return "no run before is known"
}

// replay is what the pieces in a folder say of the time before.
type replay struct {
	outages outages
	last    Kind // of the last start or stop; "": there is none
	at      time.Time
	newest  time.Time // of all events
}

// replayed reads the newest pieces: from the last one on that begins with the outages of its time.
func replayed(dir string) (replay, error) {
	r := replay{outages: outages{}}
	numbers, err := numbersIn(dir)
	if err != nil {
		return r, err
	}
	shot := readSnapshot(dir)
	from := len(numbers) - 1
	for from > 0 && !beginsWithOutages(filepath.Join(dir, pieceName(numbers[from]))) {
		from--
	}
	from = max(from, 0)
	if shot != nil {
		if i, found := slices.BinarySearch(numbers, shot.Piece); found {
			from = min(from, i)
		} else {
			shot = nil // it is of another folder, or too old
		}
	}
	for i := from; i < len(numbers); i++ {
		path := filepath.Join(dir, pieceName(numbers[i]))
		if shot != nil && shot.Piece < numbers[i] && sizeOf(filepath.Join(dir, pieceName(shot.Piece))) == shot.At {
			r.outages.reset(shot.open)
			shot = nil
		}
		err := eachLine(path, 0, func(l line) bool {
			if shot != nil && shot.Piece == numbers[i] && l.at >= shot.At {
				r.outages.reset(shot.open)
				shot = nil
			}
			if rec, err := parseLine(l.text); err == nil && l.whole {
				r.note(&rec)
			}
			return true
		})
		if err != nil {
			return r, err
		}
	}
	if shot != nil && sizeOf(filepath.Join(dir, pieceName(shot.Piece))) == shot.At {
		r.outages.reset(shot.open)
	}
	// What could not be written any more was noted, after all that was.
	if at, _, open := lastAlive(dir); open != nil && !at.Before(r.newest) {
		r.outages.reset(open)
	}
	return r, nil
}

// sizeOf is how long a file is; -1: nobody knows.
func sizeOf(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return -1
	}
	return info.Size()
}

func beginsWithOutages(path string) (yes bool) {
	_ = eachLine(path, 0, func(l line) bool {
		rec, err := parseLine(l.text)
		yes = err == nil && l.whole && rec.Open != nil
		return false
	})
	return yes
}

func (r *replay) note(rec *record) {
	if rec.Open != nil {
		if len(rec.Open) < mostOpen { // else there may have been more
			clear(r.outages)
		}
		for i := range rec.Open {
			r.outages.note(&rec.Open[i])
		}
		return
	}
	r.outages.note(&rec.Event)
	if rec.Kind == Start || rec.Kind == Stop {
		r.last, r.at = rec.Kind, rec.Time
	}
	if rec.Time.After(r.newest) {
		r.newest = rec.Time
	}
}

// before is how the run before ended, of a bridge that begins now.
func (r *replay) before(dir, boot string, now time.Time) Before {
	seen, lastBoot, _ := lastAlive(dir)
	b := Before{}
	switch {
	case r.last == Stop && !seen.After(r.at): // nothing is noted any more after a stop
		b = Before{Stopped, r.at}
	case r.last == "" && seen.IsZero():
		return Before{}
	default:
		b = Before{Killed, seen}
		if r.newest.After(seen) {
			b.At = r.newest
		}
		if lastBoot != "" && boot != "" && lastBoot != boot {
			b.Ending = Restarted
		}
	}
	if b.At.After(now) { // the clock was wrong
		b.At = now
	}
	return b
}

// exists reports a folder that can be looked into.
func exists(dir string) bool {
	info, err := os.Stat(dir)
	return err == nil && info.IsDir()
}
