package store

import (
	"regexp"
	"testing"
)

// TestNames has different names never have one stream, bucket or key, and each be one that a server takes.
func TestNames(t *testing.T) {
	odd := []string{
		"line-3", "line_3", "line.3", "line 3", "Line-3", "linie-ü", "linie-ö", "linie-_", "", "_", "-", ".", "*", ">", "a/b", "a.b", "a..b", "a\x00b", "日本",
		"records", "-records-", "a-records", "records-a", "a-records-b", "a-records-b-records-c", "a_records", "x-records-", "-records",
		part("linie-ü"), part(part("linie-ü")), part(""), part("a-records-b"), "a-0123456789abcdef", "0123456789abcdef", "-0123456789abcdef",
	}
	long := ""
	for range 70 {
		long += "l"
		odd = append(odd, long)
	}
	for range 300 {
		long += "l"
	}
	odd = append(odd, long, long+"x")
	valid := regexp.MustCompile(`^[-_a-zA-Z0-9]{1,200}$`)
	validKey := regexp.MustCompile(`^[-_a-zA-Z0-9]+\.[-_a-zA-Z0-9]+$`)
	seen, keys := map[string]string{}, map[string]string{}
	add := func(name, of string) {
		if was, ok := seen[name]; ok {
			t.Errorf("%q is the name for %q and for %q", name, was, of)
		}
		seen[name] = of
		if !valid.MatchString(name) {
			t.Errorf("%q for %q is no name that a server takes", name, of)
		}
	}
	for _, bridge := range odd {
		add(Claims(bridge), "claims of "+bridge)
		add(Cursors(bridge), "cursors of "+bridge)
		add(Revisions(bridge), "revisions of "+bridge)
		for _, node := range odd {
			add(Records(bridge, node), "records of "+bridge+" and "+node)
			key := Key(bridge, node)
			if was, ok := keys[key]; ok {
				t.Errorf("%q is the key of %q and of %q %q", key, was, bridge, node)
			}
			keys[key] = bridge + " " + node
			if !validKey.MatchString(key) {
				t.Errorf("%q is no key", key)
			}
		}
	}
	for name, want := range map[string]string{
		Claims("line-3"): "tagbridge-line-3-claims", Records("line-3", "pc-a"): "tagbridge-line-3-records-pc-a", Key("pc-a", "historian"): "pc-a.historian",
	} {
		if name != want {
			t.Errorf("%s, want %s", name, want)
		}
	}
}
