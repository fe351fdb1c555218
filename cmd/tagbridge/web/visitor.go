package web

import (
	"context"
	"net/http"
)

// visitor is who asks.
type visitor struct {
	name string // "": nobody has to log in, or a token
	edit bool   // the line of the user says so
}

type visitorKey struct{}

// as is r, asked by v.
func (v visitor) as(r *http.Request) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), visitorKey{}, v))
}

// visitorOf is who asks r.
func visitorOf(r *http.Request) visitor {
	v, _ := r.Context().Value(visitorKey{}).(visitor)
	return v
}

// mayNotEdit is why the one who asks may change nothing; "": he may.
func (p *pages) mayNotEdit(r *http.Request) string {
	v := visitorOf(r)
	switch {
	case !p.edit:
		return "editing is off: it needs bridge.http.edit: true in the configuration, and a user who may edit"
	case v.name == "":
		return "a token may only look: log in with the name and password of a user who may edit"
	case !v.edit:
		return "user " + v.name + " may only look: a line NAME:HASH:edit in the users file lets a user edit"
	}
	return ""
}
