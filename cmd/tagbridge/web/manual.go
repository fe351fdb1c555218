package web

import (
	"net/http"

	"tagbridge/cmd/tagbridge/manual"
)

// chapterJSON is an element of /api/v1/manual.
type chapterJSON struct {
	Name  string `json:"name"`
	Title string `json:"title"`
}

// chapters answers GET /api/v1/manual.
func (p *pages) chapters(w http.ResponseWriter, _ *http.Request) {
	list := []chapterJSON{}
	for _, name := range manual.Names() {
		c, _ := manual.Read(name)
		list = append(list, chapterJSON{c.Name, c.Title})
	}
	reply(w, http.StatusOK, list)
}

// chapter answers GET /api/v1/manual/CHAPTER.
func (p *pages) chapter(w http.ResponseWriter, r *http.Request) {
	if _, err := parse(r.URL.RawQuery); err != nil {
		refuse(w, http.StatusBadRequest, "%v", err)
		return
	}
	name := r.PathValue("file")
	c, ok := manual.Read(name)
	if !ok {
		refuse(w, http.StatusNotFound, "the manual has no chapter %q%s", name, manual.DidYouMean(name))
		return
	}
	reply(w, http.StatusOK, c)
}

// columns answers GET /api/v1/columns.
func (p *pages) columns(w http.ResponseWriter, _ *http.Request) {
	reply(w, http.StatusOK, manual.Columns())
}
