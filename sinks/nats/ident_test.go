package nats

import (
	"slices"
	"strings"
	"testing"

	"tagbridge/sinks"
)

// TestIdentifiers looks at what tells messages from others.
func TestIdentifiers(t *testing.T) {
	p := serve(t)
	s := open(t, func(o *Options) { o.Stream = "PLANT" }, p.Addr())
	g := plant("p", 4)
	send := func(v *sinks.View) []string {
		t.Helper()
		before, _ := p.IDs()
		if n, err := s.Send(patience(t), v); n != v.Len() || err != nil {
			t.Fatalf("Send = %d, %v", n, err)
		}
		ids, heads := p.IDs()
		for _, h := range heads {
			if !strings.Contains(h, "Nats-Expected-Stream: PLANT\r\n") && !strings.Contains(h, "Nats-Expected-Stream:PLANT\r\n") {
				t.Errorf("headers %q", h)
			}
		}
		return ids[len(before):]
	}
	v := polls(g, 2, 100)
	whole := send(v)
	if len(whole) != 2 || !strings.HasPrefix(whole[0], "j1-100-103-") || !strings.HasPrefix(whole[1], "j1-104-107-") {
		t.Errorf("identifiers %q", whole)
	}
	if again := send(polls(g, 2, 100)); !slices.Equal(again, whole) {
		t.Errorf("the same samples have %q, then %q", whole, again)
	}
	rest := v.Slice(2, v.Len())
	part := send(&rest)
	if len(part) != 2 || !strings.HasPrefix(part[0], "j1-102-103-") || part[1] != whole[1] {
		t.Errorf("from the third sample on: %q", part)
	}
	other := polls(g, 1, 100)
	other.Batches[0].Samples[1].Bits++
	if changed := send(other); changed[0] == whole[0] || changed[0][:11] != whole[0][:11] {
		t.Errorf("another value between the same positions: %q, before %q", changed[0], whole[0])
	}
	present := sinks.Introduction()
	present.Append(&v.Batches[0], nil)
	if ids := send(&present); !slices.Equal(ids, []string{"", ""}) {
		t.Errorf("present values, which have no position: %q", ids)
	}
}

func TestHeaderText(t *testing.T) {
	if got, want := headerText("Line 3:\r\nä-x.y"), "Line_3____-x.y"; got != want {
		t.Errorf("headerText = %q, want %q", got, want)
	}
}

// TestContentEncoding has the header say how the payload is compressed.
func TestContentEncoding(t *testing.T) {
	p := serve(t)
	s := open(t, func(o *Options) { o.Compress = "zstd" }, p.Addr())
	if n, err := s.Send(patience(t), polls(plant("p", 50), 1, 0)); n != 50 || err != nil {
		t.Fatalf("Send = %d, %v", n, err)
	}
	_, heads := p.IDs()
	if got := p.Messages()[0].Payload; !strings.HasPrefix(got, "\x28\xb5\x2f\xfd") || !strings.Contains(heads[0], "Content-Encoding: zstd\r\n") {
		t.Errorf("headers %q, payload %.10q", heads[0], got)
	}
}
