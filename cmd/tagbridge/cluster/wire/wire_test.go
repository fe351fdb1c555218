package wire

import (
	"encoding/binary"
	"hash/crc32"
	"reflect"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"tagbridge/cmd/tagbridge/cluster/member"
)

func frames() []*Frame {
	claim := func(key, epoch uint64) member.Claim { return member.Claim{Key: key, Epoch: epoch} }
	short := &Frame{Beat: member.Beat{Node: "pc-a", Run: 7, Seq: 3, Joined: true}, Version: 4, Ask: true, Draining: true, Age: 12345}
	whole := &Frame{
		Beat: member.Beat{
			Node: "pc-b", Run: 1<<64 - 1, Seq: 1 << 40, Plan: 1<<64 - 5,
			Holds:  []member.Claim{claim(1, 1), claim(1<<63, 1<<64-1)},
			Wants:  []member.Claim{claim(5, 300)},
			Yields: []member.Yield{{Claim: claim(9, 2), To: "pc-c"}, {Claim: claim(10, 2)}},
		},
		Version: 1, Whole: true, Aside: true, Program: "1.4.0", Servers: []string{"n0", "n1"}, Level: 1, Listed: 3,
	}
	copies := *short
	copies.Copy = Copy{Copies: true, Behind: 1<<64 - 1, Age: 61_000}
	return []*Frame{short, &copies, whole, {Beat: member.Beat{Node: "x", Seq: 1}, Version: 1, Whole: true}}
}

func TestRoundTrip(t *testing.T) {
	for _, f := range frames() {
		b, err := Append([]byte("before"), f)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Parse(b[len("before"):])
		if err != nil || !reflect.DeepEqual(got, f) {
			t.Errorf("Parse(Append(%+v)) = %+v, %v", f, got, err)
		}
	}
}

// TestNewerFields has fields of a later release be left out.
func TestNewerFields(t *testing.T) {
	for _, f := range frames() {
		b, err := Append(nil, f)
		if err != nil {
			t.Fatal(err)
		}
		b = protowire.AppendTag(b, 50, protowire.BytesType)
		b = protowire.AppendString(b, "new")
		b = protowire.AppendTag(b, 51, protowire.Fixed32Type)
		b = protowire.AppendFixed32(b, 1)
		b = protowire.AppendTag(b, fieldNode, protowire.VarintType) // of another kind
		b = protowire.AppendVarint(b, 1)
		got, err := Parse(sealed(b[head:]))
		if err != nil || !reflect.DeepEqual(got, f) {
			t.Errorf("Parse = %+v, %v, want %+v", got, err, f)
		}
	}
}

// TestDamaged has no frame that was cut or changed be taken for one with other lists.
func TestDamaged(t *testing.T) {
	for _, f := range frames() {
		b, err := Append(nil, f)
		if err != nil {
			t.Fatal(err)
		}
		for n := range b {
			if got, err := Parse(b[:n]); err == nil {
				t.Errorf("cut to %d bytes it is %+v", n, got)
			}
			b[n] ^= 1
			if got, err := Parse(b); err == nil {
				t.Errorf("changed at %d it is %+v", n, got)
			}
			b[n] ^= 1
		}
	}
}

// sealed is a frame of those fields.
func sealed(fields []byte) []byte {
	b := append([]byte{Format, 0, 0, 0, 0}, fields...)
	binary.LittleEndian.PutUint32(b[1:], crc32.Checksum(fields, castagnoli))
	return b
}

func TestRefused(t *testing.T) {
	long := strings.Repeat("x", MaxName+1)
	many := func(n int) []member.Claim { return make([]member.Claim, n) }
	for _, c := range []struct {
		f    Frame
		want string
	}{
		{Frame{Beat: member.Beat{Seq: 1}, Version: 1}, "whose"},
		{Frame{Beat: member.Beat{Node: "a"}, Version: 1}, "whose"},
		{Frame{Beat: member.Beat{Node: "a", Seq: 1}}, "whose"},
		{Frame{Beat: member.Beat{Node: long, Seq: 1}, Version: 1}, "257 bytes"},
		{Frame{Beat: member.Beat{Node: "a", Seq: 1, Yields: []member.Yield{{To: long}}}, Version: 1, Whole: true}, "257 bytes"},
		{Frame{Beat: member.Beat{Node: "a", Seq: 1, Holds: many(MaxClaims), Wants: many(1)}, Version: 1, Whole: true}, "4097 endpoints"},
		{Frame{Beat: member.Beat{Node: "a", Seq: 1, Holds: many(7000)}, Version: 1, Whole: true}, "too many endpoints"},
	} {
		if b, err := Append(nil, &c.f); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Append gave %d bytes, %v, want %q", len(b), err, c.want)
		}
	}
	for text, want := range map[string]string{
		"": "empty", "\x02": "format 2", "\x01\xff": "damaged", strings.Repeat("\x01", MaxBytes+1): "at most",
	} {
		if _, err := Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Parse(%.10q) = %v, want %q", text, err, want)
		}
	}
	most := Frame{Beat: member.Beat{Node: "a", Seq: 1, Holds: many(MaxClaims)}, Version: 1, Whole: true}
	for i := range most.Holds {
		most.Holds[i] = member.Claim{Key: 1<<64 - 1, Epoch: 1 << 40}
	}
	if _, err := Append(nil, &most); err != nil {
		t.Errorf("as many endpoints as are possible: %v", err)
	}
}

// TestLists has beats be made whole by the lists of their version, and of no other.
func TestLists(t *testing.T) {
	l := NewLists()
	beat := func(run, version uint64, whole bool) *Frame {
		f := &Frame{Beat: member.Beat{Node: "a", Run: run, Seq: 1}, Version: version, Whole: whole}
		if whole {
			f.Holds = []member.Claim{{Key: version, Epoch: 1}}
		}
		return f
	}
	for i, c := range []struct {
		f    *Frame
		want Answer
	}{
		{beat(1, 1, false), Unknown},
		{beat(1, 1, true), Whole},
		{beat(1, 1, false), Whole},
		{beat(1, 2, false), Unknown},
		{beat(2, 1, false), Unknown}, // of another process
		{beat(1, 2, true), Whole},
		{beat(1, 1, false), Stale},
		{beat(1, 2, false), Whole},
		{beat(1, 1, true), Whole}, // a late one: the member knows by its number
		{beat(1, 2, false), Whole},
	} {
		if got := l.Complete(c.f, 0); got != c.want {
			t.Errorf("%d: Complete = %v, want %v", i, got, c.want)
		} else if got == Whole && (len(c.f.Holds) != 1 || c.f.Holds[0].Key != c.f.Version) {
			t.Errorf("%d: it has %v", i, c.f.Holds)
		}
	}
	for run := range uint64(3 * most) {
		l.Complete(beat(run, 1, true), 1)
	}
	if len(l.of) > most {
		t.Errorf("the lists of %d are kept", len(l.of))
	}
}

func FuzzParse(f *testing.F) {
	for _, frame := range frames() {
		b, err := Append(nil, frame)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b[head:])
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		_, _ = Parse(b) // as it is, it is never right
		got, err := Parse(sealed(b))
		if err != nil {
			return
		}
		again, err := Append(nil, got)
		if err != nil { // a field may have been shorter than it is written
			if len(b) < MaxBytes/2 {
				t.Fatalf("what was read cannot be written: %v", err)
			}
			return
		}
		if twice, err := Parse(again); err != nil || !reflect.DeepEqual(twice, got) {
			t.Fatalf("%+v came back as %+v, %v", got, twice, err)
		}
	})
}
