package wire

import (
	"encoding/hex"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"tagbridge/cmd/tagbridge/cluster/member"
)

// written are what the files have. They are never changed, and the files never made anew.
func written() []*Frame {
	claim := func(key, epoch uint64) member.Claim { return member.Claim{Key: key, Epoch: epoch} }
	return []*Frame{
		{Beat: member.Beat{Node: "pc-a", Run: 7, Seq: 3, Joined: true}, Version: 4, Ask: true, Draining: true, Age: 12345},
		{
			Beat: member.Beat{
				Node: "pc-b", Run: 1<<64 - 1, Seq: 1 << 40,
				Holds:  []member.Claim{claim(1, 1), claim(1<<63, 1<<64-1)},
				Wants:  []member.Claim{claim(5, 300)},
				Yields: []member.Yield{{Claim: claim(9, 2), To: "pc-c"}, {Claim: claim(10, 2)}},
			},
			Version: 1, Whole: true, Aside: true, Program: "1.4.0", Servers: []string{"n0", "n1"},
		},
		{Beat: member.Beat{Node: "x", Seq: 1}, Version: 1, Whole: true},
	}
}

// TestFirstRelease has what the first release writes be read for ever.
func TestFirstRelease(t *testing.T) {
	for i, want := range written() {
		if got := golden(t, fmt.Sprintf("first-%d.hex", i)); !reflect.DeepEqual(got, want) {
			t.Errorf("%d is %+v, want %+v", i, got, want)
		}
	}
}

// TestLevel1 likewise has what releases of level 1 write be read, which say nothing of copies.
func TestLevel1(t *testing.T) {
	want := written()[1]
	want.Plan, want.Level, want.Listed = 1<<64-5, 1, 3
	if got := golden(t, "level1.hex"); !reflect.DeepEqual(got, want) {
		t.Errorf("it is %+v, want %+v", got, want)
	}
}

// TestLevel2 likewise has what releases of level 2 write be read, and be what is written while Level is 2.
func TestLevel2(t *testing.T) {
	want := written()[1]
	want.Plan, want.Level, want.Listed, want.Copy = 1<<64-5, 2, 3, Copy{Copies: true, Behind: 70_000, Age: 1234}
	if got := golden(t, "level2.hex"); !reflect.DeepEqual(got, want) {
		t.Errorf("it is %+v, want %+v", got, want)
	}
	if b, err := Append(nil, want); Level == 2 && (err != nil || hex.EncodeToString(b) != text(t, "level2.hex")) {
		t.Errorf("this release writes %x, %v: if that is meant, raise Level, and keep a file of it", b, err)
	}
}

func golden(t *testing.T, name string) *Frame {
	t.Helper()
	b, err := hex.DecodeString(text(t, name))
	if err != nil {
		t.Fatal(err)
	}
	f, err := Parse(b)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func text(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(b))
}
