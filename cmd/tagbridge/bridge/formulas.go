package bridge

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// What formulas of the present value remember, by previous(x) and seconds_since(x), is kept in formulas.json of the data
// directory: by device, in the form of package drivers, and under "" when that was. It is written beside the file and put in its place, and
// not synced: should the power go, they begin anew. What a run that was killed has read since then is made up for from the journal.

const formulasFile = "formulas.json"

// mostFormulas is what is read of the file at most.
const mostFormulas = 256 << 20

// readFormulas is what the process before has kept. What cannot be read is as if it were not there, and is said.
func (b *Bridge) readFormulas(dataDir string) map[string][]byte {
	path := filepath.Join(dataDir, formulasFile)
	known := map[string][]byte{}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil && info.Size() > mostFormulas {
		err = errors.New("it is too large")
	}
	var text []byte
	if err == nil {
		text, err = os.ReadFile(path)
	}
	if err == nil {
		err = json.Unmarshal(text, &known)
	}
	if err != nil {
		b.o.Log.Warn("what formulas remember of values before cannot be read, they go on from what the journal has of the last minute", "file", path, "err", err)
		return nil
	}
	return known
}

// recallFormulas has the jobs of d, which are new, go on with what is remembered: by the jobs before, or else by the process
// before.
func (b *Bridge) recallFormulas(d, before *compiled, dataDir string) {
	if d.values == nil {
		return
	}
	var text []byte
	switch {
	case before != nil:
		text = before.formulaMemory()
	default:
		if !b.formulasRead {
			b.formulas, b.formulasRead = b.readFormulas(dataDir), true
		}
		text = b.formulas[d.conf.Name]
	}
	for _, j := range d.jobs {
		j.Compute.Recall(text)
	}
}

// formulaMemory is what the formulas of d remember; nil: nothing.
func (d *compiled) formulaMemory() (text []byte) {
	for _, j := range d.jobs {
		text = append(text, j.Compute.Memory()...)
	}
	return text
}

// keepFormulas writes what formulas remember every second or, when it is much, every few, until ctx ends, and once more then. Until then
// it writes what they remembered the time before: a kill must not find in the file what it does not find in the journal.
func (b *Bridge) keepFormulas(ctx context.Context) {
	tick := time.NewTicker(checkpointEvery)
	defer tick.Stop()
	var written []byte
	var before *memories
	var next time.Time
	failed := false
	for last := false; !last; {
		select {
		case <-tick.C:
		case <-ctx.Done():
			last = true
		}
		if !last && time.Now().Before(next) {
			continue
		}
		now, err := b.askFormulas()
		save := before
		if before = now; last {
			save = now
		}
		if err == nil && save != nil && (written == nil || !bytes.Equal(save.text, written)) {
			if err = writeLearned(save.path, save.dated); err == nil {
				written = save.text
			}
		}
		if err != nil && !failed {
			b.o.Log.Warn("what formulas remember of values before is not kept", "err", err)
		}
		failed, next = err != nil, time.Now().Add(nextCheckpoint(len(written)))
	}
}

// memories are what formulas remember at a time.
type memories struct {
	path        string // of the file that is to have it
	text, dated []byte // without and with the time; nil: nothing
}

// askFormulas asks all of them what they remember.
func (b *Bridge) askFormulas() (*memories, error) {
	s, at := b.now.Load(), time.Now()
	r := &memories{path: filepath.Join(s.cfg.Bridge.DataDir, formulasFile)}
	all := map[string][]byte{}
	for name, d := range s.compiled {
		if text := d.formulaMemory(); len(text) > 0 {
			all[name] = text
		}
	}
	if len(all) == 0 {
		return r, nil
	}
	var err error
	if r.text, err = json.Marshal(all); err == nil {
		all[""] = binary.LittleEndian.AppendUint64(nil, uint64(at.UnixNano()))
		r.dated, err = json.Marshal(all)
	}
	if err != nil {
		return nil, err
	}
	return r, nil
}
