package config

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"tagbridge/mapping"
	"tagbridge/mapping/source"
)

// loadMap loads text as the map of a Modbus device.
func loadMap(t testing.TB, text string) ([]*mapping.Tag, source.Problems) {
	t.Helper()
	c, ps := loadWithMap(`{devices: [{name: plc, url: "tcp://h", labels: {area: north}, tags: [map.csv]}], sinks: []}`, []byte(text))
	return c.Devices[0].Tags, ps
}

// loadWithMap loads a configuration whose map.csv holds b.
func loadWithMap(config string, b []byte) (*Config, source.Problems) {
	files := source.Over(map[string][]byte{"-": []byte(config), "map.csv": b})
	return Load("-", Options{Getenv: noEnv, Expand: true, Hostname: "host", Files: files})
}

func utf16Text(s string, big bool) string {
	b := []byte{0xFF, 0xFE}
	if big {
		b = []byte{0xFE, 0xFF}
	}
	for _, u := range utf16.Encode([]rune(s)) {
		if big {
			b = append(b, byte(u>>8), byte(u))
		} else {
			b = append(b, byte(u), byte(u>>8))
		}
	}
	return string(b)
}

// TestForms reads one map in every form that spreadsheets save it in.
func TestForms(t *testing.T) {
	const comma = "tag,address,scale,unit\ntemp,40001,0.5,°C\n\"a, b\",40002,,\"say \"\"m³\"\"\"\n"
	semicolon := "tag;address;scale;unit\ntemp;40001;0,5;°C\n\"a, b\";40002;;\"say \"\"m³\"\"\"\n"
	tab := strings.NewReplacer(",", "\t", "a, b", "a, b").Replace(comma)
	tab = strings.Replace(tab, "a\t b", "a, b", 1)
	forms := map[string]string{
		"comma": comma, "semicolon": semicolon, "tab": tab,
		"sep":               "sep=;\r\n" + semicolon,
		"sep quoted":        "\uFEFFsep=;\n" + semicolon,
		"sep, then comment": "\"sep=\t\"\n# comment\n\n" + tab,
		"mark":              "\uFEFF" + comma,
		"utf-16 le":         utf16Text(comma, false),
		"utf-16 be":         utf16Text(tab, true),
		"crlf":              strings.ReplaceAll(comma, "\n", "\r\n"),
		"old mac":           strings.ReplaceAll(comma, "\n", "\r"),
		"no line end":       strings.TrimSuffix(comma, "\n"),
		"columns":           "Unit , SCALE,Address,#,x_mine, tag\n°C,0.5,40001,7,note,temp\n\"say \"\"m³\"\"\",,40002,#8,,\"a, b\"\n",
		"comments":          "# a \"comment\n\n,,,\n" + strings.Replace(comma, "\ntemp", "\n  # another, \"one\n\ntemp", 1) + ",,,\n",
		"wide":              strings.ReplaceAll(comma, "\n", ",,\n"),
	}
	for name, text := range forms {
		tags, ps := loadMap(t, text)
		if len(ps) != 0 || len(tags) != 2 {
			t.Errorf("%s: %d tags, %v", name, len(tags), ps)
			continue
		}
		a, b := tags[0], tags[1]
		if a.Name != "temp" || a.Unit != "°C" || a.Scaling.Scale != (mapping.Decimal{Mant: 5, Exp: -1}) {
			t.Errorf("%s: first tag %+v", name, a)
		}
		if b.Name != "a, b" || b.Unit != `say "m³"` || b.Scaling.Kind != mapping.Unscaled {
			t.Errorf("%s: second tag %+v", name, b)
		}
	}
}

// TestThousandOrOne takes a point for a decimal mark until the file shows that its marks are commas.
func TestThousandOrOne(t *testing.T) {
	if tags, ps := loadMap(t, "tag;address;scale\na;40001;1.250\nb;40002;0.5\n"); len(ps) != 0 || len(tags) != 2 {
		t.Errorf("points only: %v", ps)
	}
	_, ps := loadMap(t, "tag;address;scale\na;40001;1.250\nb;40002;0,5\nc;40003;0.125\nd;40004;1250\n")
	if len(ps) != 1 || ps[0].Line != 2 || !strings.Contains(ps[0].Message, `scale "1.250": a thousand?`) {
		t.Errorf("points and commas: %v", ps)
	}
	tags, ps := loadMap(t, "tag;address;scale\na;40001;1.000\nb;40002;7\nc;40003;10\n")
	if len(tags) != 3 || len(ps) != 1 || !ps[0].Warning || ps[0].Line != 2 || !strings.Contains(ps[0].Message, "if it is a thousand") {
		t.Errorf("nothing tells: %v", ps)
	}
}

// TestTypographicQuotes has quotes that a word processor made, which would become a part of the name.
func TestTypographicQuotes(t *testing.T) {
	for _, quoted := range []string{"“a”", "„a“", "»a«", "«a»", "‘a’"} {
		if _, ps := loadMap(t, "tag,address\n"+quoted+",40001\n"); len(ps) != 1 || ps[0].Warning || !strings.Contains(ps[0].Message, "write plain ones") {
			t.Errorf("%s: %v", quoted, ps)
		}
	}
	if _, ps := loadMap(t, "tag,address,description,unit\na“x”,40001,“so called”,m³\n"); len(ps) != 0 {
		t.Errorf("quotes that are meant: %v", ps)
	}
}

func TestWindows1252(t *testing.T) {
	tags, ps := loadMap(t, "tag,address,unit\nK\xFChlung,40001,\xB0C\nx,40002,\x80\n")
	if len(tags) != 2 || tags[0].Name != "Kühlung" || tags[0].Unit != "°C" || tags[1].Unit != "€" {
		t.Errorf("tags %+v", tags)
	}
	if len(ps) != 1 || !strings.HasPrefix(ps[0].String(), "map.csv:2:2: warning: not UTF-8, read as Windows-1252") {
		t.Errorf("problems %v", ps)
	}
}

// TestLines has every message at its line and column in characters, behind quoted line ends and wide characters.
func TestLines(t *testing.T) {
	_, ps := loadMap(t, "tag,address,description,poll\n"+
		"a,40001,\"two\nlines\",5\n"+ // 5 is on line 3
		"ä€,40002,\"x\r\ny\rz\",6\n"+ // 4 to 6
		"# comment\n\n"+
		"ü,1,,\n")
	var places []string
	for _, p := range ps {
		places = append(places, fmt.Sprintf("%d:%d", p.Line, p.Column))
	}
	if got, want := strings.Join(places, " "), "3:8 6:4 9:3"; got != want {
		t.Errorf("places %s, want %s: %v", got, want, ps)
	}
}

// TestOpenQuote reports a quote that is not closed, and still reads the rows behind it.
func TestOpenQuote(t *testing.T) {
	tags, ps := loadMap(t, "tag,address,unit\na,40001,\"x\nb,40002,\"\"\nc,1,\n")
	if len(tags) != 2 || tags[1].Name != "b" {
		t.Errorf("tags %v", tags)
	}
	if len(ps) != 2 || !strings.Contains(ps[0].Message, "this quote is not closed") || ps[1].Line != 4 {
		t.Errorf("problems %v", ps)
	}
}

func TestProblemsAreBounded(t *testing.T) {
	if _, ps := loadMap(t, "tag,address\n"+strings.Repeat("a,1\n", 2*source.MaxProblems)); len(ps) != source.MaxProblems+1 {
		t.Errorf("%d problems kept, last %v", len(ps), ps[len(ps)-1])
	}
}
