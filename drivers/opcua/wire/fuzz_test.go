package wire

import (
	"errors"
	"testing"

	"github.com/gopcua/opcua/ua"
)

// FuzzVariant reads anything as a value: it ends in a value whose parts are within the bytes, or in an error.
func FuzzVariant(f *testing.F) {
	for _, v := range values() {
		f.Add(encoded(f, ua.MustVariant(v)))
	}
	f.Add([]byte{0x96, 0xFE, 0xFF, 0xFF, 0xFF}) // an array of -2
	f.Add([]byte{0x81, 0xFF, 0xFF, 0xFF, 0x7F})
	f.Fuzz(func(t *testing.T, b []byte) {
		r := NewReader(b)
		v := r.Variant()
		if r.Err() != nil {
			return
		}
		if v.Count > len(b) {
			t.Fatalf("%d elements in %d bytes", v.Count, len(b))
		}
		v.Dimensions()
		for i := range min(v.Count, 50) {
			if e, ok := v.Element(i); v.Array && (!ok || len(e.Raw) > len(v.Raw)) {
				t.Fatalf("element %d of %d: %v", i, v.Count, ok)
			}
		}
	})
}

// FuzzAnswers reads anything as each kind of answer.
func FuzzAnswers(f *testing.F) {
	f.Add([]byte{1, 0, 0x7A, 2}, uint8(0))
	for _, v := range values() {
		f.Add(encoded(f, ua.MustVariant(v)), uint8(7))
	}
	f.Fuzz(func(t *testing.T, b []byte, kind uint8) {
		r := NewReader(b)
		readers := []func(){
			func() { r.Answer(&Read{}) }, func() { r.ChannelToken() }, func() { r.Endpoints() }, func() { r.Session() },
			func() { r.NodeIDs() }, func() { r.Branches() }, func() { r.Targets() }, func() { r.Subscription() },
			func() { r.ItemResults() }, func() { r.Notification() }, func() { r.Definition() }, func() { r.EnumTexts() },
			func() { Changes(b, func(uint32, *DataValue) {}) }, func() { r.diagnostics() }, func() { r.Unit() },
		}
		readers[int(kind)%len(readers)]()
		if r.Pos() > len(b) {
			t.Fatalf("read %d of %d bytes", r.Pos(), len(b))
		}
	})
}

// FuzzAddress reads anything as an address; one that is understood is written as it is understood again.
func FuzzAddress(f *testing.F) {
	for _, s := range []string{"i=2258", "ns=2;s=Force", "nsu=http://x;y/;s=a;b", "g=72962B91-FA75-4AE6-8D28-B404DC7DAF63", "ns=1;b=AQID", "nsu=%25%3B;i=1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := ParseAddress(s)
		if err != nil {
			return
		}
		spaces := []string{"http://opcfoundation.org/UA/", "x"}
		if a.URI != "" {
			spaces[1] = a.URI
		} else if a.Space > 1 {
			return
		}
		n, err := a.Resolve(spaces)
		if err != nil {
			t.Fatal(err)
		}
		b, err := ParseAddress(n.WithURI(spaces))
		if err != nil {
			t.Fatalf("%q is written as %q: %v", s, n.WithURI(spaces), err)
		}
		if m, _ := b.Resolve(spaces); m != n {
			t.Fatalf("%q is written as %q, which is %v", s, n.WithURI(spaces), m)
		}
		r := NewReader(AppendNodeID(nil, n))
		if got := r.NodeID(); got != n || r.Err() != nil {
			t.Fatalf("%v is encoded and read as %v, %v", n, got, r.Err())
		}
	})
}

func TestNestingIsBounded(t *testing.T) {
	deep := make([]byte, 1<<20)
	for i := range deep {
		deep[i] = byte(TypeVariant)
	}
	r := NewReader(deep)
	if r.Variant(); r.Err() == nil {
		t.Error("a million nested values pass")
	}
	for i := range deep {
		deep[i] = 0x40 // inner diagnostics
	}
	r = NewReader(deep)
	if r.diagnostics(); r.Err() == nil {
		t.Error("a million nested diagnostics pass")
	}
}

func TestAddressFaults(t *testing.T) {
	for _, s := range []string{"", "Force", "ns=2", "ns=x;s=a", "ns=70000;i=1", "nsu=;s=a", "nsu=http://x", "i=x", "i=4294967296", "q=1", "g=123", "b=%%"} {
		if a, err := ParseAddress(s); err == nil {
			t.Errorf("%q passes for %v", s, a)
		}
	}
	a, err := ParseAddress("nsu=http://nowhere;s=a")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Resolve([]string{"http://opcfoundation.org/UA/"}); err == nil {
		t.Error("a namespace that is not there is resolved")
	}
	if !errors.Is(NewReaderError(), ErrCut) {
		t.Error("the error of a cut value does not say so")
	}
}

// NewReaderError is the error of reading too much.
func NewReaderError() error {
	r := NewReader([]byte{1})
	r.Uint32()
	return r.Err()
}
