package web

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"tagbridge/drivers"
	"tagbridge/mapping"
	"tagbridge/mapping/source"
)

// structureFields are the fields of tags that only a reload changes, in the order in which they are answered.
var structureFields = []string{"device", "tag", "unit", "row", "description"}

// maxPage is how many tags are answered of one page of the list.
const maxPage = 10_000

// fieldsOf reads the parameter fields; nil: it is not given.
func fieldsOf(query url.Values) ([]string, error) {
	given := query["fields"]
	if len(given) == 0 {
		return nil, nil
	}
	if len(given) > 1 {
		return nil, fmt.Errorf("fields: once, not %d times", len(given))
	}
	fields := strings.Split(given[0], ",")
	for i, name := range fields {
		if !slices.Contains(structureFields, name) {
			return nil, fmt.Errorf("fields: %.40q is none of %s%s", name, strings.Join(structureFields, ", "), source.DidYouMean(name, structureFields))
		}
		if slices.Contains(fields[:i], name) {
			return nil, fmt.Errorf("fields: %q is there twice", name)
		}
	}
	return fields, nil
}

// page answers GET /api/v1/tags with rows or fields: a part of the tags in order, or what of them does not change.
func (p *pages) page(w http.ResponseWriter, r *http.Request, f *filter) {
	query := r.URL.Query()
	fields, err := fieldsOf(query)
	first, last := 0, int(^uint(0)>>1)-1
	if err == nil && query.Has("rows") {
		first, last, err = rowsOf(query, maxPage)
	}
	if err != nil {
		refuse(w, http.StatusBadRequest, "%v", err)
		return
	}
	c, picked := p.catalogs.pick(p.bridge, f)
	first = min(first, len(picked.tags))
	part := picked.tags[first:min(last+1, len(picked.tags))]
	head := w.Header()
	head.Set("X-Total-Count", strconv.Itoa(len(picked.tags)))
	head.Set("Vary", "Accept-Encoding")
	if fields != nil {
		tag := fmt.Sprintf(`"%x"`, sumOf(c.id, f.question()+query.Get("fields"), picked.id, first)+uint64(len(part)))
		head.Set("ETag", "W/"+tag)
		head.Set("Cache-Control", "no-cache")
		if isKnown(r.Header.Get("If-None-Match"), tag) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	head.Set("Content-Type", "application/json")
	zip := takesGzip(r.Header.Get("Accept-Encoding"))
	if zip {
		head.Set("Content-Encoding", "gzip")
	}
	p.turns.list(w, r, func(w *turnWriter) {
		var out io.Writer = w
		if zip {
			z, _ := gzip.NewWriterLevel(w, gzip.BestSpeed)
			defer z.Close()
			out = z
		}
		if fields != nil {
			c.writeStructure(w, out, part, fields)
		} else {
			c.writePage(w, out, part)
		}
	})
}

// writeStructure writes these fields of tags, for as long as somebody reads.
func (c *catalog) writeStructure(w *turnWriter, out io.Writer, tags []uint32, fields []string) {
	buf := []byte{'['}
	for i, at := range tags {
		if !w.alive() {
			return
		}
		e := c.tags[at]
		if i > 0 {
			buf = append(buf, ',')
		}
		for k, field := range fields {
			separator := `,"`
			if k == 0 {
				separator = `{"`
			}
			buf = append(append(append(buf, separator...), field...), `":`...)
			buf = mapping.AppendJSONText(buf, c.field(e, field))
		}
		out.Write(append(buf, "}\n"...))
		buf = buf[:0]
	}
	out.Write(append(buf, "]\n"...))
}

// field is a field of a tag that only a reload changes.
func (c *catalog) field(e entry, name string) string {
	switch name {
	case "device":
		return c.device(e)
	case "tag":
		return c.series(e).Tag
	case "unit":
		return c.series(e).Unit
	}
	if e.row == nil {
		return ""
	}
	if name == "row" {
		return placeOf(e.row)
	}
	return e.row.Description
}

// writePage writes tags as writeTags does, in the order of the catalog.
func (c *catalog) writePage(w *turnWriter, out io.Writer, tags []uint32) {
	separator := "["
	s := &screen{c: c}
	for part := range slices.Chunk(tags, maxRows) {
		if !w.alive() {
			return
		}
		s.entries, s.values = s.entries[:0], s.values[:0]
		for _, at := range part {
			s.entries = append(s.entries, c.tags[at])
		}
		s.read(func(dst []byte, t *drivers.TagState, row *mapping.Tag) []byte {
			return append(dst, tagOf(t, row).appendJSON()...)
		})
		for _, now := range s.shown {
			if now.there {
				io.WriteString(out, separator)
				out.Write(s.values[now.from:now.to])
				separator = ","
			}
		}
	}
	if separator == "[" {
		io.WriteString(out, separator)
	}
	io.WriteString(out, "]\n")
}
