package config

import (
	"cmp"
	"net"
	"slices"
	"strings"

	"tagbridge/mapping/source"
)

// sinkURL reads the URL of a sink of kind k. User and password in it are returned apart, and the URL without them.
func sinkURL(s *source.Section, k *sinkKind) (address, user string, password source.Secret, encrypted bool) {
	return sinkURLOf(readURL(s), k)
}

// sinkURLOf reads v, the URL of a sink of kind k, as sinkURL does.
func sinkURLOf(v source.Value, k *sinkKind) (address, user string, password source.Secret, encrypted bool) {
	if !v.OK || v.Open {
		return v.Text, "", "", true
	}
	scheme, _, found := strings.Cut(v.Text, "://")
	at := slices.Index(k.schemes, strings.ToLower(scheme))
	if !found || at < 0 {
		hint := ""
		if found {
			hint = source.DidYouMean(cmp.Or(k.meant[strings.ToLower(scheme)], scheme), k.schemes)
		}
		v.Problemf("must begin with %s%s", source.OrList(withSlashes(k.schemes)), hint)
		return "", "", "", true
	}
	u, err := parseURL(v.Text)
	if err != nil {
		v.Problemf("%v", err)
		return "", "", "", true
	}
	if _, err := hostPort(u, 1); err != nil {
		v.Problemf("%v", err)
	}
	if u.RawQuery != "" || u.Fragment != "" {
		v.Problemf("no parameters (?…) belong into it: they have keys of their own")
	}
	if u.User != nil {
		user = u.User.Username()
		text, _ := u.User.Password()
		password = source.Secret(text)
		u.User = nil
	}
	if u.Port() == "" && k.ports != nil {
		u.Host = net.JoinHostPort(u.Hostname(), k.ports[at])
	}
	return u.String(), user, password, at%2 == 1
}

func withSlashes(schemes []string) []string {
	list := make([]string, len(schemes))
	for i, s := range schemes {
		list[i] = s + "://"
	}
	return list
}

// login reads username and password, given with their keys or in the URL.
func login(s *source.Section, user string, password source.Secret) (string, source.Secret) {
	name, pass := s.Text("username", ""), s.Secret("password")
	if user != "" && (name != "" || pass != "") {
		s.Problemf("username", "username and password are in the url already: keep one of both")
		return name, pass
	}
	if user != "" {
		return user, password
	}
	if pass != "" && name == "" && !s.Has("username") {
		s.Problemf("password", "password without a username")
	}
	return name, pass
}
