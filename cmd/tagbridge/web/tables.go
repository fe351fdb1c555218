package web

import (
	"mime"
	"net/http"
	"path"
	"slices"
	"strings"

	"tagbridge/cmd/tagbridge/bridge"
	"tagbridge/cmd/tagbridge/edit"
	"tagbridge/cmd/tagbridge/manual"
	"tagbridge/mapping/source"
)

// formats are what a map can be had as, and what browsers are told of it.
var formats = map[string]string{
	"csv":  "text/csv; charset=utf-8",
	"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

// mapAs answers GET /api/v1/maps/FILE?as=FORMAT: the map as a file to be saved, for a spreadsheet.
func (p *pages) mapAs(w http.ResponseWriter, name, format string) {
	kind, ok := formats[format]
	if !ok {
		refuse(w, http.StatusBadRequest, "as %q: one of csv, xlsx%s", format, source.DidYouMean(format, []string{"csv", "xlsx"}))
		return
	}
	var content []byte
	var etag string
	var err error
	p.converting(func() { content, etag, err = p.editor.As(name, format, manual.Meaning) })
	if err != nil {
		refuseEdit(w, err)
		return
	}
	file := strings.TrimSuffix(path.Base(name), path.Ext(name)) + "." + format
	h := w.Header()
	h.Set("ETag", strings.TrimSuffix(etag, `"`)+"-"+format+`"`)
	h.Set("Content-Type", kind)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": file}))
	w.Write(content)
}

// uploadJSON is what /api/v1/convert takes.
type uploadJSON struct {
	Name    string `json:"name"`
	Content []byte `json:"content"`
}

// convert answers POST /api/v1/convert.
func (p *pages) convert(w http.ResponseWriter, r *http.Request) {
	var u uploadJSON
	if !take(w, r, &u) {
		return
	}
	if !slices.Contains(uploads, strings.ToLower(path.Ext(u.Name))) {
		refuse(w, http.StatusBadRequest, "%s: its name must end in one of %v", source.Shorten(u.Name), uploads)
		return
	}
	var c *edit.Converted
	var err error
	p.converting(func() { c, err = edit.Convert(u.Name, u.Content) })
	if err != nil {
		refuseEdit(w, err)
		return
	}
	reply(w, http.StatusOK, c)
}

// bookJSON is what /api/v1/workbook takes.
type bookJSON struct {
	Name string `json:"name"`
	Text string `json:"text"`
}

// workbook answers POST /api/v1/workbook: the text of a map, as somebody has edited it, as a workbook to work in.
func (p *pages) workbook(w http.ResponseWriter, r *http.Request) {
	var b bookJSON
	if !take(w, r, &b) {
		return
	}
	var book []byte
	var err error
	p.converting(func() { book, err = edit.Workbook(b.Name, b.Text, manual.Meaning) })
	if err != nil {
		refuseEdit(w, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", formats["xlsx"])
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Disposition", "attachment")
	w.Write(book)
}

// converting runs f at low priority, one at a time.
func (p *pages) converting(f func()) {
	p.tables <- struct{}{}
	defer func() { <-p.tables }()
	bridge.AtLowPriority(f)
}

// uploads are the ends of names of files that are taken.
var uploads = []string{".csv", ".txt", ".tsv", ".xlsx", ".yaml", ".yml", ".json"}
