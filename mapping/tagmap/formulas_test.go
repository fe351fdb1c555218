package tagmap_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tagbridge/mapping"
	"tagbridge/mapping/config"
)

// load loads a configuration of one Modbus device with a map of these rows.
func load(t *testing.T, rows string) (*config.Config, string) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"plant.yaml": "devices:\n  - name: boiler\n    url: tcp://127.0.0.1:502\n    tags: [boiler.csv]\nsinks:\n  - {name: out, type: file, path: \"-\"}\n",
		"boiler.csv": rows,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cfg, problems := config.Load(filepath.Join(dir, "plant.yaml"), config.Options{})
	var lines []string
	for _, p := range problems {
		lines = append(lines, strings.ReplaceAll(p.String(), dir+"/", ""))
	}
	return cfg, strings.Join(lines, "\n")
}

func TestFormulasOfOwnTags(t *testing.T) {
	cfg, problems := load(t, `tag,address,type,expr,valid_if,poll
total,,,sum / 2 + raw,,
sum,,,low + high * 65536,,
low,40001,uint16,,state == 4,5s
high,40002,uint16,,,2s
raw,40003,float32,,,
state,40005,,,,
on,,,state in [4; 5],,
run,,,state > 3,,
`)
	const torn = `boiler.csv:4:19: warning: valid_if "state == 4": low, state do not come out of one answer, so that a change between two can be seen in part: low is read every 5s, and state every 1s`
	first, second, _ := strings.Cut(problems, "\n")
	if first != torn || strings.Contains(second, "\n") || !strings.Contains(second, "boiler.csv:8:") || !strings.Contains(second, "(character 12)") {
		t.Fatalf("problems:\n%s\nwant one, in line 8, and a warning", problems)
	}
	var names []string
	for _, tag := range cfg.Devices[0].Tags {
		names = append(names, tag.Name)
	}
	if got := strings.Join(names, " "); got != "low high raw state sum total run" {
		t.Errorf("tags %s, want those that are read, then each after those that it is computed from", got)
	}
	byName := map[string]*mapping.Tag{}
	for _, tag := range cfg.Devices[0].Tags {
		byName[tag.Name] = tag
	}
	if p := byName["sum"].Poll.String(); p != "2s" {
		t.Errorf("sum is computed every %s, want that of its fastest input, 2s", p)
	}
	if got := byName["sum"].Type; got != mapping.TypeFloat64 {
		t.Errorf("sum is %s", got)
	}
	if got := byName["run"].Type; got != mapping.TypeBool {
		t.Errorf("run is %s", got)
	}
	if byName["low"].Computed.Valid == nil {
		t.Error("valid_if of low is not compiled")
	}
}

func TestFormulaMistakes(t *testing.T) {
	for _, c := range []struct {
		row, want string
	}{
		{"x,,,pressur + 1,,", `did you mean pressure?`},
		{"x,40009,,pressure,,", `address "40009": a tag with expr is computed`},
		{"x,,bcd16,pressure,,", "a computed value has no such type"},
		{"x,,string,pressure,,", "gives a number, and the row's type is string"},
		{"x,,int16,name,,", "gives a text, and the row's type is int16"},
		{"x,,,pressure,,5s", "computed at each poll of its inputs"},
		{"x,,,x + 1,,", "computed from itself: x (line 4)"},
		{"x,,,y + 1,,\ny,,,x,,", "computed from itself: x (line 4) from y (line 5)"},
		{"x,40009,,,pressure,", "must be true or false, and this is a number"},
		{"x,40009,,,y > 1,\ny,,,pressure,,", "y is computed: only tags that are read"},
		{"x,40009,,,x > 1 and,", "something is missing at the end"},
		{"x,,,door + 1,,\ndoor,00001,,,,", "a number is needed here"},
		{"x,,,,,", "a tag needs an address"},
	} {
		_, problems := load(t, "tag,address,type,expr,valid_if,poll\npressure,40001,,,,\nname,40020,string:8,,,\n"+c.row+"\n")
		if !strings.Contains(problems, c.want) {
			t.Errorf("%s: %q, want %q", c.row, problems, c.want)
		}
	}
}

// TestBrokenInputIsToldOnce: a formula whose input has a row with a problem adds none.
func TestBrokenInputIsToldOnce(t *testing.T) {
	_, problems := load(t, "tag,address,expr\na,49999999,\nb,,a + 1\nc,,b + 1\n")
	if strings.Count(problems, "problem:") != 1 {
		t.Errorf("problems:\n%s\nwant the one of row a", problems)
	}
}

func TestLongChain(t *testing.T) {
	var b strings.Builder
	b.WriteString("tag,address,expr\n")
	for i := range 3000 {
		b.WriteString("t" + string(rune('0'+i/1000)) + strings.Repeat("x", 0) + num(i) + ",,t" + string(rune('0'+(i+1)/1000)) + num(i+1) + " + 1\n")
	}
	b.WriteString("t3" + num(3000) + ",40001,\n")
	_, problems := load(t, b.String())
	if !strings.Contains(problems, "for more than 1000 tags") {
		t.Errorf("problems: %.300s", problems)
	}
}

func num(i int) string {
	return string([]byte{byte('0' + i/100%10), byte('0' + i/10%10), byte('0' + i%10)})
}
