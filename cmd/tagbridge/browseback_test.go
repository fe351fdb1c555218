package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/drivers/opcua"
	"tagbridge/mapping/config"
	"tagbridge/mapping/node"
)

// TestBrowseIsReadBack prints maps of nodes and members of any name: what is in them is read as these, and no others,
// and what cannot be in a map is named.
func TestBrowseIsReadBack(t *testing.T) {
	spaces := []string{"http://opcfoundation.org/UA/", "urn:plant", "http://x;s=y/%3B", "", "urn:plant", "urn:a b, \"c\""}
	id := func(space uint16, text string) node.ID { return node.ID{Space: space, Kind: node.String, Text: text} }
	guid := node.ID{Space: 1, Kind: node.GUID, Text: "0123456789abcdef"}
	ids := []node.ID{
		{Num: 2258}, {Space: 3, Num: 4294967295}, {Space: 70, Num: 0}, guid, {Space: 2, Kind: node.Opaque, Text: "\x00\xff=;"},
		id(1, "a;b=c"), id(2, "ns=2;i=5"), id(3, "=1+1"), id(4, "'quoted'"), id(5, `"DB 1"."a,b;c"`), id(1, "größe"), id(1, "می\u200cخواهم"), id(1, "{1}: #x"),
		id(1, " Force"), id(1, "“Force”"), id(0, "null"), id(1, "''"), id(1, "\\x41\\n"),
	}
	lost := []node.ID{id(1, ""), id(1, "Force "), id(1, "Force\u200b"), {Kind: node.Opaque}, id(1, "a\x1b[2J"), id(1, "a\r\nb"), id(1, "a\tb"), id(1, "a\xffb")}
	members := []string{"Speed", "Motor Speed", "R&D", "a.b", "[0]", "&", "]", "=x", "“a”"}
	lostMembers := []string{"", " a", "a ", "a\nb", "\x1b", "\xff"}

	var found []opcua.Found
	want := map[string]int{}
	for i, n := range append(ids, lost...) {
		found = append(found, opcua.Found{Path: []string{"n"}, Address: n.WithURI(spaces), Variable: true, Type: "Double", Array: -1})
		if i < len(ids) {
			want[n.String()]++
		}
	}
	structure := opcua.Found{Path: []string{"s"}, Address: "ns=1;i=1", Variable: true, Type: "Structure", Array: -1}
	for i, m := range append(members, lostMembers...) {
		e := node.Element{{Member: m}, {Index: []int{0}}, {Member: m}}
		structure.Members = append(structure.Members, opcua.Member{Element: e, Type: "Double"})
		if i < len(members) {
			want["ns=1;i=1 "+e.String()]++
		}
	}
	rows, left := bridge.OPCUARows(append(found, structure))
	if len(left) != len(lost)+len(lostMembers) {
		t.Errorf("%d are left out, want %d: %q", len(left), len(lost)+len(lostMembers), left)
	}
	for name, print := range map[string]func(streams, []bridge.TagRow) error{"map.csv": printCSV, "map.yaml": printYAML} {
		var out bytes.Buffer
		if err := print(streams{out: &out}, rows); err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		plant := filepath.Join(dir, "plant.yaml")
		os.WriteFile(filepath.Join(dir, name), out.Bytes(), 0o600)
		os.WriteFile(plant, []byte("devices: [{name: press, driver: opcua, url: \"opc.tcp://127.0.0.1\", tags: ["+name+"]}]\n"), 0o600)
		cfg, problems := config.Load(plant, config.Options{})
		if problems.HasProblems() {
			t.Errorf("%s: %v\n%s", name, problems, out.String())
			continue
		}
		got := map[string]int{}
		for _, tag := range cfg.Devices[0].Tags {
			n, err := tag.Node.Resolve(spaces)
			if err != nil {
				t.Errorf("%s: %s: %v", name, tag.Node, err)
			}
			got[strings.TrimSuffix(n.String()+" "+tag.Element.String(), " ")]++
		}
		for at, n := range want {
			if got[at] != n {
				t.Errorf("%s: %q is read %d times, want %d", name, at, got[at], n)
			}
		}
		for at := range got {
			if want[at] == 0 {
				t.Errorf("%s: %q is read, which the server does not have", name, at)
			}
		}
	}
}
