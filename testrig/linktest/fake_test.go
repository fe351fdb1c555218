package linktest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tagbridge/drivers"
	"tagbridge/mapping"
)

// flaw is what is wrong with a fake link.
type flaw string

// fakePeer is a device that answers "JOB TAG" with "JOB TAG VALUE", or with a blank for a tag that it refuses.
func fakePeer(t testing.TB, timeout time.Duration, wrong flaw) Peer {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	var value atomic.Int64
	var refused atomic.Bool
	value.Store(1)
	serving.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			serving.Go(func() {
				defer c.Close()
				for s := bufio.NewScanner(c); s.Scan(); {
					n := strconv.FormatInt(value.Load(), 10)
					if refused.Load() && s.Text() == "a 0" {
						n = "-"
					}
					fmt.Fprintf(c, "%s %s\n", s.Text(), n)
				}
			})
		}
	})
	t.Cleanup(func() { l.Close(); serving.Wait() })
	return Peer{
		Address: l.Addr().String(),
		Link: func(address string) drivers.Link {
			return &fakeLink{address: address, timeout: timeout, wrong: wrong}
		},
		Jobs:   func() (a, b *drivers.Job) { return fakeJob("a"), fakeJob("b") },
		Set:    func(n int) { value.Store(int64(n)) },
		Refuse: refused.Store,
	}
}

// fakeWork is the plan of a fake link.
type fakeWork struct {
	mu  sync.Mutex
	raw [3][]byte
	err [3]string
}

func (w *fakeWork) Raw(dst []byte, i int) []byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append(dst, w.raw[i]...)
}

func (w *fakeWork) Err(i int) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err[i]
}

func fakeJob(name string) *drivers.Job {
	g := mapping.Group{Device: name}
	for i := range 3 {
		g.Series = append(g.Series, &mapping.Series{Tag: fmt.Sprint(i), SeriesTraits: new(mapping.SeriesTraits)})
	}
	group := mapping.NewGroup(g)
	return &drivers.Job{
		Device: &drivers.Device{Name: name, Retries: 1, Timeout: short}, Group: group, Period: 20 * time.Millisecond,
		Filter: mapping.NewFilter(group, make([]mapping.Rule, 3)), Work: &fakeWork{},
	}
}

// fakeLink does right what its flaw does not say, an exchange a tag.
type fakeLink struct {
	address string
	timeout time.Duration
	wrong   flaw
	conn    net.Conn
	in      *bufio.Reader
	lent    []mapping.Sample
}

func (l *fakeLink) Open(ctx context.Context) error {
	switch {
	case l.conn == nil:
	case l.wrong == "open leaks":
		conns = append(conns, l.conn)
	default:
		l.Close()
	}
	if l.wrong == "deaf open" {
		ctx = context.Background()
	}
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", l.address)
	if err != nil {
		if l.wrong == "brave open" {
			return nil
		}
		return err
	}
	l.conn, l.in = conn, bufio.NewReader(conn)
	if l.wrong == "goroutine" {
		go drivers.NewLane(&fakeLink{}, drivers.LaneOptions{}).Run(context.Background())
	}
	return nil
}

func (l *fakeLink) Close() error {
	if l.conn == nil {
		if l.wrong == "close twice" {
			return errors.New("was closed")
		}
		return nil
	}
	conn := l.conn
	if l.wrong == "close keeps" {
		return nil
	}
	l.conn = nil
	if l.wrong == "socket" {
		conns = append(conns, conn)
		return nil
	}
	return conn.Close()
}

// conns are those that nobody closes: the collector would.
var conns []net.Conn

func (l *fakeLink) Do(ctx context.Context, j *drivers.Job, step int, b *mapping.Batch) (int, error) {
	w, ok := j.Work.(*fakeWork)
	if !ok {
		if l.wrong == "takes all work" {
			return 0, nil
		}
		return 0, errors.New("another driver's")
	}
	if l.conn == nil {
		if l.wrong == "closed" {
			return 0, errors.New("no connection")
		}
		return 0, drivers.ErrClosed
	}
	before := len(b.Samples)
	if l.wrong == "clears" {
		b.Samples, before = b.Samples[:0], 0
	}
	if l.wrong == "appends" {
		b.Samples = append(b.Samples, mapping.Sample{Quality: mapping.BadNoData, Index: uint16(step)})
	}
	n, err := l.ask(ctx, j.Device.Name, step)
	if err != nil {
		if l.wrong == "good in silence" {
			n, err = 1, nil
		} else {
			return 0, err
		}
	}
	b.Samples = b.Samples[:before]
	l.put(w, step, n, b)
	switch {
	case l.wrong == "endless":
		return max(1, (step+1)%3), nil
	case l.wrong == "short" && step == 1:
		return 0, nil
	}
	return (step + 1) % 3, nil
}

// put appends the sample of tag i, whose value is n; below 0 it is refused.
func (l *fakeLink) put(w *fakeWork, i, n int, b *mapping.Batch) {
	if l.wrong == "lent" && l.lent != nil && i == 2 {
		b.Samples = append(b.Samples, l.lent[0]) // of the last round
		b.Samples[len(b.Samples)-1].Index = 2
		return
	}
	s := mapping.Sample{Index: uint16(i), Kind: mapping.Int, Bits: uint64(n)}
	w.mu.Lock()
	w.err[i] = ""
	w.raw[i] = append(w.raw[i][:0], byte(n))
	if n < 0 {
		s = mapping.Sample{Index: uint16(i), Quality: mapping.BadConfigurationError}
		if l.wrong != "no reason" {
			w.err[i] = "refused"
		}
	}
	w.mu.Unlock()
	if l.wrong == "index" && i == 2 {
		s.Index = 7
	}
	b.Samples = append(b.Samples, s)
	if l.wrong == "twice" {
		b.Samples = append(b.Samples, s)
	}
	if l.wrong == "lent" && l.lent == nil {
		l.lent = b.Samples
	}
}

// ask asks for one value; below 0 is a refusal.
func (l *fakeLink) ask(ctx context.Context, job string, i int) (int, error) {
	deadline := time.Now().Add(l.timeout)
	l.conn.SetDeadline(deadline)
	if l.wrong != "deaf" {
		defer drivers.Interrupt(ctx, l.conn.SetDeadline)()
	}
	if _, err := fmt.Fprintf(l.conn, "%s %d\n", job, i); err != nil {
		return 0, err
	}
	for {
		line, err := l.in.ReadString('\n')
		if errors.Is(err, os.ErrDeadlineExceeded) && ctx.Err() == nil {
			if l.wrong != "stale" { // what comes late must not be taken for an answer to something else
				l.conn.Close()
				return 0, err
			}
			return 0, &drivers.NoAnswer{Quality: mapping.BadTimeout, Err: err}
		}
		if err != nil {
			if l.wrong == "good at a hang-up" {
				return 1, nil
			}
			return 0, err
		}
		f := strings.Fields(line)
		if f[0] != job && l.wrong != "mixes" || f[1] != strconv.Itoa(i) {
			continue
		}
		if f[2] == "-" {
			if l.wrong == "refusal is an error" {
				return 0, errors.New("refused")
			}
			return -1, nil
		}
		n, err := strconv.Atoi(f[2])
		return n, err
	}
}
