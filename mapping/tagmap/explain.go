package tagmap

import (
	"fmt"
	"slices"

	"tagbridge/mapping"
)

// Explain says in words how the tags of a device changed, of which c are the names.
func Explain(device string, old, new []*mapping.Tag, c NameChanges) (lines []string) {
	sayf := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	name := func(t **mapping.Tag) string { return (*t).Name }
	before, after := ByName(old, name), ByName(new, name)
	renamed := renames(c, before, after)
	for _, n := range c.Removed {
		if to := renamed[n]; to != "" {
			sayf("tag %s/%s: renamed to %s", device, n, to)
			for _, what := range tagChanges(*before[n], *after[to]) {
				sayf("tag %s/%s: %s", device, to, what)
			}
			continue
		}
		sayf("tag %s/%s: removed", device, n)
	}
	for _, n := range c.Added {
		if !hasValue(renamed, n) {
			sayf("tag %s/%s: added, %s", device, n, wherePlaced(*after[n]))
		}
	}
	for _, n := range c.Changed {
		for _, what := range tagChanges(*before[n], *after[n]) {
			sayf("tag %s/%s: %s", device, n, what)
		}
	}
	if !c.Any() && !SameTags(old, new) {
		sayf("device %s: its tags are in another order", device)
	}
	return lines
}

// renames pairs each removed tag with the added one that is equal to it but for the name, else with one of the same
// address and type.
func renames(c NameChanges, before, after map[string]**mapping.Tag) map[string]string {
	pairs := make(map[string]string)
	places := make(map[string][]string) // added tags by where they are
	for _, n := range c.Added {
		at := wherePlaced(*after[n])
		places[at] = append(places[at], n)
	}
	pair := func(n string, same func(to string) bool) {
		at := wherePlaced(*before[n])
		if i := slices.IndexFunc(places[at], same); i >= 0 && pairs[n] == "" {
			pairs[n] = places[at][i]
			places[at] = slices.Delete(places[at], i, i+1)
		}
	}
	for _, n := range c.Removed {
		pair(n, func(to string) bool {
			x := **before[n]
			x.Name = to
			return sameTag(&x, *after[to])
		})
	}
	for _, n := range c.Removed {
		pair(n, func(string) bool { return true })
	}
	return pairs
}

func hasValue(m map[string]string, value string) bool {
	for _, v := range m {
		if v == value {
			return true
		}
	}
	return false
}
