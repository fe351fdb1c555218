package journal

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"maps"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"tagbridge/sinks"
)

// contents are what processes see of a folder.
func (d *memFolder) contents() map[string]string {
	d.mu.Lock()
	defer d.mu.Unlock()
	all := make(map[string]string)
	for name, f := range d.files {
		all[name] = string(f.data)
	}
	return all
}

// damages are kinds of damage to a folder of three segments.
var damages = map[string]func(d *memFolder){
	"none":              func(*memFolder) {},
	"end cut":           func(d *memFolder) { f := lastSegment(d); f.data = f.data[:len(f.data)-3] },
	"zeros at the end":  func(d *memFolder) { f := lastSegment(d); f.data = append(f.data, make([]byte, 5000)...) },
	"bit of the first":  func(d *memFolder) { f := firstSegment(d); f.data[len(f.data)/2] ^= 1 },
	"bit of the last":   func(d *memFolder) { f := lastSegment(d); f.data[len(f.data)/2] ^= 1 },
	"last one headless": func(d *memFolder) { f := lastSegment(d); f.data = f.data[:10] },
	"last one empty":    func(d *memFolder) { lastSegment(d).data = nil },
	"first one missing": func(d *memFolder) { d.Remove(firstSegment(d).name) },
	"cursor garbled":    func(d *memFolder) { d.files["s.cursor"].data[20] ^= 1 },
}

// TestEveryCallFailsOnce lets each call that a journal makes of its folder fail once, with every kind of damage: the
// journal opens, or does not and opens the next time, and what comes out at the end is what comes without the failure.
func TestEveryCallFailsOnce(t *testing.T) {
	for name, damage := range damages {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				whole, _ := damageable(t, 3, 6)
				damage(whole)
				want, calls := life(t, whole.kill(), -1)
				for n := range calls {
					got, _ := life(t, whole.kill(), n)
					if !slices.Equal(got, want) {
						t.Fatalf("call %d of %d fails: %v, want %v", n, calls, got, want)
					}
				}
			})
		})
	}
}

// life opens d, reads everything and acknowledges it, and returns the samples. Call number fails fails.
func life(t *testing.T, d *memFolder, fails int) (seen []int64, calls int) {
	t.Helper()
	failed := ""
	d.fail = func(op, name string) error {
		calls++
		if calls-1 == fails {
			failed = op + " " + name
			return syscall.EIO
		}
		return nil
	}
	before := d.contents()
	j := newJournal(Options{Sync: time.Second})
	if err := (opening{j}).recover(d); err != nil {
		if !errors.Is(err, syscall.EIO) {
			t.Fatalf("%s fails: %v", failed, err)
		}
		if strings.HasPrefix(failed, "read") || strings.HasPrefix(failed, "size") || strings.HasPrefix(failed, "open") {
			checkKept(t, failed, before, d.contents())
		}
		j = openOn(t, d, Options{})
	}
	p, _ := j.Start("s", "start")
	var v sinks.View
	for p < j.End() {
		next, err := j.Next(t.Context(), p, everything, &v)
		if err != nil {
			t.Fatalf("%s fails: %v", failed, err)
		}
		all := collect(nil, &v)
		seen, p = append(seen, values(all)...), next
		j.Ack("s", p, sinks.Dealt{})
	}
	disk{j}.sync()
	tidier{j}.retain(t.Context())
	disk{j}.sync()
	if fails < 0 {
		return seen, calls
	}
	d.fail = nil
	if err := j.Close(); err != nil {
		t.Errorf("%s fails: %v", failed, err)
	}
	return seen, calls
}

// checkKept sees that all of before is still there, be it under other names.
func checkKept(t *testing.T, failed string, before, after map[string]string) {
	t.Helper()
	var all strings.Builder
	for _, name := range slices.Sorted(maps.Keys(after)) {
		all.WriteString(after[name])
	}
	for name, data := range before {
		if !strings.Contains(all.String(), data) && after[name] != data {
			t.Fatalf("%s fails: %s is not there any more", failed, name)
		}
	}
}

// TestReadsFailForAWhile reads a long segment from a disk that is gone for a while: nothing is given up.
func TestReadsFailForAWhile(t *testing.T) {
	for _, gone := range []time.Duration{time.Second, 10 * time.Minute} {
		synctest.Test(t, func(t *testing.T) {
			d, samples := damageable(t, 1, 5000)
			j := openOn(t, d, Options{})
			p, _ := j.Start("s", "start")
			began := time.Now()
			d.fail = func(op, _ string) error {
				if op == "read" && time.Since(began) < gone {
					return syscall.EIO
				}
				return nil
			}
			seen, _ := readAll(t, j, p)
			if len(seen) != samples || droppedOf(t, j, "s") > 0 {
				t.Errorf("gone for %v: %d of %d samples, dropped %v", gone, len(seen), samples, statOf(t, j, "s").Dropped)
			}
		})
	}
}

// TestBadBlock has a block that never can be read: after a while it counts as damage, and everything else comes.
func TestBadBlock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, samples := damageable(t, 2, 1500)
		j := openOn(t, d, Options{})
		p, _ := j.Start("s", "start")
		first := firstSegment(d)
		first.bad = [2]int64{8192, 12288}
		began := time.Now()
		seen, lost := readAll(t, j, p)
		if lost == 0 || len(seen)+int(lost) != samples || len(seen) < samples*9/10 || statOf(t, j, "s").Dropped["damage"] != lost {
			t.Errorf("%d of %d samples, lost %d, counted %v", len(seen), samples, lost, statOf(t, j, "s").Dropped)
		}
		if d := time.Since(began); d < patienceMost || d > 2*patienceMost {
			t.Errorf("it was given up after %v", d)
		}
	})
}

// readAll reads all there is for sink s, as long as it takes.
func readAll(t *testing.T, j *Journal, p sinks.Pos) (seen []int64, lost uint64) {
	t.Helper()
	var v sinks.View
	for p < j.End() {
		next, err := j.Next(t.Context(), p, everything, &v)
		if err != nil {
			t.Fatal(err)
		}
		seen, p, lost = append(seen, values(collect(nil, &v))...), next, lost+v.Lost
	}
	return seen, lost
}

// TestUnknownFormatIsLeftAlone opens folders that a later version has written to.
func TestUnknownFormatIsLeftAlone(t *testing.T) {
	for what, change := range map[string]func(d *memFolder){
		"version": func(d *memFolder) {
			f := lastSegment(d)
			binary.LittleEndian.PutUint32(f.data[headerSize:], formatVersion+1)
			binary.LittleEndian.PutUint32(f.data[16:], crc32.Checksum(f.data[headerSize:headerSize+segmentHead], castagnoli))
			binary.LittleEndian.PutUint32(f.data[20:], crc32.Checksum(f.data[:20], castagnoli))
		},
		"magic": func(d *memFolder) {
			for off, f := 0, lastSegment(d); off+headerSize <= len(f.data); {
				h := peek(f.data[off:])
				f.data[off]++
				off += headerSize + h.size
			}
		},
		"cursor": func(d *memFolder) {
			for slot, f := 0, d.files["s.cursor"]; slot*slotStride < len(f.data); slot++ {
				f.data[slot*slotStride+3] = '2'
			}
		},
	} {
		d, _ := damageable(t, 3, 12)
		f := firstSegment(d)
		f.data = append(f.data, magic, 9, 9)
		last := lastSegment(d)
		last.data = append(last.data, magic, 9, 9) // something to be mended, if it were ours
		change(d)
		before := d.contents()
		if err := (opening{newJournal(Options{})}).recover(d); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: error %v, want that the format is not known", what, err)
		}
		if !maps.Equal(before, d.contents()) {
			t.Errorf("%s: the folder was changed", what)
		}
	}
}

// TestUnfinishedEndIsNotCutUncopied cannot write what it would cut off.
func TestUnfinishedEndIsNotCutUncopied(t *testing.T) {
	d, _ := damageable(t, 2, 12)
	f := lastSegment(d)
	f.data = append(f.data, bytes.Repeat([]byte{7}, 100)...)
	before := slices.Clone(f.data)
	d.fail = func(op, name string) error {
		if op == "write" && strings.HasSuffix(name, corruptSuffix) {
			return syscall.ENOSPC
		}
		return nil
	}
	openOn(t, d, Options{})
	if !bytes.Equal(f.data, before) {
		t.Error("it was cut off all the same")
	}
}

// TestCursorOfAnotherSink has the file of one sink in place of that of another, as an operator may copy it.
func TestCursorOfAnotherSink(t *testing.T) {
	d, samples := damageable(t, 2, 12)
	j := openOn(t, d, Options{})
	p, _ := j.Start("s", "start")
	j.Start("t", "start")
	drain(t, j, p, everything)
	j.Close()
	d = d.kill()
	d.put("t.cursor", d.files["s.cursor"].data)
	j = openOn(t, d, Options{})
	if p, fresh := j.Start("t", "now"); int(p) != 0 || !fresh {
		t.Errorf("it begins at %d of %d, fresh %v, want all there is", p, samples, fresh)
	}
}
