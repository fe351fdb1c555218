package plc

import (
	"bytes"
	"context"
	"io"
	"os"
	"sync"
	"testing"
	"time"

	"tagbridge/mapping"
)

// The frames of readers' examples of the specification: three registers of unit 17.
func TestLineFrames(t *testing.T) {
	pdu := []byte{3, 0, 0x6B, 0, 3}
	for _, c := range []struct {
		framing framing
		want    string
	}{
		{rtuFrames{}, "\x11\x03\x00\x6B\x00\x03\x76\x87"},
		{asciiFrames{}, ":1103006B00037E\r\n"},
	} {
		if got := c.framing.wrap(0x11, pdu); string(got) != c.want {
			t.Errorf("wrap = %q, want %q", got, c.want)
		}
		for _, before := range []string{"", "\x00\xFF", "\x11\x03"} {
			b := []byte(before + c.want)
			f, used, ok := c.framing.next(b)
			if !ok || f.unit != 0x11 || !bytes.Equal(f.pdu, pdu) || used != len(b) {
				t.Errorf("next(%q) = %+v, %d, %v", b, f, used, ok)
			}
		}
		for n := range len(c.want) {
			if f, _, ok := c.framing.next([]byte(c.want[:n])); ok {
				t.Errorf("a request cut to %d bytes is %+v", n, f)
			}
		}
	}
}

// A line takes the time that its characters and silences take, and counts it.
func TestLinePace(t *testing.T) {
	u := NewUnit(UnitOptions{Tags: []*mapping.Tag{{
		Name: "text", Address: mapping.Address{Table: mapping.Holding},
		Traits: &mapping.Traits{Type: mapping.TypeString, Length: 40},
	}}})
	l, err := OpenPTY(LineOptions{Units: map[int]*Unit{1: u}, Baud: 9600})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var serving sync.WaitGroup
	serving.Go(func() { l.Serve(ctx) })
	defer serving.Wait()
	defer cancel()
	f, err := os.OpenFile(l.Path(), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	began := time.Now()
	if _, err := f.Write(rtuFrames{}.wrap(1, []byte{3, 0, 0, 0, 20})); err != nil {
		t.Fatal(err)
	}
	answer := make([]byte, 45)
	if _, err := io.ReadFull(f, answer); err != nil {
		t.Fatal(err)
	}
	chars := 11 * time.Second / 9600 * (8 + 45)
	if took := time.Since(began); took < chars {
		t.Errorf("53 characters took %v, less than the %v of the line", took, chars)
	}
	if got := l.Usage(); got.Answers != 1 || got.Frames.Round(time.Millisecond) != chars.Round(time.Millisecond) {
		t.Errorf("Usage = %+v, want an answer and %v", got, chars)
	}
}
