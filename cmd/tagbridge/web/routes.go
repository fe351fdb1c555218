package web

import (
	"fmt"
	"net/http"
	"strings"

	"tagbridge/cmd/tagbridge/trend"
	"tagbridge/mapping/source"
)

// route is an address that is answered, and what a browser shows of it to somebody who looks for one.
type route struct {
	path, help string
	parameters []parameter
	answer     func(*pages, http.ResponseWriter, *http.Request)
}

type parameter struct{ name, help string }

var routes = []route{
	{"/api/v1/tags", "every tag: value, quality, time, raw registers, error; of them", []parameter{
		{"device=D", "those of device D"},
		{"match=PATTERN", "those whose DEVICE/TAG it matches, without / in it whose tag"},
		{"quality=Q", strings.Join(qualityNames, ", ")},
		{"rows=A-B", "the first being 0, sorted by device and name; X-Total-Count says how many there are"},
		{"fields=F,F", "of " + strings.Join(structureFields, ", ") + ": with an ETag"},
	}, (*pages).tags},
	{"/api/v1/changes", "what tags show now, and since a cursor; of them", []parameter{
		{"since=CURSOR", "what is another than in the answer that CURSOR is of"},
		{"device=D", "those of device D"},
		{"match=PATTERN", "as of /api/v1/tags"},
		{"quality=Q", "likewise"},
		{"order=worst", "what is bad first, then what is uncertain; name: by device and name"},
		{"rows=A-B", "of those, the first being 0"},
		{"tag=D/T", "these, instead of rows"},
	}, (*pages).changes},
	{"/api/v1/tag", "a tag: its row, how it is asked for, its registers in every type", []parameter{
		{"tag=D/T", "which"},
	}, (*pages).tag},
	{"/api/v1/decode", "registers in every type and byte order", []parameter{
		{"raw=HEX", "as they came, four digits each"},
	}, (*pages).decode},
	{"/api/v1/events", "what happened; of it", []parameter{
		{"since=T", "from then on: 2026-03-01T02:00:00Z, 2026-03-01 02:00, -6h"},
		{"until=T", "up to then"},
		{"device=D", "to device D"},
		{"last=N", "of the newest 200 the last N of these"},
	}, (*pages).events},
	{"/api/v1/alarms", "the alarms that are active, the most urgent first; of them", []parameter{
		{"device=D", "those of device D"},
		{"match=PATTERN", "those of tags that it matches, as of /api/v1/tags"},
		{"priority=P", strings.Join(priorityNames, ", ")},
	}, (*pages).alarms},
	{"/api/v1/history", "what is kept of tags' past", []parameter{
		{"tag=D/T", "which; several of them give a list"},
		{"since=T", "from then on, else as far back as there is anything"},
		{"until=T", "up to before then"},
		{"points=N", fmt.Sprintf("at most so many of each, up to %d: least, mean and greatest of as many stretches of time", trend.MaxPoints)},
	}, (*pages).history},
	{"/api/v1/gaps", "what was not read and not delivered, and why; of it", []parameter{
		{"since=T", "what was to be read from then on"},
		{"until=T", "up to before then"},
		{"match=PATTERN", "gaps in reading of these tags, as of /api/v1/tags"},
		{"device=D", "gaps in reading of device D"},
		{"sink=S", "what was not delivered to sink S"},
	}, (*pages).gaps},
	{"/api/v1/status", "whether all is well, in words, and what is not", nil, (*pages).status},
	{"/api/v1/overview", "the status and all that the first view of the page shows", nil, (*pages).overview},
	{"/api/v1/devices", "every device: online, since when, error, latency", nil, (*pages).devices},
	{"/api/v1/sinks", "every sink: delivered, rejected, how far behind", nil, (*pages).sinks},
	{"/api/v1/rejected", "what a sink refused last, newest first", []parameter{
		{"sink=S", "which"},
	}, (*pages).rejected},
	{"/api/v1/plan", "what is asked on each connection, how long it takes", nil, (*pages).plan},
	{"/api/v1/lines", "every connection: share of its time that is used", nil, (*pages).lines},
	{"/api/v1/cluster", "the members of the cluster, and who reads which endpoint", nil, (*pages).cluster},
	{"/api/v1/maps", "the tag maps, and whether they can be edited", nil, (*pages).maps},
	{"/api/v1/applied", "what was applied, by whom, and can be gone back to", nil, (*pages).applied},
	{"/api/v1/problems", "what is wrong with the configuration on disk", nil, (*pages).problems},
	{"/api/v1/session", "who asks, and whether he may edit", nil, (*pages).session},
	{"/api/v1/manual", "the chapters of the manual", nil, (*pages).chapters},
	{"/api/v1/columns", "the columns that tag maps can have, and what they mean", nil, (*pages).columns},
	{"/api/v1/configuration", "the file, and what is wrong with it", nil, (*pages).configuration},
	{"/readyz", "what is not well", nil, (*pages).ready},
	{"/metrics", "figures for Prometheus", nil, func(p *pages, w http.ResponseWriter, r *http.Request) { p.metrics.ServeHTTP(w, r) }},
}

// addresses is all of them, for people.
func addresses() string {
	var b strings.Builder
	b.WriteString("tagbridge\n\n")
	for _, r := range routes {
		fmt.Fprintf(&b, "%-23s %s\n", r.path, r.help)
		for _, p := range r.parameters {
			fmt.Fprintf(&b, "%25s ?%-16s %s\n", "", p.name, p.help)
		}
	}
	for _, a := range actions {
		b.WriteString(a.line())
	}
	return b.String()
}

// takes are the names of its parameters.
func (r *route) takes() []string {
	var names []string
	for _, p := range r.parameters {
		name, _, _ := strings.Cut(p.name, "=")
		names = append(names, name)
	}
	return names
}

// isList reports an address of the API, which takes no parameters but its own.
func (r *route) isList() bool { return strings.HasPrefix(r.path, apiRoot) }

// serve answers a request. That of a list has the parameters that r takes, and no others.
func (r *route) serve(p *pages, w http.ResponseWriter, req *http.Request) {
	if r.isList() {
		if _, err := parse(req.URL.RawQuery, r.takes()...); err != nil {
			refuse(w, http.StatusBadRequest, "%v", err)
			return
		}
	}
	r.answer(p, w, req)
}

const apiRoot = "/api/v1/"

// unknown answers for an address of the API that there is not.
func unknown(w http.ResponseWriter, req *http.Request) {
	if wrongMethod(w, req) {
		return
	}
	refuse(w, http.StatusNotFound, "there is no %s%s; / lists what there is", req.URL.Path, source.DidYouMean(req.URL.Path, paths()))
}

// paths are those of all lists.
func paths() []string {
	var list []string
	for _, r := range routes {
		if r.isList() {
			list = append(list, r.path)
		}
	}
	for _, a := range actions {
		list = append(list, a.shown())
	}
	return list
}
