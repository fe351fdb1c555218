package edit

import (
	"errors"
	"strings"
	"testing"
)

func TestEncodingsGoBothWays(t *testing.T) {
	for b, want := range map[string]Encoding{
		"tag,ä\r\n": UTF8, "\xEF\xBB\xBFtag,ä": UTF8Mark, "\xFF\xFEt\x00\xe4\x00": UTF16Little, "\xFE\xFF\x00t\x00\xe4": UTF16Big,
		"tag,\xe4\x80": Windows1252, "": UTF8, "\xFF\xFE": UTF16Little, "tag,\x80\xff": Windows1252,
	} {
		text, e, err := decode([]byte(b))
		if err != nil || e != want {
			t.Errorf("%q is %s, %v", b, e, err)
			continue
		}
		if again, err := e.encode(text); err != nil || string(again) != b {
			t.Errorf("%q becomes %q, %v", b, again, err)
		}
	}
	for _, b := range []string{"\xFF\xFE\x00\xd8", "\xFF\xFEt", "tag,\x81\xff"} { // half a character, or none
		if _, _, err := decode([]byte(b)); err != errNoText {
			t.Errorf("%q: %v", b, err)
		}
	}
}

func TestEncodeNeverChangesText(t *testing.T) {
	for _, c := range []struct {
		e          Encoding
		text, want string
	}{
		{Windows1252, "a,中", "which has no '中'"}, {Windows1252, "a,Â°", "read as another"}, {Windows1252, "\uFEFFa", "has no"},
		{UTF8, "\uFEFFa", "read as another"}, {UTF8, "a\x00", "NUL"}, {UTF8, "\xff", "read as another"}, {UTF16Big, "\uFEFFa", ""}, {UTF8Mark, "", ""},
	} {
		_, err := c.e.encode(c.text)
		if c.want == "" != (err == nil) || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %q: %v, want %s", c.e, c.text, err, c.want)
		}
	}
}

func TestPlaceIn(t *testing.T) {
	const text = "# Kühlung\r\ntag;unit\r\nwarm;°C\r\n\"two\nlines\";\"x;中\"\r\n"
	for char, want := range map[string]struct {
		line, col int
		header    string
	}{"°": {3, 6, "unit"}, "中": {5, 11, "unit"}, "lines": {5, 1, "tag"}, "Kü": {1, 3, ""}} {
		place, header := placeIn(text, strings.Index(text, char))
		if place.Line != want.line || place.Col != want.col || header != want.header && !strings.HasPrefix(text, "#") {
			t.Errorf("%s: %v %s, want %v", char, place, header, want)
		}
	}
	if h := headerAt("tag,address\na,中\n", strings.Index("tag,address\na,中\n", "中")); h != "address" {
		t.Errorf("%q", h)
	}
}

// FuzzEncode has a text be saved in an encoding: what is read back is that text, or it was refused with a reason.
func FuzzEncode(f *testing.F) {
	for _, e := range encodings {
		f.Add([]byte("tag,address\nä,40001\n"), string(e), "tag,°\r\n")
	}
	f.Add([]byte("\xFF\xFE\x00\xd8"), "utf-16le", "\xff")
	f.Fuzz(func(t *testing.T, file []byte, e, text string) {
		if old, is, err := decode(file); err == nil {
			if b, err := is.encode(old); err != nil || string(b) != string(file) {
				t.Fatalf("%q is not written back: %q, %v", file, b, err)
			}
		}
		b, err := Encoding(e).encode(text)
		if err != nil {
			var u *unheld
			if errors.As(err, &u) {
				placeIn(text, u.offset)
			}
			return
		}
		if again, _, _ := decode(b); again != text {
			t.Fatalf("%q as %s is read as %q", text, e, again)
		}
	})
}
