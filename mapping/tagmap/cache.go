package tagmap

import (
	"crypto/sha256"
)

// Cache keeps the tags of one load for the next: what comes from files of the same content under the same defaults is
// the same tags again, so that a reload parses, and holds twice, only what changed. The zero value is ready; it serves
// one Load at a time.
type Cache struct {
	lists map[content]*List
}

// content identifies what a list of tags was made from.
type content [sha256.Size]byte

// contentOf is the identity of files read under def; known is false when rows in place are among the sources, which
// are read anew each time.
func contentOf(def *Defaults, sources []origin) (id content, known bool) {
	h := sha256.New()
	h.Write([]byte(def.key()))
	for _, s := range sources {
		if s.file == nil || !s.file.ok {
			return id, false
		}
		h.Write([]byte("\x00" + s.file.doc.File + "\x00"))
		h.Write(s.file.sum[:])
	}
	h.Sum(id[:0])
	return id, true
}

func (c *Cache) find(id content) *List {
	if c == nil {
		return nil
	}
	return c.lists[id]
}

// keep takes over the lists of a load that came to an end.
func (c *Cache) keep(lists map[content]*List) {
	if c != nil {
		c.lists = lists
	}
}
