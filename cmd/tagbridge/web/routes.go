package web

import (
	"fmt"
	"net/http"
	"strings"
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
	}, (*pages).tags},
	{"/api/v1/devices", "every device: online, since when, error, latency", nil, plain((*pages).devices)},
	{"/api/v1/sinks", "every sink: delivered, rejected, how far behind", nil, plain((*pages).sinks)},
	{"/api/v1/lines", "every connection: share of its time that is used", nil, plain((*pages).lines)},
	{"/api/v1/configuration", "the file, and what is wrong with it", nil, plain((*pages).configuration)},
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
	return b.String()
}

// plain is an answer that takes no parameters.
func plain(answer func(*pages, http.ResponseWriter, *http.Request)) func(*pages, http.ResponseWriter, *http.Request) {
	return func(p *pages, w http.ResponseWriter, r *http.Request) {
		if _, err := parse(r.URL.RawQuery); err != nil {
			refuse(w, http.StatusBadRequest, "%v", err)
			return
		}
		answer(p, w, r)
	}
}
