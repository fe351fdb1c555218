package web

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// onlyLoopback lets only those pass who have called this machine by a name of its own. Where nobody has to log in, a page
// of anybody's that a browser of this machine shows could read everything under a name that it has led here.
func onlyLoopback(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/healthz" && r.Host != "" && !isLoopback(r.Host) {
			refuse(w, http.StatusForbidden, "this page was asked for as %q: without users, only localhost and 127.0.0.1 are answered; "+
				"give bridge.http users, or have the proxy in front send Host: localhost", r.Host)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// isLoopback reports that host, with or without a port, is this machine to itself.
func isLoopback(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.TrimSuffix(strings.ToLower(strings.Trim(host, "[]")), ".")
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}
