package web

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"time"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/drivers"
	"tagbridge/mapping"
	"tagbridge/mapping/config"
)

// catalog is all tags of one generation, in the order in which pages show them: by device as the configuration has them,
// then by name. A reload, or a device that tells that an array is longer, makes another.
type catalog struct {
	id     uint64
	cfg    *config.Config
	tables []drivers.Table
	groups []*mapping.Group // by table
	tags   []entry
	places [][]uint32 // by table, by index in its group: in tags

	looked   time.Time        // when severity was last compared
	turned   []uint64         // by table: what severity is of
	away     []bool           // by table: likewise, whether it is read elsewhere
	severity []uint8          // by tag: of its quality, 0 is good, 1 is uncertain, 2 is bad, 3 is read elsewhere
	turns    uint64           // how often severity has become another one
	picks    map[string]*pick // by what was asked
	uses     uint64
}

// entry is where a tag's present value is found, and its row; nil: it is in no map any more.
type entry struct {
	row   *mapping.Tag
	table uint32
	index uint16
}

func (c *catalog) series(e entry) *mapping.Series { return c.groups[e.table].Series[e.index] }

func (c *catalog) device(e entry) string { return c.groups[e.table].Device }

// catalogs keeps the catalog that was asked for last, for as long as pages ask.
type catalogs struct {
	mu     sync.Mutex
	next   uint64
	now    *catalog
	forget *time.Timer
}

// unused is how long after the last question a catalog is kept: that of many tags is megabytes.
const unused = 10 * time.Minute

// of is the catalog of what b reads now. What of it changes is read by pick alone.
func (s *catalogs) of(b *bridge.Bridge) *catalog {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.current(b)
}

// pick is that catalog, and what f takes of it.
func (s *catalogs) pick(b *bridge.Bridge, f *filter) (*catalog, *pick) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.current(b)
	return c, c.pick(f)
}

// current is the catalog of what b reads now. The caller holds mu.
func (s *catalogs) current(b *bridge.Bridge) *catalog {
	cfg, tables := b.Config(), b.Tables()
	if s.now == nil || !s.now.isOf(cfg, tables) {
		s.next++
		bridge.AtLowPriority(func() { s.now = newCatalog(s.next, cfg, tables) })
	}
	if s.forget == nil {
		s.forget = time.AfterFunc(unused, s.drop)
	} else {
		s.forget.Reset(unused)
	}
	return s.now
}

func (s *catalogs) drop() {
	s.mu.Lock()
	s.now = nil
	s.mu.Unlock()
}

// isOf reports that c is what a new catalog would be.
func (c *catalog) isOf(cfg *config.Config, tables []drivers.Table) bool {
	if c.cfg != cfg || !slices.Equal(c.tables, tables) {
		return false
	}
	for i, g := range c.groups {
		if tables[i].Group() != g {
			return false
		}
	}
	return true
}

func newCatalog(id uint64, cfg *config.Config, tables []drivers.Table) *catalog {
	c := &catalog{id: id, cfg: cfg, tables: tables, turned: make([]uint64, len(tables)), away: make([]bool, len(tables)), picks: map[string]*pick{}}
	total := 0
	for i, t := range tables {
		g := t.Group()
		c.groups = append(c.groups, g)
		c.turned[i] = ^uint64(0) // it is yet to be looked at
		total += len(g.Series)
	}
	c.tags = make([]entry, 0, total)
	for i, g := range c.groups {
		for k := range g.Series {
			c.tags = append(c.tags, entry{table: uint32(i), index: uint16(k)})
		}
	}
	c.sort()
	c.severity = make([]uint8, total)
	for i := range c.severity {
		c.severity[i] = bad
	}
	return c
}

// sort puts the tags in order, and notes where each is.
func (c *catalog) sort() {
	order := make(map[string]int, len(c.cfg.Devices))
	for i := range c.cfg.Devices {
		order[c.cfg.Devices[i].Name] = i
	}
	device := make([]int, len(c.groups))
	c.places = make([][]uint32, len(c.groups))
	for i, g := range c.groups {
		device[i] = order[g.Device]
		c.places[i] = make([]uint32, len(g.Series))
	}
	slices.SortFunc(c.tags, func(a, b entry) int {
		if by := cmp.Compare(device[a.table], device[b.table]); by != 0 {
			return by
		}
		return compareNames(c.series(a).Tag, c.series(b).Tag)
	})
	rows := &rows{cfg: c.cfg}
	for i := range c.tags {
		e := &c.tags[i]
		e.row = rows.of(c.device(*e), c.series(*e).Tag)
		c.places[e.table][e.index] = uint32(i)
	}
}

// find is the place of a tag, written DEVICE/TAG; false: there is none.
func (c *catalog) find(name string) (int, bool) {
	device, tag, _ := strings.Cut(name, "/")
	place := -1
	for i := range c.cfg.Devices {
		if c.cfg.Devices[i].Name == device {
			place = i
		}
	}
	if place < 0 {
		return 0, false
	}
	order := make(map[string]int, len(c.cfg.Devices))
	for i := range c.cfg.Devices {
		order[c.cfg.Devices[i].Name] = i
	}
	return slices.BinarySearchFunc(c.tags, tag, func(e entry, tag string) int {
		if by := cmp.Compare(order[c.device(e)], place); by != 0 {
			return by
		}
		return compareNames(c.series(e).Tag, tag)
	})
}

// compareNames orders names as people count: pump2 before pump10.
func compareNames(a, b string) int {
	i, k := 0, 0
	for i < len(a) && k < len(b) {
		if !isDigit(a[i]) || !isDigit(b[k]) {
			if a[i] != b[k] {
				return cmp.Compare(a[i], b[k])
			}
			i++
			k++
			continue
		}
		x, y := digitsFrom(a, i), digitsFrom(b, k)
		i, k = i+len(x), k+len(y)
		x, y = strings.TrimLeft(x, "0"), strings.TrimLeft(y, "0")
		if by := cmp.Or(cmp.Compare(len(x), len(y)), strings.Compare(x, y)); by != 0 {
			return by
		}
	}
	if by := cmp.Compare(len(a)-i, len(b)-k); by != 0 {
		return by
	}
	return strings.Compare(a, b) // 01 and 1
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// digitsFrom is the digits of s from i on.
func digitsFrom(s string, i int) string {
	end := i
	for end < len(s) && isDigit(s[end]) {
		end++
	}
	return s[i:end]
}
