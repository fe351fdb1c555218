package wire

import (
	"errors"
	"testing"

	"github.com/gopcua/opcua/ua"

	"tagbridge/mapping/node"
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

// FuzzNodeID reads anything as a node id; one that is understood is written as it is understood again.
func FuzzNodeID(f *testing.F) {
	for _, n := range []NodeID{
		{}, Numeric(255), Numeric(70000), {Space: 300, Num: 1}, {Space: 1, Kind: node.String, Text: "a"},
		{Kind: node.GUID, Text: "0123456789abcdef"}, {Space: 2, Kind: node.Opaque, Text: "\x00\xff"},
	} {
		f.Add(AppendNodeID(nil, n))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r := NewReader(b)
		n := r.NodeID()
		if r.Err() != nil {
			return
		}
		again := NewReader(AppendNodeID(nil, n))
		if got := again.NodeID(); got != n || again.Err() != nil {
			t.Fatalf("%v is encoded and read as %v, %v", n, got, again.Err())
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

func TestCutValueSaysSo(t *testing.T) {
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
