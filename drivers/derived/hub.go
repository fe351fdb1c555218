package derived

import (
	"strings"
	"sync"
	"sync/atomic"

	"tagbridge/mapping"
)

// Hub passes what lanes read to the links of derived devices. It is safe for concurrent use.
type Hub struct {
	present func(yield func(*mapping.Batch))

	mu     sync.Mutex // held to change wanted
	wanted atomic.Pointer[wanted]

	queues sync.Map // *results by the name of the device that they are for; "": of all others
}

// NewHub makes one; present yields the values that tags have now, to be used within yield alone.
func NewHub(present func(yield func(*mapping.Batch))) *Hub { return &Hub{present: present} }

// Heard takes what a lane has read, as drivers.LaneOptions.Heard does. It costs little where no formula names anything of
// the group.
func (h *Hub) Heard(b *mapping.Batch) {
	w := h.wanted.Load()
	if w == nil {
		return
	}
	for _, f := range w.of(b.Group) {
		f.link.ear.put(b, f.indexes, false)
	}
}

// want has l hear tags of these names, by device, and no others.
func (h *Hub) want(l *Link, names map[string]map[string]bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	next := &wanted{byLink: map[*Link]map[string]map[string]bool{}}
	if before := h.wanted.Load(); before != nil {
		for link, theirs := range before.byLink {
			next.byLink[link] = theirs
		}
	}
	next.byLink[l] = names
	h.set(next)
}

// forget has l hear nothing any more.
func (h *Hub) forget(l *Link) {
	h.want(l, nil)
}

// set makes w what is wanted. The caller holds mu.
func (h *Hub) set(w *wanted) {
	for link, names := range w.byLink {
		if len(names) == 0 {
			delete(w.byLink, link)
		}
	}
	if len(w.byLink) == 0 {
		w = nil
	}
	h.wanted.Store(w)
}

// tell has l hear the values that the tags it wants have now.
func (h *Hub) tell(l *Link) {
	w := h.wanted.Load()
	if w == nil {
		return
	}
	h.present(func(b *mapping.Batch) {
		for _, f := range w.of(b.Group) {
			if f.link == l {
				l.ear.put(b, f.indexes, true)
			}
		}
	})
}

// wanted is what links hear. It does not change, but for what it remembers of groups.
type wanted struct {
	byLink map[*Link]map[string]map[string]bool // by device and tag
	groups sync.Map                             // *mapping.Group to []feed
}

// feed is what a link hears of a group.
type feed struct {
	link    *Link
	indexes []bool // of the series
}

// of is what links hear of g.
func (w *wanted) of(g *mapping.Group) []feed {
	if known, ok := w.groups.Load(g); ok {
		return known.([]feed)
	}
	var feeds []feed
	for link, devices := range w.byLink {
		tags := devices[g.Device]
		if len(tags) == 0 || g.Own {
			continue
		}
		f, any := feed{link, make([]bool, len(g.Series))}, false
		for i, s := range g.Series {
			f.indexes[i] = tags[s.Tag]
			any = any || f.indexes[i]
		}
		if any {
			feeds = append(feeds, f)
		}
	}
	w.groups.Store(g, feeds)
	return feeds
}

// addName adds device/tag to names.
func addName(names map[string]map[string]bool, name string) {
	device, tag, _ := strings.Cut(name, "/")
	if names[device] == nil {
		names[device] = map[string]bool{}
	}
	names[device][tag] = true
}
