package main

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"slices"
	"sync"
	"time"

	"tagbridge/mapping"
	"tagbridge/mapping/config"
	"tagbridge/mapping/dump"
)

// relay answers Modbus requests on the loopback out of the registers of a source: what reads a device over a connection reads
// them so, with all that a map can say. It answers one connection at a time.
type relay struct {
	source   registerSource
	unit     int
	listener net.Listener
	ended    sync.WaitGroup

	mu    sync.Mutex // guards the rest
	known dump.Snapshot
	took  time.Duration // the longest that an answer took
	err   error         // why registers were not to be had, the last time
}

// Exceptions that a relay answers with where the source says nothing else.
const (
	targetSilent = 11
)

func startRelay(ctx context.Context, source registerSource, unit int) (*relay, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &relay{source: source, unit: unit, listener: listener}
	context.AfterFunc(ctx, func() { listener.Close() })
	r.ended.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			stop := context.AfterFunc(ctx, func() { conn.Close() })
			r.serve(ctx, conn)
			stop()
			conn.Close()
		}
	})
	return r, nil
}

// reach has d be asked through r, at its leisure: the bridge has its own timeouts and retries.
func (r *relay) reach(d *config.Device) {
	address := r.listener.Addr().String()
	d.Endpoint = config.Endpoint{Transport: "tcp", Address: address, Key: "tcp://" + address, Connections: 1}
	d.Timeout, d.Retries = askTime, 0
}

// forget has registers be read anew.
func (r *relay) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.known, r.took, r.err = dump.Snapshot{}, 0, nil
}

// failed is why registers were not to be had since forget; took is how long the device took for an answer, 0 where that is not
// known.
func (r *relay) failed() (took time.Duration, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.took, r.err
}

func (r *relay) serve(ctx context.Context, conn net.Conn) {
	var head [7]byte
	var pdu [253]byte
	for {
		if _, err := io.ReadFull(conn, head[:]); err != nil {
			return
		}
		n := int(binary.BigEndian.Uint16(head[4:])) - 1
		if n < 1 || n > len(pdu) {
			return
		}
		if _, err := io.ReadFull(conn, pdu[:n]); err != nil {
			return
		}
		answer := r.answer(ctx, pdu[:n])
		binary.BigEndian.PutUint16(head[4:], uint16(len(answer)+1))
		if _, err := conn.Write(append(head[:], answer...)); err != nil {
			return
		}
	}
}

// answer is the answer to a request.
func (r *relay) answer(ctx context.Context, pdu []byte) []byte {
	tables := [...]mapping.Table{1: mapping.Coil, 2: mapping.Discrete, 3: mapping.Holding, 4: mapping.Input}
	function := pdu[0]
	if len(pdu) != 5 || function < 1 || int(function) >= len(tables) {
		return []byte{function | 0x80, 1}
	}
	e := mapping.Extent{Table: tables[function], First: int(binary.BigEndian.Uint16(pdu[1:])), Count: int(binary.BigEndian.Uint16(pdu[3:]))}
	if e.Count < 1 || e.Count > 2000 || e.Last() > 0xFFFF {
		return []byte{function | 0x80, 3}
	}
	values, exception := r.read(ctx, e)
	if exception != 0 {
		return []byte{function | 0x80, exception}
	}
	var data []byte
	if e.Table.IsBits() {
		data = make([]byte, (len(values)+7)/8)
		for i, v := range values {
			data[i/8] |= byte(v&1) << (i % 8)
		}
	} else {
		for _, v := range values {
			data = binary.BigEndian.AppendUint16(data, v)
		}
	}
	return append([]byte{function, byte(len(data))}, data...)
}

// read is what e holds, or the exception that it is refused with. What was read or refused before is not asked for again: a
// block that is refused is asked for in parts.
func (r *relay) read(ctx context.Context, e mapping.Extent) (values []uint16, exception uint8) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if values, exception, ok := r.find(e); ok {
		return values, exception
	}
	record, err := r.source.record(ctx, []mapping.Extent{e})
	if err != nil {
		r.err = err
		if len(record.Snapshot.Areas)+len(record.Snapshot.Refusals) == 0 {
			return nil, targetSilent
		}
	}
	r.took = max(r.took, record.Snapshot.Took)
	r.known.Areas = append(r.known.Areas, record.Snapshot.Areas...)
	r.known.Refusals = append(r.known.Refusals, record.Snapshot.Refusals...)
	if values, exception, ok := r.find(e); ok {
		return values, exception
	}
	if r.err == nil {
		r.err = errors.New("the bridge does not say what is in " + e.String() + ": is it of this version?")
	}
	return nil, targetSilent
}

// find is what is known of e; ok is false when that is not all.
func (r *relay) find(e mapping.Extent) (values []uint16, exception uint8, ok bool) {
	for _, x := range r.known.Refusals {
		if x.Unit == r.unit && x.Table == e.Table && x.First <= e.Last() && e.First <= x.Last {
			if x.Exception == 0 {
				return nil, targetSilent, true
			}
			return nil, x.Exception, true
		}
	}
	joined := r.known.Joined()
	i := slices.IndexFunc(joined.Areas, func(a dump.Area) bool {
		return a.Unit == r.unit && a.Table == e.Table && a.First <= e.First && e.Last() < a.End()
	})
	if i < 0 {
		return nil, 0, false
	}
	a := &joined.Areas[i]
	return a.Values[e.First-a.First : e.Last()+1-a.First], 0, true
}

// close ends r and its source.
func (r *relay) close() {
	r.listener.Close()
	r.ended.Wait()
	r.source.close()
}
