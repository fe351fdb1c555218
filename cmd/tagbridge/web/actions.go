package web

import (
	"fmt"
	"mime"
	"net/http"
	"strings"
	"time"
)

// Limits of what is sent to be worked on.
const (
	maxQuestion = 4 << 10 // of a request that only asks
	maxBody     = 8 << 20
	bodyTime    = time.Minute // for a client to send that
)

// action is an address that takes an object in JSON, or one of many names.
type action struct {
	method, path, help string
	edit               bool // it changes something, or makes traffic: only for users who may edit
	answer             func(*pages, http.ResponseWriter, *http.Request)
}

var actions = []action{
	{"GET", "/api/v1/maps/{file...}", "the text of a tag map", false, (*pages).mapText},
	{"GET", "/api/v1/manual/{file...}", "a chapter of the manual", false, (*pages).chapter},
	{"POST", "/api/v1/draft", "what is wrong with changed tag maps, and what they would change", false, (*pages).draft},
	{"POST", "/api/v1/convert", "a workbook or another file as the text of a tag map", false, (*pages).convert},
	{"POST", "/api/v1/workbook", "the text of a tag map as a workbook", false, (*pages).workbook},
	{"POST", "/api/v1/read", "rows are read once, over the connection of the bridge", true, (*pages).readNow},
	{"POST", "/api/v1/browse", "the nodes below one of a device, over the connection of the bridge", true, (*pages).browse},
	{"POST", "/api/v1/resend", "what a sink rejected is sent to it again", true, (*pages).resend},
	{"POST", "/api/v1/probe", "registers are read, and searched for what a display shows", true, (*pages).probeNow},
	{"POST", "/api/v1/apply", "changed tag maps are written, and run", true, (*pages).apply},
	{"POST", "/api/v1/cluster/drain", "all that is read here is given to the other members, or, with undo, no more", true, (*pages).drain},
	{"POST", "/api/v1/rollback", "the tag maps are written as they were when one of applied was", true, (*pages).rollback},
}

// shown is its path as people read it.
func (a *action) shown() string { return strings.Replace(a.path, "{file...}", shownAs[a.path], 1) }

// shownAs is what stands in a path for a name.
var shownAs = map[string]string{"/api/v1/maps/{file...}": "FILE", "/api/v1/manual/{file...}": "CHAPTER"}

// serve answers a request, if it is one that is taken.
func (a *action) serve(p *pages, w http.ResponseWriter, r *http.Request) {
	if why := p.mayNotEdit(r); a.edit && why != "" {
		refuse(w, http.StatusForbidden, "%s", why)
		return
	}
	if a.method == http.MethodGet {
		a.answer(p, w, r)
		return
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		refuse(w, http.StatusUnsupportedMediaType, "%s takes JSON: send Content-Type: application/json", a.path)
		return
	}
	if r.Header.Get("Content-Encoding") != "" {
		refuse(w, http.StatusUnsupportedMediaType, "%s takes JSON as it is: send it without Content-Encoding", a.path)
		return
	}
	if _, err := parse(r.URL.RawQuery); err != nil {
		refuse(w, http.StatusBadRequest, "%v", err)
		return
	}
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyTime)) // what is no connection has none
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	a.answer(p, w, r)
}

// limited has next read no more than a question; what takes more says so by itself.
func limited(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxQuestion)
		next(w, r)
	}
}

// sameOrigin lets no page of another site change anything with the login of somebody who has it open.
func sameOrigin(next http.Handler) http.Handler {
	guard := http.NewCrossOriginProtection()
	guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, http.StatusForbidden, "this request comes from a page of another site: open the page of the bridge itself")
	}))
	return guard.Handler(next)
}

// wrongMethod answers for a list or an action that is asked for in another way; false: there is none.
func wrongMethod(w http.ResponseWriter, r *http.Request) bool {
	path, method := methodOf(r.URL.Path)
	if method == "" || method == r.Method {
		return false
	}
	w.Header().Set("Allow", method)
	refuse(w, http.StatusMethodNotAllowed, "%s is asked with %s", path, method)
	return true
}

// methodOf is with which method a path is asked, and what that is called; "": there is no such path.
func methodOf(path string) (shown, method string) {
	for i := range routes {
		if routes[i].path == path {
			return path, http.MethodGet
		}
	}
	for i := range actions {
		a := &actions[i]
		root, _, named := strings.Cut(a.path, "{")
		if a.path == path || named && strings.HasPrefix(path, root) {
			return a.shown(), a.method
		}
	}
	return "", ""
}

// help is a line for people.
func (a *action) line() string {
	text := a.help
	if a.method != http.MethodGet {
		text = a.method + ": " + text
	}
	return fmt.Sprintf("%-23s %s\n", a.shown(), text)
}
