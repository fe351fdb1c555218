package modbus

import (
	"context"
	"sync"
	"testing"

	"tagbridge/testrig/plc"
)

// A connection that is not to be kept is made anew for each round, and costs none of its values.
func TestCloseAfterRound(t *testing.T) {
	tags := plcTags()
	u := frozen(tags)
	s, err := plc.Listen("tcp", "127.0.0.1:0", plc.ServerOptions{Units: map[int]*plc.Unit{1: u}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var serving sync.WaitGroup
	serving.Go(func() { s.Serve(ctx) })
	defer serving.Wait()
	defer cancel()
	link := openBus(t, LinkOptions{Transport: "tcp", Address: s.Addr(), Timeout: long, CloseAfter: true})
	job := jobOf(tags, long)
	const rounds = 4
	for range rounds {
		if bad := readPLC(t, u, link, job); bad > 0 {
			t.Errorf("%d tags are bad", bad)
		}
	}
	if got := s.Accepted(); got != rounds {
		t.Errorf("%d connections for %d rounds", got, rounds)
	}
}
