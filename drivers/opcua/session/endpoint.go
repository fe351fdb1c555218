package session

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gopcua/opcua/uapolicy"

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
	return detach(wire.Session{Endpoints: list}).Endpoints, nil
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
	if c, err := x509.ParseCertificate(o.Certificate); err == nil && len(c.URIs) > 0 {
		return c.URIs[0].String()
	}
	return "urn:tagbridge:" + (&url.URL{Path: o.Name}).EscapedPath()
}

// activation is the request that logs in.
func (s *Session) activation(ep *wire.Endpoint, got wire.Session) (wire.ActivateSession, error) {
	var a wire.ActivateSession
	if s.ch.peer.mode != modeNone {
		signature, err := s.ch.opening.algo.Signature(slices.Concat(got.Certificate, got.Nonce))
		if err != nil {
			return a, fmt.Errorf("sign: %w", err)
		}
		a.Client = wire.Signature{Algorithm: s.ch.opening.algo.SignatureURI(), Data: signature}
	}
	kind := s.o.Login.kind()
	a.Identity.Type = kind
	policy := tokenPolicy(ep, kind)
	switch {
	case policy == nil && kind == wire.TokenAnonymous:
		a.Identity.PolicyID = "Anonymous"
		return a, nil
	case policy == nil:
		return a, fmt.Errorf("the server takes no login by %s at policy %s", tokenNames[kind], s.ch.peer.policy)
	}
	a.Identity.PolicyID = policy.ID
	name := strings.TrimPrefix(policy.Policy, policyBase)
	if name == "" {
		name = s.ch.peer.policy
	}
	switch kind {
	case wire.TokenPassword:
		return a, s.password(&a.Identity, name, got, ep)
	case wire.TokenCertificate:
		return a, s.userSignature(&a, name, got)
	}
	return a, nil
}

var tokenNames = [...]string{"anonymous user", "user and password", "certificate"}

// tokenPolicy is the server's policy for a kind of login, the one that protects it best.
func tokenPolicy(ep *wire.Endpoint, kind uint32) *wire.TokenPolicy {
	if ep == nil {
		return nil
	}
	var best *wire.TokenPolicy
	for i := range ep.Tokens {
		t := &ep.Tokens[i]
		if t.Type != kind || !known(t.Policy) {
			continue
		}
		if best == nil || PolicyName(best.Policy) == "None" {
			best = t
		}
	}
	return best
}

// known reports policies that are not broken.
func known(uri string) bool {
	switch PolicyName(uri) {
	case "", "None", "Basic256Sha256", "Aes128_Sha256_RsaOaep", "Aes256_Sha256_RsaPss":
		return true
	}
	return false
}

// password fills in the encrypted password. In clear, or for a server that nothing vouches for, it goes only where
// that is allowed; never encrypted with a key that the connection brought and nobody checked.
func (s *Session) password(id *wire.Identity, policy string, got wire.Session, ep *wire.Endpoint) error {
	id.User = s.o.Login.User
	if policy == "None" {
		if s.ch.peer.mode != modeEncrypt && !s.o.Login.Insecure {
			return errors.New("the password would travel unencrypted: use a security policy, " +
				"or set auth: {allow_insecure_password: true}")
		}
		id.Password = []byte(s.o.Login.Password)
		return nil
	}
	if s.ch.peer.mode == modeNone {
		if s.o.Trust.empty() && !s.o.Login.Insecure {
			return errors.New("the password is for a server that nothing vouches for: name its certificate under " +
				"security: {trust: […]}, use a security policy, or set auth: {allow_insecure_password: true}")
		}
		if !s.o.Trust.empty() && !sameCertificate(got.Certificate, ep.Certificate) {
			return errors.New("the server shows another certificate than that of its endpoint")
		}
	}
	key, err := publicKey(got.Certificate)
	if err != nil {
		return fmt.Errorf("encrypt the password: %w", err)
	}
	algo, err := uapolicy.Asymmetric(policyBase+policy, nil, key)
	if err != nil {
		return fmt.Errorf("encrypt the password: %w", err)
	}
	secret := le.AppendUint32(nil, uint32(len(s.o.Login.Password)+len(got.Nonce)))
	secret = slices.Concat(secret, []byte(s.o.Login.Password), got.Nonce)
	if id.Password, err = algo.Encrypt(secret); err != nil {
		return fmt.Errorf("encrypt the password: %w", err)
	}
	id.Algorithm = algo.EncryptionURI()
	return nil
}

// userSignature proves that the user's certificate is ours.
func (s *Session) userSignature(a *wire.ActivateSession, policy string, got wire.Session) error {
	a.Identity.Certificate = s.o.Login.Certificate
	if policy == "None" {
		return errors.New("the server takes certificates of users without proof: use a security policy")
	}
	key, err := publicKey(got.Certificate)
	if err != nil {
		return fmt.Errorf("sign with the user's key: %w", err)
	}
	algo, err := uapolicy.Asymmetric(policyBase+policy, s.o.Login.Key, key)
	if err != nil {
		return fmt.Errorf("sign with the user's key: %w", err)
	}
	signature, err := algo.Signature(slices.Concat(got.Certificate, got.Nonce))
	if err != nil {
		return fmt.Errorf("sign with the user's key: %w", err)
	}
	a.User = wire.Signature{Algorithm: algo.SignatureURI(), Data: signature}
	return nil
}
