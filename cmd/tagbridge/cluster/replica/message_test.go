package replica

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
)

func sample() Message {
	return Message{
		Bridge: "line-3", Node: "pc-a", Journal: 0x1234, Run: 7, Began: time.Unix(100, 1), First: 90, Origin: 0x99, Section: 3, Prev: 95, From: 100,
		To: 120, Why: WhyLimits, Sent: time.Unix(200, 2), Part: 1, Parts: 2, Records: []byte("records"),
	}
}

func TestMessage(t *testing.T) {
	want := sample()
	b, err := want.Append([]byte("before"))
	if err != nil {
		t.Fatal(err)
	}
	b = b[len("before"):]
	if n := Overhead(want.Bridge, want.Node) + len(want.Records); n != len(b) {
		t.Errorf("it has %d bytes, foretold were %d", len(b), n)
	}
	got, err := Parse(b)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("Parse = %+v, %v, want %+v", got, err, want)
	}
	for n := range b {
		if _, err := Parse(b[:n]); err == nil {
			t.Errorf("one that is cut to %d bytes is taken", n)
		}
		for bit := range 8 {
			odd := bytes.Clone(b)
			odd[n] ^= 1 << bit
			if _, err := Parse(odd); err == nil {
				t.Errorf("one with bit %d of byte %d changed is taken", bit, n)
			}
		}
	}
	if _, err := Parse(append(bytes.Clone(b), 0)); err == nil {
		t.Error("one with a byte after it is taken")
	}
	b[4] = 2
	if _, err := Parse(b); !errors.Is(err, ErrVersion) {
		t.Errorf("one of a later release: %v", err)
	}
}

func TestMessageChecks(t *testing.T) {
	for name, change := range map[string]func(*Message){
		"positions of its samples": func(m *Message) { m.To = 99 },
		"a previous one after it":  func(m *Message) { m.Prev = 101 },
		"no journal":               func(m *Message) { m.Journal = 0 },
		"it is its own origin":     func(m *Message) { m.Origin = m.Journal },
		"no section":               func(m *Message) { m.Section = 0 },
		"parts":                    func(m *Message) { m.Part = 2 },
		"nothing in it":            func(m *Message) { m.Records = nil },
		"a long name":              func(m *Message) { m.Node = strings.Repeat("n", mostName+1) },
	} {
		m := sample()
		change(&m)
		if _, err := m.Append(nil); err == nil {
			t.Errorf("%s: it is made", name)
		}
	}
}

func FuzzParse(f *testing.F) {
	m := sample()
	b, err := m.Append(nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add(b[:len(b)-1])
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := Parse(b)
		if err != nil {
			return
		}
		again, err := m.Append(nil)
		if err != nil {
			t.Fatalf("what was read cannot be made: %v", err)
		}
		if n, err := Parse(again); err != nil || !reflect.DeepEqual(m, n) {
			t.Fatalf("read again: %+v, %v", n, err)
		}
	})
}

func TestCursor(t *testing.T) {
	c := Cursor{Version: 1, Journal: Name(5), Run: Name(6), Node: "pc-a", Sink: "cloud", Position: 77, At: time.Unix(9, 0).UTC(), By: "pc-b"}
	if got, err := ParseCursor(c.Bytes()); err != nil || !reflect.DeepEqual(got, c) {
		t.Errorf("ParseCursor = %+v, %v", got, err)
	}
	e := End{Version: 1, Journal: Name(5), Run: Name(6), Node: "pc-a", Position: 77, Copied: 70, At: time.Unix(9, 0).UTC(), Stopped: true}
	if got, err := ParseEnd(e.Bytes()); err != nil || got != e {
		t.Errorf("ParseEnd = %+v, %v", got, err)
	}
	for _, text := range []string{"", "{}", "null", `{"version":2,"sink":"a"}`, `{"version":1,"sink":""}`, `{"version":1,"sink":"a","position":-1}`,
		`{"version":1,"sink":"a","position":9000000000000000000}`, `{"version":1,"sink":"` + strings.Repeat("a", mostCursor) + `"}`} {
		if c, err := ParseCursor([]byte(text)); err == nil {
			t.Errorf("%.40s is taken as %+v", text, c)
		}
	}
	if got, want := EndKey("pc-a", 5), "pc-a.0000000000000005._journal"; got != want {
		t.Errorf("EndKey = %s, want %s", got, want)
	}
}

func FuzzParseCursor(f *testing.F) {
	f.Add(Cursor{Journal: Name(5), Sink: "cloud", Position: 3}.Bytes())
	f.Add(End{Journal: Name(5), Position: 3}.Bytes())
	f.Fuzz(func(_ *testing.T, b []byte) {
		_, _ = ParseCursor(b)
		_, _ = ParseEnd(b)
	})
}
