package opcua

import (
	"fmt"
	"testing"
	"time"

	"github.com/gopcua/opcua/ua"

	"tagbridge/mapping"
	rig "tagbridge/testrig/opcua"
)

func TestEveryScalarType(t *testing.T) {
	when := time.Date(2026, 1, 2, 3, 4, 5, 600, time.UTC)
	values := map[string]struct {
		v    any
		want string
	}{
		"bool":    {true, "true"},
		"sbyte":   {int8(-7), "-7"},
		"byte":    {uint8(200), "200"},
		"int16":   {int16(-1234), "-1234"},
		"uint16":  {uint16(65535), "65535"},
		"int32":   {int32(-70000), "-70000"},
		"uint32":  {uint32(4294967295), "4294967295"},
		"int64":   {int64(-9007199254740993), "-9007199254740993"},
		"uint64":  {uint64(18446744073709551615), "18446744073709551615"},
		"float":   {float32(23.1), "23.1"},
		"double":  {23.1, "23.1"},
		"string":  {"Größe", "Größe"},
		"time":    {when, "2026-01-02T03:04:05.0000006Z"},
		"guid":    {ua.NewGUID("72962B91-FA75-4AE6-8D28-B404DC7DAF63"), "72962b91-fa75-4ae6-8d28-b404dc7daf63"},
		"bytes":   {[]byte{1, 2, 3}, "AQID"},
		"xml":     {ua.XMLElement("<a/>"), "<a/>"},
		"nodeid":  {ua.NewStringNodeID(3, "x"), "ns=3;s=x"},
		"status":  {ua.StatusBadTimeout, "BadTimeout"},
		"qname":   {&ua.QualifiedName{NamespaceIndex: 2, Name: "Q"}, "2:Q"},
		"local":   {ua.NewLocalizedText("Text"), "Text"},
		"variant": {[]*ua.Variant{ua.MustVariant(int32(5))}, "BadTypeMismatch"},
		"array":   {[]float64{1, 2}, "BadTypeMismatch"},
	}
	nodes := map[string]any{}
	var list []*mapping.Tag
	for name, c := range values {
		nodes["ns=1;s="+name] = c.v
		list = append(list, tag("ns=1;s="+name))
	}
	s := serve(t, rig.Options{Nodes: nodes})
	l := linkTo(t, s)
	open(t, l)
	got := readOnce(t, l, jobOf(list, PlanOptions{}))
	for name, c := range values {
		if g := got["ns=1;s="+name]; g != c.want {
			t.Errorf("%s = %q, want %q", name, g, c.want)
		}
	}
}

func TestOneBadNodeCostsOneTag(t *testing.T) {
	s := serve(t, rig.Options{Nodes: map[string]any{"ns=1;s=a": 1.5, "ns=1;s=b": 2.5, "nsu=http://example.org/press;s=c": 3.5}})
	l := linkTo(t, s)
	open(t, l)
	j := jobOf(tags("ns=1;s=a", "ns=1;s=gone", "ns=1;s=b", "nsu=http://example.org/press;s=c",
		"nsu=http://example.org/none;s=c", "/Objects/1:Nobody"), PlanOptions{})
	for range 2 { // the second round must not be better or worse
		got := readOnce(t, l, j)
		want := map[string]string{
			"ns=1;s=a": "1.5", "ns=1;s=gone": "BadNodeIdUnknown", "ns=1;s=b": "2.5", "nsu=http://example.org/press;s=c": "3.5",
			"nsu=http://example.org/none;s=c": "BadNodeIdUnknown", "/Objects/1:Nobody": "BadNoMatch",
		}
		for name, w := range want {
			if got[name] != w {
				t.Errorf("%s = %q, want %q", name, got[name], w)
			}
		}
	}
	for index, want := range map[int]string{
		1: "the server has no such node: look for it with tagbridge browse",
		4: "the server has no namespace http://example.org/none",
		5: "the server has nothing at this browse path: look for it with tagbridge browse",
	} {
		if why := j.Work.Err(index); why != want {
			t.Errorf("tag %d: reason %q, want %q", index, why, want)
		}
	}
}

func TestReadsInChunks(t *testing.T) {
	const n = 1050
	nodes := map[string]any{}
	var list []*mapping.Tag
	for i := range n {
		name := fmt.Sprintf("ns=1;s=node-with-a-name-that-is-rather-long-%d", i)
		nodes[name] = int32(i)
		list = append(list, tag(name))
	}
	s := serve(t, rig.Options{Nodes: nodes, MaxNodesPerRead: 100})
	l := linkTo(t, s)
	open(t, l)
	j := jobOf(list, PlanOptions{})
	for range 2 {
		got := readOnce(t, l, j)
		if len(got) != n {
			t.Fatalf("%d values, want %d", len(got), n)
		}
		for i, tg := range list {
			if got[tg.Name] != fmt.Sprint(i) {
				t.Fatalf("%s = %s", tg.Name, got[tg.Name])
			}
		}
	}
	if c := j.Work.(*Plan).chunks; len(c) != 11 {
		t.Errorf("%d requests, want 11", len(c))
	}
}
