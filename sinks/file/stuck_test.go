package file

import (
	"context"
	"errors"
	"os"
	"testing"

	"tagbridge/sinks"
)

// TestStuckOutput writes to a pipe that nobody reads: Send ends with its context, and so does Close.
func TestStuckOutput(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close() // first, so that the write ends
	s := open(t, Options{Path: "-", Stdout: w})
	var v sinks.View
	for i := range 100 {
		part := view(uint64(i), 1, 2, 3, 4, 5, 6, 7, 8, 9)
		for k := range part.Batches {
			v.Append(&part.Batches[k], nil)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() { // what the pipe holds has been written by then
		one := make([]byte, 1)
		r.Read(one)
		cancel()
	}()
	for n := 0; err == nil; n++ {
		if n == 100 {
			t.Fatal("the pipe takes everything: the test shows nothing")
		}
		_, err = s.Send(ctx, &v)
	}
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Send: %v", err)
	}
	if n, err := s.Send(t.Context(), &v); n != 0 || !errors.Is(err, errStuck) {
		t.Errorf("Send after it = %d, %v", n, err)
	}
	if err := s.Close(); !errors.Is(err, errStuck) {
		t.Errorf("Close: %v", err)
	}
}
