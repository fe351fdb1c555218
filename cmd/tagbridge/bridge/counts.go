package bridge

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"tagbridge/drivers"
)

// How many polls of a device were made, came late and were missed is counted by its lane, as long as the process runs. Here
// that is added up over restarts, kills and reloads: in two files of the data directory, written by turns in place, so that
// one of them is whole at any time, and that a full disk takes the next figures as well.

const (
	countsEvery = time.Second                     // polls that are late or missed are written within it
	pollsEvery  = 15 * time.Second                // and others within this
	deviceAway  = 30 * 24 * time.Hour             // the counts of a device that is not in the configuration are kept for so long
	mostCounts  = 16 << 20                        // bytes of a file
	countsRoom  = 4096                            // a file is a multiple of it
	countsForm  = "counts.%d"                     // of the data directory
	countsHead  = "tagbridge-counts %016x %08x\n" // its number and the checksum of the rest
)

// Counts are the polls of a device since it was first there.
type Counts struct {
	Since  time.Time `json:"since"`
	Polls  uint64    `json:"polls"`
	Late   uint64    `json:"late"`   // left out as there was no time for them
	Missed uint64    `json:"missed"` // left out as the device was offline
}

// counted is a device's counts as they are kept.
type counted struct {
	Counts
	Seen time.Time `json:"seen"` // when it was in the configuration
	// lane is what of it the lane has counted that has read the device since that time of the process.
	lane  Counts
	began time.Duration
}

// counts adds up the counts of all devices.
type counts struct {
	dir string

	mu      sync.Mutex // guards the following
	devices map[string]*counted

	// The rest is keep's.
	number  uint64    // of the last file that was written
	written []byte    // what is in it
	grave   uint64    // all that were late or missed then
	at      time.Time // when it was looked whether there is something to write
}

// openCounts reads what the runs before have counted. What is damaged in both files is counted anew, and says since when.
func openCounts(dir string) *counts {
	c := &counts{dir: dir, devices: map[string]*counted{}}
	for i := range 2 {
		if devices, number, err := readCounts(c.path(i)); err == nil && number > c.number {
			c.devices, c.number = devices, number
		}
	}
	return c
}

func (c *counts) path(i int) string { return filepath.Join(c.dir, fmt.Sprintf(countsForm, i)) }

func readCounts(path string) (map[string]*counted, uint64, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, mostCounts))
	if err != nil {
		return nil, 0, err
	}
	return parseCounts(text)
}

// parseCounts reads a whole file.
func parseCounts(text []byte) (map[string]*counted, uint64, error) {
	head, rest, _ := bytes.Cut(text, []byte("\n"))
	words := bytes.Fields(head)
	if len(words) != 3 || string(words[0]) != "tagbridge-counts" {
		return nil, 0, errors.New("no counts")
	}
	number, err := strconv.ParseUint(string(words[1]), 16, 64)
	sum, err2 := strconv.ParseUint(string(words[2]), 16, 32)
	if err := errors.Join(err, err2); err != nil {
		return nil, 0, err
	}
	if crc32.ChecksumIEEE(rest) != uint32(sum) {
		return nil, 0, errors.New("counts are damaged")
	}
	devices := map[string]*counted{}
	if err := json.Unmarshal(rest, &devices); err != nil {
		return nil, 0, err
	}
	for name, d := range devices {
		if d == nil {
			delete(devices, name)
		}
	}
	return devices, number, nil
}

// of is d with what was counted before.
func (c *counts) of(d *drivers.DeviceState) Counts {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.add(d, time.Now()).Counts
}

// add takes over what d's lane has counted. The caller holds mu.
func (c *counts) add(d *drivers.DeviceState, now time.Time) *counted {
	k := c.devices[d.Name]
	if k == nil {
		k = &counted{Counts: Counts{Since: now.UTC().Round(0)}}
		c.devices[d.Name] = k
	}
	switch {
	case d.Began < k.began: // it was looked up before another lane took over
		return k
	case d.Began > k.began:
		k.lane, k.began = Counts{}, d.Began
	}
	k.Polls += d.Polls - min(d.Polls, k.lane.Polls)
	k.Late += d.Late - min(d.Late, k.lane.Late)
	k.Missed += d.Missed - min(d.Missed, k.lane.Missed)
	k.lane = Counts{Polls: max(d.Polls, k.lane.Polls), Late: max(d.Late, k.lane.Late), Missed: max(d.Missed, k.lane.Missed)}
	k.Seen = now.UTC().Truncate(time.Hour)
	return k
}

// keep takes over what the lanes of devices have counted, and writes it when it is time; with all, at once. It is called by
// one goroutine.
func (c *counts) keep(devices []drivers.DeviceState, now time.Time, all bool) error {
	text, grave, err := c.due(devices, now, all)
	if err != nil || text == nil {
		return err
	}
	if err := writeCounts(c.path(int((c.number+1)%2)), text, c.number+1); err != nil {
		return err
	}
	c.number++
	c.written, c.grave = text, grave
	return nil
}

// due is what is to be written, nil: nothing, and how many polls of it are late or missed.
func (c *counts) due(devices []drivers.DeviceState, now time.Time, all bool) (text []byte, grave uint64, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range devices {
		k := c.add(&devices[i], now)
		grave += k.Late + k.Missed
	}
	if since := now.Sub(c.at); grave == c.grave && !all && since >= 0 && since < pollsEvery {
		return nil, 0, nil
	}
	c.at = now
	for name, k := range c.devices {
		if now.Sub(k.Seen) > deviceAway {
			delete(c.devices, name)
		}
	}
	if text, err = json.Marshal(c.devices); bytes.Equal(text, c.written) {
		text = nil
	}
	return text, grave, err
}

// writeCounts writes a file over what was in it.
func writeCounts(path string, text []byte, number uint64) error {
	room := len(fmt.Sprintf(countsHead, 0, 0)) + len(text)
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o640)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil {
		return errors.Join(err, f.Close())
	}
	room = max((room+countsRoom-1)/countsRoom*countsRoom, int(min(info.Size(), mostCounts)))
	rest := append(text[:len(text):len(text)], bytes.Repeat([]byte(" "), room-len(text)-len(fmt.Sprintf(countsHead, 0, 0)))...)
	head := fmt.Sprintf(countsHead, number, crc32.ChecksumIEEE(rest))
	_, err = f.WriteAt(append([]byte(head), rest...), 0)
	return errors.Join(err, f.Sync(), f.Close())
}

// Counts are the polls of d since it was first there, over all restarts.
func (b *Bridge) Counts(d *drivers.DeviceState) Counts { return b.counts.of(d) }

// keepCounts keeps what lanes count, until ctx ends, and once more then.
func (b *Bridge) keepCounts(ctx context.Context) {
	tick := time.NewTicker(countsEvery)
	defer tick.Stop()
	failed := false
	for last := false; !last; {
		select {
		case <-tick.C:
		case <-ctx.Done():
			last = true
		}
		err := b.counts.keep(b.Devices(), time.Now(), last)
		if err != nil && !failed {
			b.o.Log.Warn("how many polls were late or missed is not kept", "err", err)
		}
		failed = err != nil
	}
}
