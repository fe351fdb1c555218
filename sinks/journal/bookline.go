package journal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"slices"
	"strconv"
	"time"

	"tagbridge/sinks"
)

// readBook reads all lines of f, and returns where they end. What is between them and no line is passed over.
func readBook(f file) (list []Loss, end, size int64, err error) {
	if size, err = f.Size(); err != nil {
		return nil, 0, 0, err
	}
	text := make([]byte, min(size, 4*bookMost))
	n, err := f.ReadAt(text, 0)
	if err != nil && !isContent(err) {
		return nil, 0, 0, err
	}
	text = text[:n]
	at := int64(0)
	for line := range bytes.Lines(text) {
		at += int64(len(line))
		if l, ok := parseLine(bytes.TrimLeft(line, "\x00")); ok {
			list, end = enter(list, l), at
		}
	}
	// What a kill has left of a line after the last whole one is written over, up to its end.
	return list, end, size, nil
}

func appendLines(dst []byte, list []Loss) []byte {
	for _, l := range list {
		dst = appendLine(dst, l)
	}
	return dst
}

func appendLine(dst []byte, l Loss) []byte {
	from := len(dst)
	text, err := json.Marshal(lossJSON{
		From: uint64(l.From), To: uint64(l.To), Samples: l.Samples, Reason: l.Reason,
		First: stamp(l.First), Last: stamp(l.Last), Noted: stamp(l.Noted),
	})
	if err != nil { // cannot be: it has numbers, times and a word
		return dst
	}
	dst = append(dst, text...)
	sum := crc32.Checksum(dst[from:], castagnoli)
	return fmt.Appendf(dst, "\t%08x\n", sum)
}

type lossJSON struct {
	From    uint64     `json:"from"`
	To      uint64     `json:"to"`
	Samples uint64     `json:"samples"`
	Reason  string     `json:"reason"`
	First   *time.Time `json:"first,omitempty"`
	Last    *time.Time `json:"last,omitempty"`
	Noted   *time.Time `json:"noted,omitempty"`
}

func stamp(t time.Time) *time.Time {
	if t.IsZero() || t.Year() < 1 || t.Year() > 9999 {
		return nil
	}
	t = t.UTC()
	return &t
}

// parseLine reads what appendLine wrote; false when b is not a whole line.
func parseLine(b []byte) (Loss, bool) {
	i := bytes.LastIndexByte(b, '\t')
	if i < 0 || len(b) > lineMost || len(b) != i+10 || b[len(b)-1] != '\n' {
		return Loss{}, false
	}
	sum, err := strconv.ParseUint(string(b[i+1:i+9]), 16, 32)
	if err != nil || uint32(sum) != crc32.Checksum(b[:i], castagnoli) {
		return Loss{}, false
	}
	var j lossJSON
	if json.Unmarshal(b[:i], &j) != nil || j.From >= j.To || j.To > maxPos || j.Samples > j.To-j.From || !slices.Contains(ReasonNames[:], j.Reason) {
		return Loss{}, false
	}
	l := Loss{From: sinks.Pos(j.From), To: sinks.Pos(j.To), Samples: j.Samples, Reason: j.Reason}
	for to, from := range map[*time.Time]*time.Time{&l.First: j.First, &l.Last: j.Last, &l.Noted: j.Noted} {
		if from != nil {
			*to = *from
		}
	}
	return l, true
}
