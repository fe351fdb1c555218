package influx

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/bits"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"tagbridge/mapping"
	"tagbridge/sinks"
	"tagbridge/testrig/influxd"
)

// oneShot is a log that holds some batches and ends.
type oneShot struct {
	mu      sync.Mutex
	batches []*mapping.Batch
	end     sinks.Pos
	acked   sinks.Pos
	done    chan struct{}
}

func newOneShot(batches ...*mapping.Batch) *oneShot {
	l := &oneShot{batches: batches, done: make(chan struct{})}
	for _, b := range batches {
		l.end += sinks.Pos(len(b.Samples))
	}
	return l
}

func (l *oneShot) Next(ctx context.Context, p sinks.Pos, _ sinks.Query, v *sinks.View) (sinks.Pos, error) {
	v.Reset()
	if p == l.end {
		<-ctx.Done()
		return p, ctx.Err()
	}
	for _, b := range l.batches {
		v.Append(b, nil)
	}
	return l.end, nil
}

func (l *oneShot) Ack(_ string, p sinks.Pos, _ sinks.Dealt) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.acked = p; p == l.end {
		close(l.done)
	}
	return nil
}

func (l *oneShot) End() sinks.Pos { return l.end }

// deliver runs a forwarder until everything is acknowledged.
func deliver(t *testing.T, s *Sink, dir string, batches ...*mapping.Batch) sinks.Stats {
	t.Helper()
	l := newOneShot(batches...)
	f := sinks.NewForwarder(sinks.ForwarderOptions{
		Name: "historian", Log: l, Sink: s,
		Reject: sinks.NewRejects(sinks.RejectsOptions{Dir: dir, MaxSize: 1 << 20}),
	})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- f.Run(ctx) }()
	<-l.done
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	return f.Stats()
}

func TestOneRefusedFieldOfThousands(t *testing.T) {
	const n = 5000
	db, url := server(t, influxd.Options{})
	db.Refuse("f3217")
	dir := t.TempDir()
	stats := deliver(t, open(t, Options{URL: url}), dir, batch(group(n), 1e18, 1))
	if stats.Delivered != n-1 || stats.Rejected != 1 {
		t.Errorf("delivered %d, rejected %d of %d", stats.Delivered, stats.Rejected, n)
	}
	if c := db.Count(); c.Writes > 2*bits.Len(n)+1 || c.Values < n-1 || c.Malformed != 0 {
		t.Errorf("the server counted %+v, want at most %d writes", c, 2*bits.Len(n)+1)
	}
	text, err := os.ReadFile(filepath.Join(dir, "00000001.jsonl"))
	if err != nil || bytes.Count(text, []byte("\n")) != 1 || !bytes.Contains(text, []byte(`"tag":"f3217","value":3218`)) ||
		!bytes.Contains(text, []byte("refused as told")) {
		t.Errorf("the reject store holds %q, %v", text, err)
	}
}

func TestFieldOfAnotherType(t *testing.T) {
	db, url := server(t, influxd.Options{})
	s := open(t, Options{URL: url})
	if err := send(s); err != nil { // f0 is an integer now
		t.Fatal(err)
	}
	g := group(100)
	g.Series[0].Kind = mapping.Int
	b := batch(g, 1e18, 1)
	b.Samples[0].Kind = mapping.Int
	stats := deliver(t, s, t.TempDir(), b)
	if stats.Delivered != 99 || stats.Rejected != 1 {
		t.Errorf("delivered %d, rejected %d", stats.Delivered, stats.Rejected)
	}
	got := make(map[string]any)
	for _, p := range db.Points() {
		for _, f := range p.Fields {
			got[f.Name] = f.Value
		}
	}
	for i := 1; i < 100; i++ {
		if name := fmt.Sprintf("f%d", i); got[name] != int64(1+i) {
			t.Errorf("%s = %v, want %d", name, got[name], 1+i)
		}
	}
}

func TestEveryFaultInTurn(t *testing.T) {
	db, url := server(t, influxd.Options{MaxBody: 2000})
	db.Script(influxd.Step{Status: 503}, influxd.Step{Cut: true, Store: true}, influxd.Step{Status: 429, RetryAfter: "0"})
	stats := deliver(t, open(t, Options{URL: url}), t.TempDir(), batch(group(500), 1e18, 1))
	if stats.Delivered != 500 || stats.Rejected != 0 || stats.Retries != 3 {
		t.Errorf("stats %+v", stats)
	}
	if c := db.Count(); c.Malformed != 0 || c.Changed != 0 || c.Values < 500 {
		t.Errorf("the server counted %+v", c)
	}
}

// TestAnswerBeforeTheBodyIsRead lets a server answer and close before it has read what comes: what is sent next is
// not garbled by the reader of the first that is still at it.
func TestAnswerBeforeTheBodyIsRead(t *testing.T) {
	early := true
	var bodies []string
	h := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if early = !early; !early {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		text, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		bodies = append(bodies, string(text))
		w.WriteHeader(http.StatusNoContent)
	}))
	defer h.Close()
	s := open(t, Options{URL: h.URL})
	v := view(batch(group(20_000), 1e18, 1))
	for range 10 {
		_, err := s.Send(context.Background(), v)
		if err == nil {
			t.Fatal("the early answer was no error")
		}
		if _, err := s.Send(context.Background(), v); err != nil {
			t.Fatal(err)
		}
	}
	for _, text := range bodies {
		if text != bodies[0] || !strings.HasSuffix(text, " 1000000000000000000\n") {
			t.Fatalf("bodies of %d and %d bytes differ", len(text), len(bodies[0]))
		}
	}
}

// TestConnectionCutInTheBody ends the connection while a body is sent.
func TestConnectionCutInTheBody(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var server sync.WaitGroup
	server.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = io.CopyN(io.Discard, conn, 1000)
			conn.Close()
		}
	})
	defer server.Wait()
	defer l.Close()
	s := open(t, Options{URL: "http://" + l.Addr().String()})
	for range 3 {
		n, err := s.Send(context.Background(), view(batch(group(20_000), 1e18, 1)))
		if fault := faultOf(t, err); n != 0 || fault.Action != sinks.Retry {
			t.Errorf("Send = %d, %v", n, fault)
		}
	}
}
