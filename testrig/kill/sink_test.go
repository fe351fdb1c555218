package kill

import (
	"context"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"tagbridge/testrig/influxd"
)

// sink is an InfluxDB stand-in that remembers which points came with which write, and in which run of the bridge.
type sink struct {
	*influxd.Server

	mu     sync.Mutex
	runs   []time.Time
	record []write
}

// write is one request of which points were stored.
type write struct {
	run    int
	acked  bool // answered with success, as far as this end can tell
	points []influxd.Point
}

func newSink(t *testing.T) (*sink, string) {
	s := &sink{Server: influxd.New(influxd.Options{})}
	var one sync.Mutex // so that points can be told apart by write
	h := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		run := r.Context().Value(runKey{}).(int)
		one.Lock()
		defer one.Unlock()
		before := len(s.Points())
		answer := &answered{ResponseWriter: w}
		defer func() {
			s.add(write{run, answer.status == http.StatusNoContent, s.Points()[before:]})
		}()
		s.ServeHTTP(answer, r)
	}))
	// What a bridge that was killed has sent may be dealt with while the next one runs already.
	h.Config.ConnContext = func(ctx context.Context, _ net.Conn) context.Context {
		s.mu.Lock()
		defer s.mu.Unlock()
		return context.WithValue(ctx, runKey{}, len(s.runs)-1)
	}
	h.Start()
	t.Cleanup(h.Close)
	return s, h.URL
}

// runKey is the key of a connection's run.
type runKey struct{}

// answered notes the status.
type answered struct {
	http.ResponseWriter
	status int
}

func (a *answered) WriteHeader(status int) {
	a.status = status
	a.ResponseWriter.WriteHeader(status)
}

// began notes that a bridge is started.
func (s *sink) began(at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.runs = append(s.runs, at)
}

func (s *sink) add(w write) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(w.points) > 0 {
		s.record = append(s.record, w)
	}
}

// writes are those that stored something, in their order.
func (s *sink) writes() []write {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]write(nil), s.record...)
}

// trouble decides how the sink behaves during the next run.
func (s *sink) trouble(chance *rand.Rand) {
	s.Always(influxd.Step{})
	steps := make([]influxd.Step, chance.IntN(6))
	for i := range steps {
		steps[i] = []influxd.Step{
			{}, {Status: 503}, {Status: 500, Store: true}, {Cut: true}, {Cut: true, Store: true}, {Latency: 50 * time.Millisecond}, {Status: 429},
		}[chance.IntN(7)]
	}
	s.Script(steps...)
	if chance.IntN(3) == 0 {
		s.Always(influxd.Step{Status: 503}) // down for the whole run
	}
}
