package revision

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"
)

// aManifest is one that Parse takes.
func aManifest() *Manifest {
	return &Manifest{
		Format: 1, Bridge: "line-3", Number: 7, ID: strings.Repeat("ab", idBytes), Time: time.Unix(1800000000, 0).UTC(), By: "anna at pc", Program: "1.2",
		Comment: "größere Pumpe", Config: NewFile("", []byte("config")), Files: []File{NewFile("a.csv", []byte("a")), NewFile("tags/b.csv", []byte("b"))},
	}
}

// stored is m as somebody stores it who does not care whether it is one.
func stored(t testing.TB, m *Manifest) []byte {
	t.Helper()
	b, err := m.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestManifestRoundTrip(t *testing.T) {
	m := aManifest()
	got, err := Parse(stored(t, m))
	if err != nil || fmt.Sprint(got) != fmt.Sprint(m) {
		t.Errorf("Parse = %+v, %v, want %+v", got, err, m)
	}
}

// TestManifestCut has no beginning of a manifest, and none with a changed bit, be taken for one.
func TestManifestCut(t *testing.T) {
	b := stored(t, aManifest())
	for n := range b {
		if _, err := Parse(b[:n]); err == nil {
			t.Errorf("a manifest cut to %d bytes is taken", n)
		}
	}
	for n := range b {
		b[n] ^= 1
		if _, err := Parse(b); err == nil {
			t.Errorf("a manifest with bit 0 of byte %d changed is taken", n)
		}
		b[n] ^= 1
	}
}

// TestHostileManifest has each of these be refused, for its own reason.
func TestHostileManifest(t *testing.T) {
	named := func(names ...string) func(m *Manifest) {
		return func(m *Manifest) {
			m.Files = nil
			for _, n := range names {
				m.Files = append(m.Files, NewFile(n, []byte(n)))
			}
		}
	}
	for _, c := range []struct {
		what string
		make func(m *Manifest)
		want string
	}{
		{"parent", named("../a.csv"), "no name of a file"},
		{"parent inside", named("tags/../../a.csv"), "leads out"},
		{"dots inside", named("tags/../a.csv"), "leads out"},
		{"absolute", named("/etc/a.csv"), "leads out"},
		{"drive", named("C:a.csv"), "characters"},
		{"backslash", named(`..\a.csv`), "characters"},
		{"newline", named("a\n.csv"), "characters"},
		{"right to left", named("a\u202e.csv"), "characters"},
		{"zero width", named("a\u200b.csv"), "characters"},
		{"two letters", named("u\u0308.csv"), "made of two"},
		{"no UTF-8", named("a\xff.csv"), ""},
		{"empty", named(""), "1 to"},
		{"dot", named(".csv"), "hidden"},
		{"hidden folder", named(".ssh/a.csv"), "hidden"},
		{"device", named("aux.csv"), "every system"},
		{"device 2", named("x/COM1.csv"), "every system"},
		{"blank", named("a /b.csv"), "every system"},
		{"program", named("a.sh"), "has to end in"},
		{"no end", named("users"), "has to end in"},
		{"unit", named("x.service"), "has to end in"},
		{"deep", named(strings.Repeat("a/", 9) + "a.csv"), "deep"},
		{"long", named(strings.Repeat("a", 300) + ".csv"), "1 to"},
		{"twice", named("a.csv", "a.csv"), "are one"},
		{"twice in case", named("a.csv", "A.CSV"), "are one"},
		{"folder and file", named("a.csv", "a.csv/b.csv"), "a folder of"},
		{"file and folder", named("A.csv/b.csv", "a.csv"), "a folder of"},
		{"huge", func(m *Manifest) { m.Files[0].Size = maxFile + 1 }, "bytes"},
		{"negative", func(m *Manifest) { m.Files[0].Size = -1 }, "bytes"},
		{"all huge", func(m *Manifest) {
			for i := range 5 {
				f := NewFile(fmt.Sprintf("m%d.csv", i), nil)
				f.Size = maxFile
				m.Files = append(m.Files, f)
			}
		}, "more than 64 MiB"},
		{"thousands", func(m *Manifest) {
			for i := range maxFiles {
				m.Files = append(m.Files, NewFile(fmt.Sprintf("m%d.csv", i), nil))
			}
		}, "at most 300"},
		{"sum", func(m *Manifest) { m.Files[0].Sum = "../../etc/passwd" }, "SHA-256"},
		{"config named", func(m *Manifest) { m.Config.Name = "x.yaml" }, "names the configuration"},
		{"number", func(m *Manifest) { m.Number = 0 }, "no number"},
		{"great number", func(m *Manifest) { m.Number = maxNumber + 1 }, "no number"},
		{"identity", func(m *Manifest) { m.ID = "x" }, "no number or no identity"},
		{"no bridge", func(m *Manifest) { m.Bridge = "" }, "names no bridge"},
		{"comment", func(m *Manifest) { m.Comment = "\x1b[2J" }, `"comment"`},
		{"long comment", func(m *Manifest) { m.Comment = strings.Repeat("x", maxComment+1) }, `"comment"`},
		{"later release", func(m *Manifest) { m.Format = 2 }, "later release"},
	} {
		m := aManifest()
		c.make(m)
		if _, err := Parse(stored(t, m)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: Parse = %v, want %q", c.what, err, c.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(stored(f, aManifest()))
	f.Add([]byte(`{"format":1,"files":[{"name":"../x.csv"}]}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		sum := sha256.Sum256(b) // so that what is below the sum is reached
		whole := append([]byte(head+hex.EncodeToString(sum[:])+"\n"), b...)
		for _, text := range [][]byte{b, whole} {
			m, err := Parse(text)
			if err != nil {
				continue
			}
			for _, file := range m.Files {
				if strings.Contains(file.Name, "..") && strings.Contains("/"+file.Name+"/", "/../") || strings.HasPrefix(file.Name, "/") {
					t.Fatalf("a name leads out: %q", file.Name)
				}
			}
			again, err := Parse(stored(t, m))
			if err != nil || !Same(again, m) {
				t.Fatalf("not taken again: %v", err)
			}
		}
	})
}
