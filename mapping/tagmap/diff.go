package tagmap

import (
	"slices"

	"tagbridge/mapping"
)

// NameChanges are names that are new, gone, and the same for something different; each list in the order of its file.
type NameChanges struct{ Added, Removed, Changed []string }

// Any reports that there is a change.
func (n NameChanges) Any() bool { return len(n.Added)+len(n.Removed)+len(n.Changed) > 0 }

// DiffNames compares two lists by the names of what is in them.
func DiffNames[T any](old, new []T, name func(*T) string, same func(a, b *T) bool) NameChanges {
	var c NameChanges
	before := make(map[string]*T, len(old))
	for i := range old {
		before[name(&old[i])] = &old[i]
	}
	after := make(map[string]bool, len(new))
	for i := range new {
		n := name(&new[i])
		after[n] = true
		switch b, ok := before[n]; {
		case !ok:
			c.Added = append(c.Added, n)
		case !same(b, &new[i]):
			c.Changed = append(c.Changed, n)
		}
	}
	for i := range old {
		if n := name(&old[i]); !after[n] {
			c.Removed = append(c.Removed, n)
		}
	}
	return c
}

// DiffTags compares two lists of tags by their names.
func DiffTags(old, new []*mapping.Tag) NameChanges {
	return DiffNames(old, new, func(t **mapping.Tag) string { return (*t).Name },
		func(a, b **mapping.Tag) bool { return sameTag(*a, *b) })
}

// SameTags reports that two lists have equal tags in the same order, wherever they stand in their files.
func SameTags(a, b []*mapping.Tag) bool { return slices.EqualFunc(a, b, sameTag) }

// sameTag compares tags without their places.
func sameTag(a, b *mapping.Tag) bool {
	return a == b || a.Name == b.Name && a.SameWhere(b) &&
		a.Description == b.Description && a.Alarm.Equal(b.Alarm) && a.Traits.Equal(b.Traits)
}

// tagDiffer compares lists of tags, each pair of them once: many devices share one.
type tagDiffer struct{ known map[[2]*mapping.Tag]bool }

// NewDiffer has compared nothing yet.
func NewDiffer() *tagDiffer { return &tagDiffer{known: map[[2]*mapping.Tag]bool{}} }

// Same is SameTags, reckoned once for each pair of lists.
func (d *tagDiffer) Same(a, b []*mapping.Tag) bool {
	if len(a) != len(b) || len(a) == 0 {
		return len(a) == len(b)
	}
	pair := [2]*mapping.Tag{a[0], b[0]} // a tag is in one list only
	same, ok := d.known[pair]
	if !ok {
		same = slices.EqualFunc(a, b, sameTag)
		d.known[pair] = same
	}
	return same
}

// ByName are the items of list by their names.
func ByName[T any](list []T, name func(*T) string) map[string]*T {
	m := make(map[string]*T, len(list))
	for i := range list {
		m[name(&list[i])] = &list[i]
	}
	return m
}
