package session

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"tagbridge/drivers/opcua/wire"
)

// Endpoints asks a server for what it offers, without security.
func Endpoints(ctx context.Context, o Options) ([]wire.Endpoint, error) {
	o.attempt = &attempt{began: time.Now()}
	list, err := endpoints(ctx, o)
	if err != nil {
		return nil, explain(err, &o)
	}
	return list, nil
}

func endpoints(ctx context.Context, o Options) ([]wire.Endpoint, error) {
	o.Policy, o.Mode = "None", "None"
	s, err := connect(ctx, o, peer{address: o.Address, url: o.URL, policy: "None", mode: modeNone})
	if err != nil {
		return nil, err
	}
	defer s.Close()
	r, err := s.Call(ctx, wire.GetEndpoints{URL: o.URL})
	if err != nil {
		return nil, fmt.Errorf("get endpoints: %w", err)
	}
	list := r.Endpoints()
	if r.Err() != nil {
		return nil, fmt.Errorf("get endpoints: %w", r.Err())
	}
	list = slices.DeleteFunc(list, func(e wire.Endpoint) bool { return !overTCP(e) })
	return detach(wire.Session{Endpoints: list}).Endpoints, nil
}

// overTCP reports an endpoint that is not one of a web server.
func overTCP(e wire.Endpoint) bool {
	return e.Transport == "" || strings.Contains(e.Transport, "uatcp") || strings.HasPrefix(strings.ToLower(e.URL), "opc.tcp:")
}

// choose finds the endpoint of the configured policy and mode, never of another, and checks its certificate.
// Without security and without a password there is nothing to choose.
func choose(ctx context.Context, o *Options) (peer, *wire.Endpoint, error) {
	p := peer{address: o.Address, url: o.URL, policy: o.Policy, mode: modeNone}
	if p.policy == "" {
		p.policy = "None"
	}
	if p.policy == "None" && o.Login.kind() == wire.TokenAnonymous {
		return p, nil, nil
	}
	p.mode = uint32(max(modeNone, slices.Index(modeNames[:], o.Mode)))
	list, err := endpoints(ctx, *o)
	if err != nil {
		return p, nil, err
	}
	ep := matching(list, p)
	if ep == nil {
		return p, nil, fmt.Errorf("the server does not offer policy %s with mode %s; it offers %s", p.policy, modeNames[p.mode], offers(list))
	}
	if p.policy == "None" {
		if o.Trust.empty() {
			return p, ep, nil // what the certificate is used for is checked where it is
		}
		if len(ep.Certificate) > 0 {
			return p, ep, o.Trust.Verify(ep, o)
		}
		return p, ep, nil
	}
	p.server = ep.Certificate
	return p, ep, o.Trust.Verify(ep, o)
}

// matching is the endpoint of p's policy and mode with the most ways to log in.
func matching(list []wire.Endpoint, p peer) *wire.Endpoint {
	var best *wire.Endpoint
	for i := range list {
		e := &list[i]
		if e.Policy == policyBase+p.policy && e.Mode == p.mode && (best == nil || len(e.Tokens) > len(best.Tokens)) {
			best = e
		}
	}
	return best
}

// offers lists policies and modes for people.
func offers(list []wire.Endpoint) string {
	var names []string
	for _, e := range list {
		name := PolicyName(e.Policy) + "/" + ModeName(e.Mode)
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if names == nil {
		return "nothing"
	}
	return strings.Join(names, ", ")
}

// PolicyName is the name of a policy's URI.
func PolicyName(uri string) string { return wire.Printable(strings.TrimPrefix(uri, policyBase)) }

// ModeName is the name of a mode.
func ModeName(mode uint32) string {
	if mode > 0 && int(mode) < len(modeNames) {
		return modeNames[mode]
	}
	return fmt.Sprintf("mode %d", mode)
}

// applicationURI is what the client calls itself: it has to be that of its certificate.
func (o *Options) applicationURI() string {
	if c, err := ParseCertificate(o.Certificate); err == nil && len(c.URIs) > 0 {
		return c.URIs[0]
	}
	return "urn:tagbridge:" + (&url.URL{Path: o.Name}).EscapedPath()
}
