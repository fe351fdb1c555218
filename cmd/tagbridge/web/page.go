package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"

	"tagbridge/cmd/tagbridge/web/page"
)

// policy lets the page load and ask for nothing but what this server has.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// pageRoot is what the addresses of the page's files begin with, but for the index, which is /.
const pageRoot = "/page/"

// pageFile is a file of the page, compressed.
type pageFile struct {
	kind, etag string
	packed     []byte
}

// pageFiles are those of the page by name; none when the program was built without it.
type pageFiles map[string]pageFile

func newPageFiles(files map[string][]byte) pageFiles {
	list := pageFiles{}
	for name, packed := range files {
		sum := sha256.Sum256(packed)
		list[name] = pageFile{kind: mime.TypeByExtension(path.Ext(name)), etag: `"` + hex.EncodeToString(sum[:12]) + `"`, packed: packed}
	}
	return list
}

// withoutPage is what / says in a program that was built without the page.
const withoutPage = `This program was built without its page: there was no Node.js where it was built.
The Debian package has it. From the sources, "make build" with Node.js 20 or newer puts it in.

`

// index answers GET /: a browser gets the page, everybody else the addresses.
func (f pageFiles) index(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Vary", "Accept, Accept-Encoding")
	if strings.Contains(r.Header.Get("Accept"), "text/html") {
		if _, there := f[page.Index]; there {
			f.send(w, r, page.Index, "no-cache")
			return
		}
		io.WriteString(w, withoutPage)
	}
	fmt.Fprint(w, addresses())
}

// file answers GET /page/NAME. The name changes with the content.
func (f pageFiles) file(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, pageRoot)
	if _, there := f[name]; !there || name == page.Index {
		refuse(w, http.StatusNotFound, "there is no %s; load / again: it names the files of this program", r.URL.Path)
		return
	}
	w.Header().Set("Vary", "Accept-Encoding")
	f.send(w, r, name, "private, max-age=31536000, immutable")
}

func (f pageFiles) send(w http.ResponseWriter, r *http.Request, name, cache string) {
	file := f[name]
	h := w.Header()
	h.Set("Content-Type", file.kind)
	h.Set("Cache-Control", cache)
	h.Set("ETag", file.etag)
	h.Set("Content-Security-Policy", policy)
	if isKnown(r.Header.Get("If-None-Match"), file.etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	if takesGzip(r.Header.Get("Accept-Encoding")) {
		h.Set("Content-Encoding", "gzip")
		h.Set("Content-Length", strconv.Itoa(len(file.packed)))
		w.Write(file.packed)
		return
	}
	plain, err := gzip.NewReader(bytes.NewReader(file.packed))
	if err != nil {
		refuse(w, http.StatusInternalServerError, "%s: %v", name, err)
		return
	}
	io.Copy(w, plain)
}

// isKnown reports that a list of ETags, as in If-None-Match, has tag.
func isKnown(list, tag string) bool {
	for one := range strings.SplitSeq(list, ",") {
		if one = strings.TrimSpace(one); one == "*" || strings.TrimPrefix(one, "W/") == tag {
			return true
		}
	}
	return false
}

// takesGzip reads Accept-Encoding.
func takesGzip(accepted string) bool {
	for one := range strings.SplitSeq(accepted, ",") {
		coding, weight, _ := strings.Cut(strings.TrimSpace(one), ";")
		if coding = strings.TrimSpace(coding); !strings.EqualFold(coding, "gzip") && coding != "*" {
			continue
		}
		weight = strings.ReplaceAll(weight, " ", "")
		q, err := strconv.ParseFloat(strings.TrimPrefix(weight, "q="), 64)
		return weight == "" || err == nil && q > 0
	}
	return false
}

// careful has browsers take an answer for nothing but what it says it is, and tell nobody where they were.
func careful(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		next.ServeHTTP(w, r)
	})
}
