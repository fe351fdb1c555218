package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/drivers/opcua"
	"tagbridge/drivers/opcua/wire"
	"tagbridge/mapping/node"
)

// TestBrowseWritesRowsThatCheckTakes has names and texts that are formulas, are nothing, hide things, or come twice.
func TestBrowseWritesRowsThatCheckTakes(t *testing.T) {
	variable := func(address string, path ...string) opcua.Found {
		return opcua.Found{Path: path, Address: address, Variable: true, Type: "Double", Array: -1}
	}
	described := variable("ns=2;s=d", "d")
	float := variable("ns=2;s=f", "f")
	float.Enum = []wire.EnumText{{Value: 1, Text: "one"}}
	described.Type = "Int32"
	described.Remark, described.Unit = `=HYPERLINK("http://x")`, "@\x1b[31m"
	described.Enum = []wire.EnumText{{Value: 1, Text: "=1+1|\x1b]0;x"}, {Value: 2, Text: "\u202eon"}}
	structure := variable("ns=2;s=axis", "axis")
	structure.Type, structure.Members = "Structure", []opcua.Member{
		{Element: node.Element{{Member: "Mode"}}, Type: "Int32", Enum: []wire.EnumText{{Value: 0, Text: "off"}}}, {Element: node.Element{{Member: "Curve"}, {Each: true}}, Type: "Float"},
	}
	list := structure
	list.Path, list.Address, list.Array = []string{"axes"}, "ns=2;s=axes", 3
	value := variable("ns=2;s=v", "v")
	value.Type = "DataValue"
	dictionary := variable("ns=2;s=old", "old")
	dictionary.Type, dictionary.Undescribed = "Structure", "a structure of a type that the server does not describe"
	found := []opcua.Found{
		variable("ns=2;s=1", "=1+1"), variable("ns=2;s=2", "=AE01+S1-K1", "+"), variable("ns=2;s=3", "+", "x"), variable("ns=2;s=4", "-5 V"),
		variable("ns=2;s=5", "\x1b[2J", "#"), variable("ns=2;s=6", "$SYS", "_"), variable("ns=2;s=7", "@x"), variable("ns=2;s=8", "@x"),
		variable("ns=2;s=9", "'quoted'"), variable("ns=2;s==10", "“a”"), variable("ns=2;s=11", "time"), variable("ns=2;s=12", strings.Repeat("/", 300)),
		variable("ns=2;s=13", " \u200b"), described, float, structure, list, value, dictionary,
	}
	rows, left := bridge.OPCUARows(found)
	if want := len(found) - 2 + 1; len(rows) != want {
		t.Errorf("%d rows, want %d; left out: %q", len(rows), want, left)
	}
	if len(left) != 3 {
		t.Errorf("left out %q, want the array in an array, the DataValue and what is not described", left)
	}
	dir := t.TempDir()
	for name, print := range map[string]func(streams, []bridge.TagRow) error{"map.csv": printCSV, "map.yaml": printYAML} {
		var out bytes.Buffer
		if err := print(streams{out: &out}, rows); err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.Split(out.String(), "\n") {
			if strings.ContainsFunc(line, func(c rune) bool { return unicode.IsControl(c) || unicode.Is(unicode.Cf, c) }) {
				t.Errorf("%s: a line that a terminal acts on: %q", name, line)
			}
			if name == "map.csv" && strings.ContainsAny(line[:min(1, len(line))], "=+-@") {
				t.Errorf("a line that a spreadsheet computes: %s", line)
			}
		}
		os.WriteFile(filepath.Join(dir, name), out.Bytes(), 0o600)
		plant := filepath.Join(dir, "plant.yaml")
		os.WriteFile(plant, []byte("devices: [{name: press, driver: opcua, url: \"opc.tcp://127.0.0.1\", tags: ["+name+"]}]\n"), 0o600)
		if status, printed, complaints := typed(t, "", "check", plant); status != 0 {
			t.Errorf("check of %s: status %d, printed %q, complained %s\n%s", name, status, printed, complaints, out.String())
		}
	}
}

// TestBrowseTreeIsHarmless prints names and values that a terminal would act on.
func TestBrowseTreeIsHarmless(t *testing.T) {
	var out bytes.Buffer
	printTree(streams{out: &out}, []opcua.Found{
		{Path: []string{"a\x1b[2J"}},
		{Path: []string{"a", "b\u009b31m"}, Variable: true, Type: "String", Array: -1, Value: "x\r\n\x1b]0;owned\a", Unit: "\u202e", Address: "ns=2;s=\x1bc"},
	})
	if text := strings.ReplaceAll(out.String(), "\n", ""); strings.ContainsFunc(text, func(c rune) bool { return unicode.IsControl(c) || unicode.Is(unicode.Cf, c) }) {
		t.Errorf("printed %q", out.String())
	}
	if lines := strings.Count(out.String(), "\n"); lines != 2 {
		t.Errorf("%d lines for two nodes: %q", lines, out.String())
	}
}

func TestBrowseSaysThatNothingMatches(t *testing.T) {
	url, _ := press(t)
	status, _, complaints := typed(t, "", "browse", url, "--match", "Line*/Motor*/Speed", "--csv")
	if status != 1 || !strings.Contains(complaints, "no variable matches Line*/Motor*/Speed") {
		t.Errorf("status %d, complained %q", status, complaints)
	}
}
