package sinks

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// RejectedSample is a sample that a sink refused, as it is kept aside. Its texts are those of devices.
type RejectedSample struct {
	Time    time.Time       `json:"time"` // when it was read
	Device  string          `json:"device"`
	Tag     string          `json:"tag"`
	Value   json.RawMessage `json:"value"` // as it would have been sent; null when it was bad
	Quality string          `json:"quality"`
	Unit    string          `json:"unit"`
	Reason  string          `json:"reason"` // why the sink refused it
}

// newestBytes is how much of the end of a file is read for its newest samples.
const newestBytes = 512 << 10

// NewestRejected reads from the folder of a sink's rejected samples those that were added last, newest first, and no more
// than most. A line that is damaged or half written is none. It may be called beside whoever adds to the folder.
func NewestRejected(dir string, most int) ([]RejectedSample, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	var list []RejectedSample
	for _, e := range slices.Backward(entries) { // names are numbers with leading zeros
		if fileNumber(e.Name()) == 0 || len(list) >= most {
			continue
		}
		end, err := endOf(filepath.Join(dir, e.Name()))
		if errors.Is(err, fs.ErrNotExist) {
			continue // it was rotated, or sent again
		} else if err != nil {
			return list, err
		}
		list = appendNewest(list, end, most)
	}
	return list, nil
}

// appendNewest appends what the lines of end have, from the last, until list has most.
func appendNewest(list []RejectedSample, end []byte, most int) []RejectedSample {
	lines := bytes.Split(end, []byte("\n"))
	for _, line := range slices.Backward(lines[:len(lines)-1]) { // after the last line feed is nothing, or half a line
		var s RejectedSample
		if len(list) >= most {
			break
		}
		if json.Unmarshal(line, &s) == nil && !s.Time.IsZero() {
			list = append(list, s)
		}
	}
	return list
}

// endOf is the last newestBytes of a file.
func endOf(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil {
		return nil, err
	} else if info.Size() > newestBytes {
		if _, err := f.Seek(-newestBytes, io.SeekEnd); err != nil {
			return nil, err
		}
	}
	return io.ReadAll(io.LimitReader(f, newestBytes))
}
