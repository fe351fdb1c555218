package web

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"tagbridge/drivers"
	"tagbridge/mapping"
)

// What one request may ask to be shown: more is on no screen.
const (
	maxRows  = 500
	maxNamed = 200 // tags, by their names
)

// changesJSON is the answer of /api/v1/changes.
type changesJSON struct {
	Cursor    string    `json:"cursor"`
	List      string    `json:"list"`
	Now       string    `json:"now"`
	All       int       `json:"all"`
	Matching  int       `json:"matching"`
	Good      int       `json:"good"`
	Uncertain int       `json:"uncertain"`
	Bad       int       `json:"bad"`
	Elsewhere int       `json:"elsewhere"`
	First     int       `json:"first"`
	Tags      []rowJSON `json:"tags"`
	Values    [][]any   `json:"values"`
}

// rowJSON is what a page shows of a tag that does not change with its values.
type rowJSON struct {
	Device      string `json:"device"`
	Tag         string `json:"tag"`
	Unit        string `json:"unit"`
	Row         string `json:"row"`
	Description string `json:"description"`
}

// window is what a request for changes asks for.
type window struct {
	filter filter
	first  int
	last   int
	named  []string // DEVICE/TAG; nil: rows first to last of what filter takes
	since  cursor
}

// changes answers GET /api/v1/changes.
func (p *pages) changes(w http.ResponseWriter, r *http.Request) {
	cfg := p.bridge.Config()
	asked, err := windowOf(r.URL.Query(), func(q url.Values) (filter, error) { return filterOf(q, cfg) })
	if err != nil {
		refuse(w, http.StatusBadRequest, "%v", err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	s, _ := p.screens.Get().(*screen)
	if s == nil {
		s = new(screen)
	}
	p.screen(s, &asked)
	w.Write(s.appendJSON())
	s.c, s.pick = nil, nil // which would keep a catalog that is over
	p.screens.Put(s)
}

// windowOf reads the parameters of a request for changes.
func windowOf(query url.Values, filterOf func(url.Values) (filter, error)) (o window, err error) {
	if o.since, err = cursorOf(query["since"]); err != nil {
		return o, err
	}
	if !query.Has("tag") {
		if o.filter, err = filterOf(query); err == nil {
			o.first, o.last, err = rowsOf(query, maxRows)
		}
		return o, err
	}
	for _, other := range []string{"device", "match", "quality", "order", "rows"} {
		if query.Has(other) {
			return o, fmt.Errorf("tag and %s: ask for tags by their names, or for rows", other)
		}
	}
	o.named = query["tag"]
	return o, namesFault(o.named, maxNamed)
}

// namesFault is what is wrong with names of tags.
func namesFault(names []string, most int) error {
	if len(names) > most {
		return fmt.Errorf("tag: at most %d tags, not %d", most, len(names))
	}
	for _, name := range names {
		if device, tag, _ := strings.Cut(name, "/"); device == "" || tag == "" {
			return fmt.Errorf("tag %q: write DEVICE/TAG", name)
		}
	}
	return nil
}

// rowsOf reads the parameter rows: the first and the last, counted from 0; without it, as many as there may be.
func rowsOf(query url.Values, most int) (first, last int, err error) {
	switch given := query["rows"]; len(given) {
	case 0:
		return 0, most - 1, nil
	case 1:
		from, to, _ := strings.Cut(given[0], "-")
		a, bad1 := strconv.ParseUint(from, 10, 31)
		b, bad2 := strconv.ParseUint(to, 10, 31)
		switch {
		case bad1 != nil || bad2 != nil || b < a:
			return 0, 0, fmt.Errorf("rows %q: write FIRST-LAST, such as 0-99", given[0])
		case b-a >= uint64(most):
			return 0, 0, fmt.Errorf("rows %q: at most %d rows", given[0], most)
		}
		return int(a), int(b), nil
	default:
		return 0, 0, fmt.Errorf("rows: once, not %d times", len(given))
	}
}

// screen is what the rows that were asked for show now. Its memory is used again: pages ask every second.
type screen struct {
	c       *catalog
	pick    *pick // nil: tags by their names
	first   int
	list    uint64   // which rows there are, those beside it among them
	entries []entry  // by row; those with table none are no tags
	old     []uint32 // what the page has of these rows; nil: nothing
	shown   []state  // by row
	values  []byte   // of the rows that are shown anew, one after the other
	out     []byte

	order   []int
	indexes []uint16
	batch   mapping.Batch
}

// none is the table of what is no tag.
const none = ^uint32(0)

// state is what a row shows now.
type state struct {
	sum      uint32
	there    bool
	from, to int // its part of values; none when it shows what it did
}

// screen reads what was asked for, into s.
func (p *pages) screen(s *screen, o *window) {
	s.entries, s.values, s.pick, s.first = s.entries[:0], s.values[:0], nil, 0
	if o.named != nil {
		s.c = p.catalogs.of(p.bridge)
		for _, name := range o.named {
			e := entry{table: none}
			if at, ok := s.c.find(name); ok {
				e = s.c.tags[at]
			}
			s.entries = append(s.entries, e)
		}
		s.list = sumOf(s.c.id, strings.Join(o.named, "\x00"), 0, 0)
	} else {
		s.c, s.pick = p.catalogs.pick(p.bridge, &o.filter)
		s.first = min(o.first, len(s.pick.tags))
		for _, at := range s.pick.tags[s.first:min(o.last+1, len(s.pick.tags))] {
			s.entries = append(s.entries, s.c.tags[at])
		}
		s.list = sumOf(s.c.id, o.filter.question(), s.pick.id, 0)
	}
	s.old = o.since.of(s.cursor(), len(s.entries))
	s.read(appendValue)
}

// cursor is what the list of a cursor for these rows is.
func (s *screen) cursor() uint64 { return s.list + uint64(s.first) }

// read fills in what the rows show, as encode has it, one table after the other.
func (s *screen) read(encode func([]byte, *drivers.TagState, *mapping.Tag) []byte) {
	s.shown = append(s.shown[:0], make([]state, len(s.entries))...)
	s.order = s.order[:0]
	for i := range s.entries {
		s.order = append(s.order, i)
	}
	slices.SortStableFunc(s.order, func(a, b int) int { return cmp.Compare(s.entries[a].table, s.entries[b].table) })
	for order := s.order; len(order) > 0 && s.entries[order[0]].table != none; {
		table := s.entries[order[0]].table
		s.indexes = s.indexes[:0]
		for _, row := range order {
			if s.entries[row].table != table {
				break
			}
			s.indexes = append(s.indexes, s.entries[row].index)
		}
		here := order[:len(s.indexes)]
		s.c.tables[table].Look(s.c.groups[table], s.indexes, &s.batch, func(place int, t *drivers.TagState) {
			row := here[place]
			now := state{there: true, sum: sumOfState(t), from: len(s.values)}
			if s.old == nil || s.old[row] != now.sum {
				s.values = encode(s.values, t, s.entries[row].row)
			}
			now.to = len(s.values)
			s.shown[row] = now
		})
		order = order[len(here):]
	}
}

// appendValue appends what changes of a tag: value, quality, time, since, raw, error, text of the enumeration.
func appendValue(dst []byte, t *drivers.TagState, row *mapping.Tag) []byte {
	from := len(dst)
	dst = mapping.AppendJSONValue(dst, t.Series, &t.Sample, t.Text)
	why := t.Error
	if t.Sample.Quality.IsUncertain() && why == "" {
		why = doubt(t.Sample.Quality, string(dst[from:]), row)
	}
	quality := t.Sample.Quality.String()
	if t.ReadBy != "" {
		quality = readElsewhere
	}
	dst = mapping.AppendJSONText(append(dst, ','), quality)
	dst = appendTime(append(dst, ','), t.Sample.Time)
	dst = appendTime(append(dst, ','), t.Since)
	dst = append(dst, `,"`...)
	dst = hex.AppendEncode(dst, t.Raw)
	dst = mapping.AppendJSONText(append(dst, `",`...), why)
	return mapping.AppendJSONText(append(dst, ','), meaningOf(t))
}

// readElsewhere is what pages are told in place of the quality of a tag that another member of the cluster reads.
const readElsewhere = "Elsewhere"

// meaningOf is the text that the enumeration of a tag has for its value; "": none.
func meaningOf(t *drivers.TagState) string {
	switch t.Sample.Kind {
	case mapping.Bool, mapping.Int, mapping.Uint, mapping.Int64:
		return t.Series.EnumText(int64(t.Sample.Bits))
	}
	return ""
}

// appendTime appends nanoseconds since 1970 as a text, or null.
func appendTime(dst []byte, ns int64) []byte {
	if ns == 0 {
		return append(dst, "null"...)
	}
	dst = time.Unix(0, ns).UTC().AppendFormat(append(dst, '"'), time.RFC3339Nano)
	return append(dst, '"')
}

// appendJSON is the answer: a changesJSON.
func (s *screen) appendJSON() []byte {
	dst := s.out[:0]
	text := func(key, v string) { dst = mapping.AppendJSONText(append(dst, key...), v) }
	number := func(key string, n int) { dst = strconv.AppendInt(append(dst, key...), int64(n), 10) }
	text(`{"cursor":`, newCursor(s.cursor(), s.shown).String())
	text(`,"list":`, strconv.FormatUint(s.list, 36))
	text(`,"now":`, time.Now().UTC().Format(time.RFC3339Nano))
	by, matching := [4]int{}, len(s.entries)
	if s.pick != nil {
		by, matching = s.pick.by, len(s.pick.tags)
	}
	number(`,"all":`, len(s.c.tags))
	number(`,"matching":`, matching)
	number(`,"good":`, by[good])
	number(`,"uncertain":`, by[uncertain])
	number(`,"bad":`, by[bad])
	number(`,"elsewhere":`, by[away])
	number(`,"first":`, s.first)
	dst = append(dst, `,"tags":`...)
	if s.old == nil {
		dst = s.appendTags(dst)
	} else {
		dst = append(dst, "null"...)
	}
	dst = append(dst, `,"values":`...)
	separator := byte('[')
	for i, now := range s.shown {
		if now.from == now.to {
			continue
		}
		dst = append(dst, separator, '[')
		dst = strconv.AppendInt(dst, int64(s.first+i), 10)
		dst = append(append(dst, ','), s.values[now.from:now.to]...)
		dst, separator = append(dst, ']', '\n'), ','
	}
	if separator == '[' {
		dst = append(dst, separator)
	}
	s.out = append(dst, "]}\n"...)
	return s.out
}

// appendTags appends what the rows are of; null where there is no such tag.
func (s *screen) appendTags(dst []byte) []byte {
	separator := byte('[')
	for _, e := range s.entries {
		dst, separator = append(dst, separator), ','
		if e.table == none {
			dst = append(dst, "null"...)
			continue
		}
		series, place, description := s.c.series(e), "", ""
		if e.row != nil {
			place, description = placeOf(e.row), e.row.Description
		}
		dst = mapping.AppendJSONText(append(dst, `{"device":`...), s.c.device(e))
		dst = mapping.AppendJSONText(append(dst, `,"tag":`...), series.Tag)
		dst = mapping.AppendJSONText(append(dst, `,"unit":`...), series.Unit)
		dst = mapping.AppendJSONText(append(dst, `,"row":`...), place)
		dst = mapping.AppendJSONText(append(dst, `,"description":`...), description)
		dst = append(dst, '}', '\n')
	}
	if separator == '[' {
		dst = append(dst, separator)
	}
	return append(dst, ']')
}
