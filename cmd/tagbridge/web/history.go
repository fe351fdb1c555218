package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"tagbridge/cmd/tagbridge/trend"
)

// history answers GET /api/v1/history. What is kept is read for it, on a thread that yields to all others: one at a time, and
// for as long as whoever asked is there.
func (p *pages) history(w http.ResponseWriter, r *http.Request) {
	q, err := historyQuery(r.URL.Query(), time.Now())
	if err != nil {
		refuse(w, http.StatusBadRequest, "%v", err)
		return
	}
	c := p.catalogs.of(p.bridge)
	has := func(name string) bool { _, ok := c.find(name); return ok }
	p.past.list(w, r, func(out *turnWriter) {
		lines, unknown, err := p.bridge.Trend(r.Context(), q, has)
		switch {
		case r.Context().Err() != nil:
		case err != nil:
			p.log.Warn("what is kept of the past cannot be read", "err", err)
			refuse(w, http.StatusInternalServerError, "%v", err)
		case unknown != "":
			refuse(w, http.StatusBadRequest, "there is no tag %q%s", unknown, c.didYouMean(unknown))
		default:
			w.Header().Set("Content-Type", "application/json")
			writeLines(out, lines)
		}
	})
}

// writeLines writes the line of one tag as an object, those of several as a list.
func writeLines(out *turnWriter, lines []*trend.Line) {
	var b []byte
	for i, l := range lines {
		if len(lines) > 1 {
			b = append(b, "[,"[min(i, 1)])
		}
		b = l.AppendJSON(b)
		if _, err := out.Write(b); err != nil {
			return
		}
		b = b[:0]
	}
	if len(lines) > 1 {
		b = append(b, ']')
	}
	out.Write(append(b, '\n'))
}

func historyQuery(query url.Values, now time.Time) (q trend.Query, err error) {
	q.Tags = query["tag"]
	if len(q.Tags) == 0 {
		return q, fmt.Errorf("tag: name one, as DEVICE/TAG, or up to %d", trend.MaxTags)
	}
	if err := namesFault(q.Tags, trend.MaxTags); err != nil {
		return q, err
	}
	for i, name := range q.Tags {
		if slices.Contains(q.Tags[:i], name) {
			return q, fmt.Errorf("tag %q: named twice", name)
		}
	}
	if q.Since, q.Until, err = spanOf(query, now); err != nil {
		return q, err
	}
	q.Points, err = pointsOf(query)
	return q, err
}

// pointsOf reads the parameter points; 0: it is not given.
func pointsOf(query url.Values) (int, error) {
	switch given := query["points"]; len(given) {
	case 0:
		return 0, nil
	case 1:
		n, err := strconv.ParseUint(given[0], 10, 31)
		if err != nil || n < 1 || n > trend.MaxPoints {
			return 0, fmt.Errorf("points %q: a number from 1 to %d", given[0], trend.MaxPoints)
		}
		return int(n), nil
	default:
		return 0, fmt.Errorf("points: one number, not %d", len(given))
	}
}
