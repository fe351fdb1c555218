package influx

import (
	"context"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"tagbridge/mapping"
	"tagbridge/sinks"
)

// narrow is a line of so many bytes a second towards the server, in the time of a bubble. As much as the buffers on the way
// hold seems to be sent at once.
type narrow struct {
	rate, buffers int
	backlog       int // samples
	rtt           time.Duration
	carried       atomic.Int64 // bytes
	conns         chan net.Conn
}

// narrowConn is the client's end of a connection over it.
type narrowConn struct {
	net.Conn
	line *narrow
	way  chan []byte // on the way, a packet each
	gone chan struct{}
}

const packet = 1460

func (l *narrow) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	near, far := net.Pipe()
	c := &narrowConn{near, l, make(chan []byte, l.buffers/packet), make(chan struct{})}
	go func() {
		for {
			select {
			case p := <-c.way:
				time.Sleep(time.Duration(len(p)) * time.Second / time.Duration(l.rate))
				l.carried.Add(int64(len(p)))
				if _, err := near.Write(p); err != nil {
					return
				}
			case <-c.gone:
				return
			}
		}
	}()
	select {
	case l.conns <- far:
		return c, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (c *narrowConn) Write(b []byte) (n int, err error) {
	for n < len(b) {
		p := append([]byte(nil), b[n:min(n+packet, len(b))]...)
		select {
		case c.way <- p:
			n += len(p)
		case <-c.gone:
			return n, net.ErrClosed
		}
	}
	return n, nil
}

func (c *narrowConn) Close() error {
	select {
	case <-c.gone:
	default:
		close(c.gone)
	}
	return c.Conn.Close()
}

// Accept implements net.Listener.
func (l *narrow) Accept() (net.Conn, error) {
	c, ok := <-l.conns
	if !ok {
		return nil, net.ErrClosed
	}
	return c, nil
}

// Close implements net.Listener.
func (l *narrow) Close() error { close(l.conns); return nil }

// Addr implements net.Listener.
func (l *narrow) Addr() net.Addr { return &net.TCPAddr{} }

// plantLog is a log with a backlog, to which 100 tags are added every second.
type plantLog struct {
	group   *mapping.Group
	backlog int
	began   time.Time
	r       *rand.Rand
}

func newPlantLog(backlog int) *plantLog {
	g := mapping.Group{Bridge: "line-3", Device: "boiler-7", Measurement: "boiler-7"}
	for i := range 100 {
		name := fmt.Sprintf("Circuit%d/SupplyTemperature%d", i/10, i%10)
		g.Series = append(g.Series, &mapping.Series{Tag: name, Field: name, SeriesTraits: &mapping.SeriesTraits{Kind: mapping.F32}})
	}
	return &plantLog{mapping.NewGroup(g), backlog, time.Now(), rand.New(rand.NewPCG(1, 2))}
}

func (l *plantLog) End() sinks.Pos {
	return sinks.Pos(l.backlog + 100*int(time.Since(l.began)/time.Second))
}

func (l *plantLog) Ack(string, sinks.Pos, sinks.Dealt) error { return nil }

func (l *plantLog) Next(ctx context.Context, p sinks.Pos, q sinks.Query, v *sinks.View) (sinks.Pos, error) {
	v.Reset()
	for p >= l.End() {
		select {
		case <-ctx.Done():
			return p, ctx.Err()
		case <-time.After(time.Second):
		}
	}
	for v.Len()+100 <= max(q.Max, 100) && p < l.End() {
		b := batch(l.group, 1e18+int64(p)*1e7, 0)
		for i := range b.Samples {
			b.Samples[i].Kind = mapping.F32
			b.Samples[i].Bits = uint64(math.Float32bits(float32(l.r.IntN(100000)) / 100))
		}
		v.AppendFrom(p, b, q.Match)
		p += 100
	}
	return p, nil
}

// TestBacklogOverANarrowLine delivers a backlog, of 300,000 samples through 128 kbit/s, while values come in. At least nine tenths of what the line carries is of use, and at no time does the sink seem to hang.
func TestBacklogOverANarrowLine(t *testing.T) {
	for _, line := range []*narrow{
		{rate: 16_000, buffers: 64 << 10, backlog: 300_000},
		{rate: 16_000, buffers: 64 << 10, backlog: 300_000, rtt: 700 * time.Millisecond},
		{rate: 16_000, buffers: 300 << 10, backlog: 50_000},
		{rate: 6_000, buffers: 8 << 10, backlog: 50_000, rtt: 700 * time.Millisecond},
	} {
		t.Run(fmt.Sprintf("%d bytes a second, buffers of %d, %v", line.rate, line.buffers, line.rtt), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { drainOver(t, line) })
		})
	}
}

func drainOver(t *testing.T, line *narrow) {
	line.conns = make(chan net.Conn)
	var useful atomic.Int64
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, err := io.Copy(io.Discard, r.Body)
		if err != nil {
			return
		}
		useful.Add(n)
		time.Sleep(line.rtt)
		w.WriteHeader(http.StatusNoContent)
	})}
	go server.Serve(line)
	defer server.Close()
	s := open(t, Options{URL: "http://historian", Gzip: true, Precision: mapping.Milliseconds})
	s.client.Transport.(*http.Transport).DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		return s.line.dial(ctx, line.dial, network, address)
	}
	l := newPlantLog(line.backlog)
	f := sinks.NewForwarder(sinks.ForwarderOptions{Name: "historian", Log: l, Sink: s})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- f.Run(ctx) }()
	longest := time.Duration(0)
	for range 2000 {
		time.Sleep(time.Second)
		st := f.Stats()
		if longest = max(longest, st.Sending); st.Behind < 1000 {
			break
		}
	}
	st := f.Stats()
	if st.Behind >= 1000 || st.Rejected != 0 || longest > 40*time.Second {
		t.Errorf("after %v, longest without progress %v: %+v", time.Since(l.began), longest, st)
	}
	// What it takes beside the content: headers, and a tenth for what was sent in vain.
	if carried := line.carried.Load(); useful.Load()*10 < carried*9 {
		t.Errorf("%d bytes of %d carried were of use", useful.Load(), carried)
	}
	t.Logf("%v, %d samples, %d retries, %d bytes carried, %d of use, %.0f%% of the time busy", time.Since(l.began), st.Delivered, st.Retries,
		line.carried.Load(), useful.Load(), 100*float64(line.carried.Load())/float64(line.rate)/time.Since(l.began).Seconds())
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	s.Close()
	time.Sleep(time.Minute) // what was on its way is gone
}
