package bridge

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"tagbridge/drivers"
	"tagbridge/drivers/modbus"
	"tagbridge/mapping/config"
)

// What splitting blocks found out about a device is kept in data_dir/learned/DEVICE.json, so that a restart does not
// have to find it out again. Losing such a file costs a few requests and nothing else.

// learnedEvery is how often what is new is written.
const learnedEvery = time.Minute

func learnedFile(dataDir, device string) string {
	return filepath.Join(dataDir, "learned", device+".json")
}

// Recall gives jobs, which have not been used, what was learned about d before. A file that cannot be read, or is not
// of this address, says nothing.
func Recall(dataDir string, d *config.Device, jobs []*drivers.Job) {
	var kept learnedJSON
	text, err := os.ReadFile(learnedFile(dataDir, d.Name))
	if err != nil || json.Unmarshal(text, &kept) != nil || kept.Of != identity(d) {
		return
	}
	for _, j := range jobs {
		if p, ok := j.Work.(*modbus.Plan); ok {
			p.Recall(kept.Cuts, time.Now())
		}
	}
}

// learnedJSON is a file of what was learned.
type learnedJSON struct {
	Of   string       `json:"of"` // the device: another one at another address knows nothing of this
	Cuts []modbus.Cut `json:"cuts"`
}

func identity(d *config.Device) string { return fmt.Sprintf("%s unit %d", d.Endpoint.Key, d.UnitID) }

// Learned is what the jobs of a device know, by place.
func Learned(jobs []*drivers.Job) []modbus.Cut {
	cuts := []modbus.Cut{}
	for _, j := range jobs {
		if p, ok := j.Work.(*modbus.Plan); ok {
			for _, c := range p.Learned() {
				if !slices.Contains(cuts, c) {
					cuts = append(cuts, c)
				}
			}
		}
	}
	return cuts
}

// keepLearned writes what was learned now and then, until ctx ends, and once more then.
func (b *Bridge) keepLearned(ctx context.Context) {
	tick := time.NewTicker(learnedEvery)
	defer tick.Stop()
	for written := map[string][]byte{}; ; {
		select {
		case <-tick.C:
			b.saveLearned(written)
		case <-ctx.Done():
			b.saveLearned(written)
			return
		}
	}
}

// saveLearned writes the files that are not as written says.
func (b *Bridge) saveLearned(written map[string][]byte) {
	s := b.now.Load()
	for name, st := range s.stations {
		if st.conf.Driver != "modbus" {
			continue
		}
		text, err := json.Marshal(learnedJSON{Of: identity(st.conf), Cuts: Learned(st.jobs)})
		if err == nil && !bytes.Equal(text, written[name]) {
			err = writeLearned(learnedFile(s.cfg.Bridge.DataDir, name), text, len(Learned(st.jobs)) == 0)
		}
		if err != nil {
			b.o.Log.Warn("what was learned is not kept", "device", name, "err", err)
			continue
		}
		written[name] = text
	}
}

// writeLearned replaces the file, or with nothing in it removes it.
func writeLearned(path string, text []byte, empty bool) error {
	if empty {
		if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return err
	}
	if err := os.WriteFile(path+".tmp", text, 0o640); err != nil {
		return err
	}
	return os.Rename(path+".tmp", path)
}
