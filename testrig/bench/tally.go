package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"
)

// tally is how many values were stored, by device and time. Writes are kept as they came and counted when it is over, so
// that counting does not take the time of what is measured.
type tally struct {
	mu     sync.Mutex
	bodies [][]byte // packed
	values map[string]map[int64]int
}

// runTally serves an InfluxDB stand-in that counts values; whatever it is asked, it answers with all counts.
func runTally(string) error {
	t := &tally{values: make(map[string]map[int64]int)}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	go http.Serve(ln, t)
	if err := json.NewEncoder(os.Stdout).Encode("http://" + ln.Addr().String()); err != nil {
		return err
	}
	return serveOrders(func(order) any {
		t.mu.Lock()
		defer t.mu.Unlock()
		for _, b := range t.bodies {
			if err := t.count(b); err != nil {
				return err.Error() // which nobody takes for counts
			}
		}
		t.bodies = nil
		return t.values // encoded after it is unlocked: it is asked when nothing comes any more
	})
}

// ServeHTTP takes writes and says that all is well to anything else.
func (t *tally) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPost {
		if err := t.write(r); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
	}
	w.WriteHeader(http.StatusNoContent)
}

func (t *tally) write(r *http.Request) error {
	p, packing := r.URL.Query().Get("precision"), r.Header.Get("Content-Encoding")
	if p != "ms" || packing != "gzip" {
		return fmt.Errorf("precision %q, encoding %q: only ms and gzip", p, packing)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.bodies = append(t.bodies, body)
	return nil
}

func (t *tally) count(packed []byte) error {
	in, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return err
	}
	body, err := io.ReadAll(in)
	if err != nil {
		return err
	}
	for line := range bytes.Lines(body) {
		if err := t.add(bytes.TrimSpace(line)); err != nil {
			return err
		}
	}
	return nil
}

// add counts the values of a line, which has no blanks but those between its three parts. Qualities are no values, and
// what the bridge says of itself, in the measurement tagbridge, is not of a device's.
func (t *tally) add(line []byte) error {
	if bytes.HasPrefix(line, []byte("tagbridge,")) {
		return nil
	}
	series, rest, _ := bytes.Cut(line, []byte(" "))
	fields, stamp, ok := bytes.Cut(rest, []byte(" "))
	_, device, named := bytes.Cut(series, []byte(",device="))
	at, err := strconv.ParseInt(string(stamp), 10, 64)
	if !ok || !named || err != nil {
		return fmt.Errorf("line %q", line)
	}
	device, _, _ = bytes.Cut(device, []byte(","))
	times := t.values[string(device)]
	if times == nil {
		times = make(map[int64]int)
		t.values[string(device)] = times
	}
	times[at*int64(time.Millisecond)] += bytes.Count(fields, []byte("=")) - bytes.Count(fields, []byte(".quality="))
	return nil
}
