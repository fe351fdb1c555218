package cluster

import (
	"strings"
	"testing"

	"tagbridge/testrig/natsd"
)

func TestUnlikeLists(t *testing.T) {
	at := func(node string, listed uint64, servers ...string) setup { return setup{node, "1", listed, servers} }
	self := at("pc-a", 3, "n0", "n1", "n2")
	for _, c := range []struct {
		self, other setup
		want        string // "": they are alike, as far as can be seen
	}{
		{self, at("pc-b", 3, "n2", "n0", "n1"), ""},
		{self, at("pc-b", 3, "n0"), ""},
		{self, at("pc-b", 3), ""},
		{self, at("pc-b", 2, "n0", "n1"), "pc-b names 2, this one 3"},
		{self, at("pc-b", 3, "n0", "n1", "other"), "pc-b is connected to one that this one does not name"},
		{at("pc-a", 3, "n0", "other"), at("pc-b", 3, "n0", "n1", "n2"), "this one is connected to one that pc-b does not name"},
		{at("pc-a", 3, "n0", "n1"), at("pc-b", 3, "n0", "n2"), ""},               // the third ones may be the same
		{at("pc-a", 3, "one", "one", "one"), at("pc-b", 3, "one", "two"), ""},    // names that say nothing
		{self, at("pc-b", 0, "n0", "n1"), ""},                                    // of a release that does not say it
		{self, at("pc-b", 0, "other"), "is connected to one that this one does"}, // which shows all the same
	} {
		if got := unlikeLists(c.self, []setup{c.other}); (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%+v and %+v: %q, want %q", c.self, c.other, got, c.want)
		}
	}
}

func TestUnlikeReleases(t *testing.T) {
	of := func(node, program string) setup { return setup{node: node, program: program} }
	for _, c := range []struct {
		self   setup
		others []setup
		want   string
	}{
		{of("pc-a", "1.4"), nil, ""},
		{of("pc-a", "1.4"), []setup{of("pc-b", "1.4"), of("pc-c", "")}, ""},
		{of("pc-a", ""), []setup{of("pc-b", "1.4")}, ""},
		{of("pc-a", "1.4"), []setup{of("pc-b", "1.5"), of("pc-c", "1.4")}, "pc-a of 1.4, pc-b of 1.5, pc-c of 1.4. Two"},
	} {
		if got := unlikeReleases(c.self, c.others); (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%+v: %q, want %q", c.others, got, c.want)
		}
	}
}

// TestUnlikeMembers has members that name different servers, and are of different releases, say so, and go on.
func TestUnlikeMembers(t *testing.T) {
	p := newPlant(t, 6, natsd.Plain(t, ""), natsd.Plain(t, ""), natsd.Plain(t, ""))
	a := p.start("pc-a", nil)
	b := p.start("pc-b", func(o *Options) { o.URLs, o.Version = o.URLs[:2], "next" })
	p.shared("two share", a, b)
	for _, m := range []*pc{a, b} {
		await(t, "it is said", func() bool {
			said := strings.Join(m.State().Warnings(), "\n")
			return strings.Contains(said, "different NATS servers") && strings.Contains(said, "pc-a of test") && strings.Contains(said, "pc-b of next")
		})
	}
	b.stop()
	await(t, "it is not said any more", func() bool { s := a.State(); return s.Lists == "" && s.Releases == "" })
}
