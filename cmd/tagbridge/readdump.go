package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"os"

	"tagbridge/mapping"
	"tagbridge/mapping/config"
	"tagbridge/mapping/dump"
)

// exceptionOf is which exception gives values of these qualities.
var exceptionOf = map[string]uint8{
	mapping.BadNotSupported.String(): 1, mapping.BadConfigurationError.String(): 2, mapping.BadOutOfRange.String(): 3,
	mapping.BadDeviceFailure.String(): 4, mapping.BadResourceUnavailable.String(): 6, mapping.BadNoCommunication.String(): 11,
}

// recording is a dump that grows.
type recording struct {
	file   string
	device *config.Device
}

// add appends list, which was read at the time of s, to the dump; the first makes it anew.
func (r recording) add(first bool, s dump.Snapshot, list []readingJSON) error {
	d := r.device
	held := map[mapping.Extent]bool{}
	for i, t := range d.Tags {
		if i >= len(list) {
			break
		}
		if t.IsComputed() {
			continue
		}
		if t.Typed() {
			return errors.New("--dump is for devices with registers")
		}
		if t.Wide {
			return errors.New("a dump holds registers of two bytes: those of a device with register_bytes: 4 do not go into it")
		}
		e := mapping.Extent{Table: t.Address.Table, First: int(t.Address.Number), Count: max(t.Registers(), 1)}
		if held[e] {
			continue
		}
		held[e] = true
		raw, err := hex.DecodeString(list[i].Raw)
		if err != nil || list[i].Raw == "" {
			s.Refusals = append(s.Refusals, dump.Refusal{Unit: d.Unit(), Table: e.Table, First: e.First, Last: e.Last(), Exception: exceptionOf[list[i].Quality]})
			continue
		}
		a := dump.Area{Unit: d.Unit(), Table: e.Table, First: e.First}
		for at := 0; at < len(raw); {
			if e.Table.IsBits() {
				a.Values = append(a.Values, uint16(raw[at]))
				at++
				continue
			}
			a.Values = append(a.Values, uint16(raw[at])<<8|uint16(raw[at+1]))
			at += 2
		}
		s.Areas = append(s.Areas, a)
	}
	flags := os.O_WRONLY | os.O_CREATE | os.O_APPEND
	if first {
		flags = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	}
	f, err := os.OpenFile(r.file, flags, 0o640)
	if err != nil {
		return fmt.Errorf("write dump: %w", err)
	}
	joined := s.Joined()
	_, err = f.Write(dump.AppendSnapshot(nil, &joined))
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("write dump: %w", err)
	}
	return nil
}
