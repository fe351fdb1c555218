package modbus

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"tagbridge/drivers"
	"tagbridge/mapping"
	"tagbridge/testrig/plc"
)

// plcTags are tags of all tables in several blocks.
func plcTags() []*mapping.Tag {
	var tags []*mapping.Tag
	for n := range 10 {
		tags = append(tags,
			register(4*n, mapping.TypeFloat32),
			register(4*n+2, mapping.TypeInt16),
			register(1000+4*n, mapping.TypeUint64),
			inTable(mapping.Input, n),
			inTable(mapping.Coil, n),
			inTable(mapping.Discrete, 500+n))
	}
	return tags
}

// servePLC serves a frozen unit 1 with tags.
func servePLC(t *testing.T, tags []*mapping.Tag) (*plc.Unit, string) {
	t.Helper()
	u := plc.NewUnit(plc.UnitOptions{Tags: tags})
	u.Freeze()
	server, err := plc.Listen("tcp", "127.0.0.1:0", plc.ServerOptions{Units: map[int]*plc.Unit{1: u}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var serving sync.WaitGroup
	serving.Go(func() { server.Serve(ctx) })
	t.Cleanup(func() { cancel(); serving.Wait() })
	return u, server.Addr()
}

// valueText is a good sample's value as the PLC writes it.
func valueText(s *mapping.Sample, c *mapping.Codec) string {
	if s.Kind == mapping.Bool {
		return fmt.Sprint(s.Bits == 1)
	}
	return string(mapping.AppendNumber(nil, s, c.Exp()))
}

// Whatever a server does one time in three, each value that is delivered is right, and when it stops all are
// read. Garble is left out: bits turned inside a value are beyond what Modbus TCP can tell.
func TestFaultyPLC(t *testing.T) {
	for _, kind := range plc.FaultKinds {
		if kind == plc.Garble {
			continue
		}
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			tags := plcTags()
			u, addr := servePLC(t, tags)
			now := time.Unix(1_800_000_000, 0)
			link, err := NewLink(LinkOptions{
				Transport: "tcp", Address: addr, Timeout: short, Now: func() time.Time { return now },
			})
			if err != nil {
				t.Fatal(err)
			}
			if err := link.Open(t.Context()); err != nil {
				t.Fatal(err)
			}
			defer link.Close()
			p := planOf(Limits{MaxGap: 16}, tags...)
			job := &drivers.Job{
				Device: &drivers.Device{Name: "plc", Timeout: short, Retries: 1},
				Group:  &mapping.Group{Series: make([]*mapping.Series, len(tags))},
				Work:   p,
			}
			lift := u.Inject(plc.Fault{Kind: kind, OneIn: 3, Delay: 2 * short})
			for range 20 {
				readPLC(t, u, link, job)
			}
			lift()
			job.Device.Timeout = long
			now = now.Add(lastPause) // what was refused is due
			readPLC(t, u, link, job) // may meet what was sent late
			if bad := readPLC(t, u, link, job); bad > 0 {
				t.Errorf("%d tags are not read although the fault is over", bad)
			}
		})
	}
}

// readPLC reads once, compares what is good with what u holds and returns how many tags are not.
func readPLC(t *testing.T, u *plc.Unit, link drivers.Link, job *drivers.Job) int {
	t.Helper()
	var b mapping.Batch
	err := drivers.ReadOnce(t.Context(), link, job, &b)
	if _, silent := errors.AsType[*drivers.NoAnswer](err); err != nil && !silent {
		if err := link.Open(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	p := job.Work.(*Plan)
	bad := 0
	seen := make([]bool, len(p.tags))
	for i := range b.Samples {
		s := &b.Samples[i]
		tag := p.tags[s.Index]
		seen[s.Index] = true
		if s.Quality.IsBad() {
			bad++
			continue
		}
		if got, want := valueText(s, mapping.Compile(tag)), u.Expected(tag).Text; got != want {
			t.Fatalf("%v = %s, want %s", tag.Address, got, want)
		}
	}
	for i, ok := range seen {
		if !ok {
			t.Fatalf("%v has no sample", p.tags[i].Address)
		}
	}
	return bad
}
