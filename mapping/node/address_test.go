package node

import (
	"reflect"
	"strings"
	"testing"
)

// guid is 72962B91-FA75-4AE6-8D28-B404DC7DAF63.
const guid = "\x72\x96\x2b\x91\xfa\x75\x4a\xe6\x8d\x28\xb4\x04\xdc\x7d\xaf\x63"

// TestParse has all that people write for an address: node ids (Part 6, 5.3.1.10 and 5.3.1.11), browse paths (Part 4,
// A.2), and what they write by mistake. err is a part of the error, which tells the mistake from others.
func TestParse(t *testing.T) {
	path := func(names ...Name) Address { return Address{Path: names} }
	for _, c := range []struct {
		text string
		want Address
		err  string
	}{
		{text: "ns=2;s=Force", want: Address{ID: ID{Space: 2, Kind: String, Text: "Force"}}},
		{text: "ns=2;i=1001", want: Address{ID: ID{Space: 2, Num: 1001}}},
		{text: "i=2258", want: Address{ID: ID{Num: 2258}}},
		{text: "s=a", want: Address{ID: ID{Kind: String, Text: "a"}}},
		{text: "ns=0;i=4294967295", want: Address{ID: ID{Num: 4294967295}}},
		{text: "ns=65535;s=a", want: Address{ID: ID{Space: 65535, Kind: String, Text: "a"}}},
		{text: "ns=007;s=a", want: Address{ID: ID{Space: 7, Kind: String, Text: "a"}}},
		{text: `ns=3;s="Data"."Motor 1"."i=5"`, want: Address{ID: ID{Space: 3, Kind: String, Text: `"Data"."Motor 1"."i=5"`}}},
		{text: "ns=4;s=Größe;ns=5;i=6", want: Address{ID: ID{Space: 4, Kind: String, Text: "Größe;ns=5;i=6"}}},
		{text: "ns=2;s= Force", want: Address{ID: ID{Space: 2, Kind: String, Text: " Force"}}},
		{text: "ns=2;g=72962B91-FA75-4AE6-8D28-B404DC7DAF63", want: Address{ID: ID{Space: 2, Kind: GUID, Text: guid}}},
		{text: "g={72962b91-fa75-4ae6-8d28-b404dc7daf63}", want: Address{ID: ID{Kind: GUID, Text: guid}}},
		{text: "ns=1;b=AQID", want: Address{ID: ID{Space: 1, Kind: Opaque, Text: "\x01\x02\x03"}}},
		{text: "nsu=http://example.org/press;s=Force", want: Address{URI: "http://example.org/press", ID: ID{Kind: String, Text: "Force"}}},
		{text: "nsu=urn:x;s=a;b=c", want: Address{URI: "urn:x", ID: ID{Kind: String, Text: "a;b=c"}}},
		{text: "nsu=http://x;y/;i=5", want: Address{URI: "http://x;y/", ID: ID{Num: 5}}},
		{text: "nsu=http://x%3By%2520/;i=5", want: Address{URI: "http://x;y%20/", ID: ID{Num: 5}}},
		{text: "nsu=a b;i=1", want: Address{URI: "a b", ID: ID{Num: 1}}},

		{text: "/Objects/2:Press/2:Force", want: path(Name{0, "Objects"}, Name{2, "Press"}, Name{2, "Force"})},
		{text: "/0:Objects", want: path(Name{0, "Objects"})},
		{text: "/a&//b", want: path(Name{0, "a/"}, Name{0, "b"})},
		{text: "/2:Block&.Output/2:DB1.Motor", want: path(Name{2, "Block.Output"}, Name{2, "DB1.Motor"})},
		{text: "/&/Name_1/&.Name_2/&:Name_3/&&Name_4", want: path(Name{0, "/Name_1"}, Name{0, ".Name_2"}, Name{0, ":Name_3"}, Name{0, "&Name_4"})},
		{text: "/c:d/2:a:b/10&:30/2::x", want: path(Name{0, "c:d"}, Name{2, "a:b"}, Name{0, "10:30"}, Name{2, ":x"})},
		{text: "/2:Größe #1!/2:a <b>", want: path(Name{2, "Größe #1!"}, Name{2, "a <b>"})},
		{text: "/&<0:HasComponent&>", want: path(Name{0, "<0:HasComponent>"})},

		{text: "", err: "must be a node id like"},
		{text: "Force", err: "must be a node id like"},
		{text: "Objects/2:Press", err: "must be a node id like"},
		{text: "x=1", err: "must be a node id like"},
		{text: "ns=2; s=a", err: "must be a node id like"},
		{text: "NS=2;s=a", err: "must be a node id like"},
		{text: "ns=2;s=", err: "nothing is after s="},
		{text: "nsu=urn:x;i=", err: "nothing is after i="},
		{text: "ns=2", err: "0 to 65535 and ; after it"},
		{text: "ns=2,s=Force", err: "0 to 65535 and ; after it"},
		{text: "ns=;s=a", err: "0 to 65535 and ; after it"},
		{text: "ns=-1;s=a", err: "0 to 65535 and ; after it"},
		{text: "ns=65536;i=1", err: "0 to 65535 and ; after it"},
		{text: "ns=99999999999999999999;i=1", err: "0 to 65535 and ; after it"},
		{text: "nsu=;s=a", err: "nsu= needs the URI"},
		{text: "nsu=http://x", err: "nsu= needs the URI"},
		{text: "nsu=http://x;Force", err: "nsu= needs the URI"},
		{text: "svr=1;ns=2;i=1", err: "svr= names a node of another server"},
		{text: "i=x", err: "a name is s="},
		{text: "i=-1", err: "0 to 4294967295"},
		{text: "i=1.0", err: "0 to 4294967295"},
		{text: "i=0x10", err: "0 to 4294967295"},
		{text: "i=4294967296", err: "0 to 4294967295"},
		{text: "g=12", err: "g= needs a GUID"},
		{text: "g=72962B91FA754AE68D28B404DC7DAF63", err: "g= needs a GUID"},
		{text: "g={72962B91-FA75-4AE6-8D28-B404DC7DAF63", err: "g= needs a GUID"},
		{text: "g=72962B91-FA75-4AE6-8D28-B404DC7DAF63}}", err: "g= needs a GUID"},
		{text: "g=72962B91-FA75-4AE6-8D28-B404DC7DAFxx", err: "g= needs a GUID"},
		{text: "b=*", err: "b= needs base64"},
		{text: "b=AQI", err: "b= needs base64"},

		{text: "/", err: "level 1 of the browse path is empty"},
		{text: "/Objects/", err: "level 2 of the browse path is empty"},
		{text: "/Objects//x", err: "level 2 of the browse path is empty"},
		{text: "/Objects/2:", err: "level 2 of the browse path has no name after 2:"},
		{text: "/Objects/2:/x", err: "level 2 of the browse path has no name after 2:"},
		{text: "/2:R&D", err: "level 1 of the browse path has an & "},
		{text: "/2:a&", err: "level 1 of the browse path has an & "},
		{text: "/Objects/70000:x", err: `level 2 of the browse path has "70000" for the index`},
		{text: "/Objects/:x", err: `level 2 of the browse path has "" for the index`},
		{text: "/Objects/<0:HasComponent>2:x", err: "level 2 of the browse path is a reference type"},
	} {
		got, err := Parse(c.text)
		switch {
		case c.err != "":
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%q is %+v, %v; want an error with %q", c.text, got, err, c.err)
			}
		case err != nil:
			t.Errorf("%q: %v", c.text, err)
		default:
			c.want.text = c.text
			if !reflect.DeepEqual(*got, c.want) || got.String() != c.text {
				t.Errorf("%q is %+v, want %+v", c.text, *got, c.want)
			}
			readsBack(t, got)
		}
	}
}

// readsBack reports an address that is written so that it is read as another.
func readsBack(t *testing.T, a *Address) {
	t.Helper()
	written := *a
	written.text = ""
	again, err := Parse(written.String())
	if err != nil {
		t.Errorf("%q is written as %q: %v", a, &written, err)
		return
	}
	again.text = ""
	if !reflect.DeepEqual(*again, written) {
		t.Errorf("%q is written as %q, which is read as %+v", a, &written, *again)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"i=2258", "ns=2;s=Force", "nsu=http://x;y/;s=a;b", "g=72962B91-FA75-4AE6-8D28-B404DC7DAF63", "ns=1;b=AQID", "nsu=%25%3B;i=1",
		"g={72962B91-FA75-4AE6-8D28-B404DC7DAF63}", "/Objects/2:Press/3:a&/b/c:d", "/a&//b&&", "/2:", "/&", "svr=1;i=1",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if a, err := Parse(s); err == nil {
			readsBack(t, a)
		}
	})
}

// FuzzPath writes any names as a browse path, which is read as these.
func FuzzPath(f *testing.F) {
	f.Add("Objects", uint16(2), "10:30")
	f.Add("&", uint16(0), "<a/b.c#!>")
	f.Fuzz(func(t *testing.T, a string, space uint16, b string) {
		if a != "" && b != "" {
			readsBack(t, &Address{Path: []Name{{0, a}, {space, b}}})
		}
	})
}

func TestResolve(t *testing.T) {
	spaces := []string{"http://opcfoundation.org/UA/", "urn:a", "urn:b"}
	for text, want := range map[string]string{
		"nsu=urn:b;i=5": "ns=2;i=5", "ns=7;i=5": "ns=7;i=5", "nsu=http://opcfoundation.org/UA/;i=5": "i=5", "nsu=urn:c;i=5": "",
	} {
		a, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		n, err := a.Resolve(spaces)
		if got := n.String(); want != "" && (err != nil || got != want) || want == "" && err == nil {
			t.Errorf("%s is %s, %v; want %s", text, got, err, want)
		}
	}
	if got := (*Address)(nil).String(); got != "" {
		t.Errorf("no address is written as %q", got)
	}
}

// TestWithURI has tables of namespaces that would lead to other nodes.
func TestWithURI(t *testing.T) {
	n := ID{Space: 2, Kind: String, Text: "a;i=5"}
	for _, c := range []struct {
		spaces []string
		want   string
	}{
		{[]string{"u", "v", "urn:x"}, "nsu=urn:x;s=a;i=5"},
		{[]string{"u", "v", "http://x;s=y/%3B"}, "nsu=http://x%3Bs=y/%253B;s=a;i=5"},
		{[]string{"u", "v"}, "ns=2;s=a;i=5"},
		{[]string{"u", "v", ""}, "ns=2;s=a;i=5"},
		{[]string{"u", "v", "v"}, "ns=2;s=a;i=5"},
	} {
		got := n.WithURI(c.spaces)
		if got != c.want {
			t.Errorf("with %q it is %s, want %s", c.spaces, got, c.want)
		}
		a, err := Parse(got)
		if err != nil {
			t.Fatal(err)
		}
		if back, err := a.Resolve(c.spaces); err != nil || back != n {
			t.Errorf("%s leads to %v, %v", got, back, err)
		}
	}
}

// FuzzWithURI has any node of any namespace read back as itself, by its URI as by its index.
func FuzzWithURI(f *testing.F) {
	f.Add("urn:x", uint8(1), uint32(0), "a")
	f.Add("http://x;s=y/%3B", uint8(2), uint32(0), guid)
	f.Add("%", uint8(0), uint32(70000), "")
	f.Fuzz(func(t *testing.T, uri string, kind uint8, num uint32, text string) {
		n := ID{Space: 1, Kind: Kind(kind % 4)}
		switch n.Kind {
		case Numeric:
			n.Num = num
		case GUID:
			n.Text = (text + guid)[:16]
		default:
			n.Text = text + "x" // an empty one names no node
		}
		spaces := []string{"u", uri}
		for _, written := range []string{n.WithURI(spaces), n.String()} {
			a, err := Parse(written)
			if err != nil {
				t.Fatalf("%q: %v", written, err)
			}
			if back, err := a.Resolve(spaces); err != nil || back != n {
				t.Fatalf("%q leads to %+v, %v; want %+v", written, back, err, n)
			}
		}
	})
}
