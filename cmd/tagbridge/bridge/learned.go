package bridge

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"tagbridge/drivers"
	"tagbridge/mapping/config"
)

// What a protocol found out about a device is kept in data_dir/learned/DEVICE.json, so that a restart does not have to
// find it out again. Losing such a file costs a few requests and nothing else.

// learnedEvery is how often what is new is written.
const learnedEvery = time.Minute

func learnedFile(dataDir, device string) string {
	return filepath.Join(dataDir, "learned", device+".json")
}

// Recall gives jobs of d, which have not been used, what was learned about d before. A file that cannot be read says
// nothing.
func Recall(dataDir string, d *config.Device, jobs []*drivers.Job) {
	of := compiled{conf: d, protocol: newProtocols().of(d), jobs: jobs}
	of.recallFrom(dataDir)
}

func (d *compiled) recallFrom(dataDir string) {
	l, ok := d.protocol.(learner)
	if !ok {
		return
	}
	if text, err := os.ReadFile(learnedFile(dataDir, d.conf.Name)); err == nil {
		l.recall(d.conf, d.jobs, text)
	}
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
	for name, d := range s.compiled {
		l, ok := d.protocol.(learner)
		if !ok {
			continue
		}
		text := l.learned(d.conf, d.jobs)
		if was, ok := written[name]; ok && bytes.Equal(text, was) {
			continue
		}
		if err := writeLearned(learnedFile(s.cfg.Bridge.DataDir, name), text); err != nil {
			b.o.Log.Warn("what was learned is not kept", "device", name, "err", err)
			continue
		}
		written[name] = text
	}
}

// writeLearned replaces the file, or without a text removes it.
func writeLearned(path string, text []byte) error {
	if text == nil {
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
