package modbus

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"tagbridge/drivers"
	"tagbridge/mapping"
	"tagbridge/testrig/plc"
)

// run serves until t ends.
func run(t testing.TB, serve func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	var serving sync.WaitGroup
	serving.Go(func() {
		if err := serve(ctx); err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	t.Cleanup(func() { cancel(); serving.Wait() })
}

// busTransports are those of frames without a number.
var busTransports = []string{"rtu", "ascii", "rtuovertcp", "asciiovertcp", "rtuoverudp"}

// serveBus serves units in the transport's way; the options are what reads them.
func serveBus(t testing.TB, transport string, o plc.LineOptions) LinkOptions {
	t.Helper()
	o.ASCII = transport == "ascii" || transport == "asciiovertcp"
	link := LinkOptions{Transport: transport, Timeout: long, Serial: Serial{Baud: 115200, Data: 8, Stop: 1, Parity: "even"}}
	if o.Baud > 0 {
		link.Serial.Baud = o.Baud
	}
	if transport == "rtu" || transport == "ascii" {
		l, err := plc.OpenPTY(o)
		if err != nil {
			t.Fatal(err)
		}
		run(t, l.Serve)
		link.Address = l.Path()
		return link
	}
	network := "tcp"
	if transport == "rtuoverudp" {
		network = "udp"
	}
	l, err := plc.ListenLine(network, "127.0.0.1:0", o)
	if err != nil {
		t.Fatal(err)
	}
	run(t, l.Serve)
	link.Address = l.Addr()
	return link
}

// openBus opens a link that ends with t.
func openBus(t testing.TB, o LinkOptions) drivers.Link {
	t.Helper()
	link, err := NewLink(o)
	if err == nil {
		err = link.Open(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { link.Close() })
	return link
}

func jobOf(tags []*mapping.Tag, timeout time.Duration) *drivers.Job {
	return &drivers.Job{
		Device: &drivers.Device{Name: "plc", Timeout: timeout, Retries: 1},
		Group:  &mapping.Group{Series: make([]*mapping.Series, len(tags))},
		Work:   planOf(Limits{MaxGap: 16}, tags...),
	}
}

func frozen(tags []*mapping.Tag) *plc.Unit {
	u := plc.NewUnit(plc.UnitOptions{Tags: tags})
	u.Freeze()
	return u
}

func TestBusReads(t *testing.T) {
	for _, transport := range busTransports {
		t.Run(transport, func(t *testing.T) {
			t.Parallel()
			tags := plcTags()
			u := frozen(tags)
			link := openBus(t, serveBus(t, transport, plc.LineOptions{Units: map[int]*plc.Unit{1: u}}))
			job := jobOf(tags, long)
			for range 3 {
				if bad := readPLC(t, u, link, job); bad > 0 {
					t.Errorf("%d tags are bad", bad)
				}
			}
		})
	}
}

// Whatever goes wrong one time in three, each value that is delivered is right, and when it stops all are read.
func TestBusFaults(t *testing.T) {
	for _, transport := range busTransports {
		for _, kind := range plc.LineFaultKinds {
			t.Run(transport+"/"+string(kind), func(t *testing.T) {
				t.Parallel()
				tags := plcTags()
				u := frozen(tags)
				link := openBus(t, serveBus(t, transport, plc.LineOptions{Units: map[int]*plc.Unit{1: u}}))
				job := jobOf(tags, short)
				lift := u.Inject(plc.Fault{Kind: kind, OneIn: 3, Delay: 2 * short})
				for range 4 {
					readPLC(t, u, link, job)
				}
				lift()
				job = jobOf(tags, 5*short) // what was refused is tried again
				readPLC(t, u, link, job)
				if bad := readPLC(t, u, link, job); bad > 0 {
					t.Errorf("%d tags are not read although the fault is over", bad)
				}
			})
		}
	}
}

// An echo is not an answer, whether it was announced or not.
func TestBusEcho(t *testing.T) {
	for _, announced := range []bool{false, true} {
		tags := plcTags()
		u := frozen(tags)
		o := serveBus(t, "rtu", plc.LineOptions{Units: map[int]*plc.Unit{1: u}, Echo: true})
		o.Echo = announced
		if bad := readPLC(t, u, openBus(t, o), jobOf(tags, long)); bad > 0 {
			t.Errorf("announced %v: %d tags are bad", announced, bad)
		}
	}
}

// Cancelling ends a blocked read: the limit is ten minutes here.
func TestBusCancel(t *testing.T) {
	for _, transport := range busTransports {
		t.Run(transport, func(t *testing.T) {
			t.Parallel()
			link := openBus(t, serveBus(t, transport, plc.LineOptions{}))
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			var b mapping.Batch
			_, err := link.Do(ctx, jobOf(plcTags(), 10*time.Minute), 0, &b)
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("Do = %v, want that of the context", err)
			}
		})
	}
}
