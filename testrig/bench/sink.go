package main

import (
	"encoding/json"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"tagbridge/testrig/influxd"
)

// sinkReport is what the InfluxDB stand-in saw.
type sinkReport struct {
	Writes   int   `json:"writes"`
	Bytes    int64 `json:"bytes"`
	ThawedAt int64 `json:"thawed_at"` // when the first write after a thaw came
}

// runSink serves an InfluxDB stand-in that counts and forgets; "down" makes it answer 503, "up" ends that.
func runSink(string) error {
	s := influxd.New(influxd.Options{Keep: influxd.KeepCount})
	var mu sync.Mutex
	var first int64
	down := false
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		if first == 0 && !down {
			first = time.Now().UnixNano()
		}
		mu.Unlock()
		s.ServeHTTP(w, r)
	})
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	go http.Serve(ln, h)
	if err := json.NewEncoder(os.Stdout).Encode("http://" + ln.Addr().String()); err != nil {
		return err
	}
	return serveOrders(func(o order) any {
		mu.Lock()
		defer mu.Unlock()
		switch o.Do {
		case "down":
			down = true
			s.Always(influxd.Step{Status: http.StatusServiceUnavailable, RetryAfter: "1", Message: "down"})
		case "up":
			down, first = false, 0
			s.Always(influxd.Step{})
		}
		c := s.Count()
		return sinkReport{Writes: c.Writes, Bytes: c.Bytes, ThawedAt: first}
	})
}
