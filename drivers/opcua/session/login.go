package session

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gopcua/opcua/uapolicy"

	"tagbridge/drivers/opcua/wire"
)

// activation is the request that logs in.
func (s *Session) activation(ep *wire.Endpoint, got wire.Session) (wire.ActivateSession, error) {
	var a wire.ActivateSession
	if s.ch.peer.mode != modeNone {
		signature, err := s.ch.opening.algo.Signature(slices.Concat(leaf(got.Certificate), got.Nonce))
		if err != nil {
			return a, fmt.Errorf("sign: %w", err)
		}
		a.Client = wire.Signature{Algorithm: s.ch.opening.algo.SignatureURI(), Data: signature}
	}
	kind := s.o.Login.kind()
	a.Identity.Type = kind
	if ep != nil {
		s.o.attempt.logins = logins(ep)
	}
	token, policy := tokenPolicy(ep, kind)
	switch {
	case token == nil && kind == wire.TokenAnonymous:
		a.Identity.PolicyID = "Anonymous"
		return a, nil
	case token == nil:
		return a, noLogin(ep, kind)
	}
	a.Identity.PolicyID = token.ID
	switch kind {
	case wire.TokenPassword:
		return a, s.password(&a.Identity, policy, got, ep)
	case wire.TokenCertificate:
		return a, s.userSignature(&a, policy, got, ep)
	}
	return a, nil
}

var tokenNames = [...]string{"anonymous user", "user and password", "certificate"}

// tokenPolicy is the server's offer for a kind of login that protects it best, with the name of its security policy. An
// anonymous login has nothing to protect.
func tokenPolicy(ep *wire.Endpoint, kind uint32) (best *wire.TokenPolicy, policy string) {
	if ep == nil {
		return nil, ""
	}
	for i := range ep.Tokens {
		t := &ep.Tokens[i]
		name := tokenSecurity(ep, t)
		if t.Type != kind || kind != wire.TokenAnonymous && !known(name) {
			continue
		}
		if best == nil || policy == "None" && name != "None" {
			best, policy = t, name
		}
	}
	return best, policy
}

// tokenSecurity is the name of the policy of a login: its own, or that of the endpoint.
func tokenSecurity(ep *wire.Endpoint, t *wire.TokenPolicy) string {
	if t.Policy == "" {
		return PolicyName(ep.Policy)
	}
	return PolicyName(t.Policy)
}

// known reports policies that are not broken.
func known(policy string) bool {
	switch policy {
	case "None", "Basic256Sha256", "Aes128_Sha256_RsaOaep", "Aes256_Sha256_RsaPss":
		return true
	}
	return false
}

// logins lists what an endpoint takes for people.
func logins(ep *wire.Endpoint) string {
	var list []string
	for _, t := range ep.Tokens {
		name := "a login of another kind"
		if int(t.Type) < len(tokenNames) {
			name = tokenNames[t.Type]
		}
		if !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	if list == nil {
		return "none"
	}
	return strings.Join(list, ", ")
}

// noLogin is the error of a kind of login that ep does not offer, or only with a policy that protects nothing any more.
func noLogin(ep *wire.Endpoint, kind uint32) error {
	if ep == nil {
		return fmt.Errorf("the server offers no login by %s", tokenNames[kind])
	}
	var withdrawn []string
	for i := range ep.Tokens {
		if t := &ep.Tokens[i]; t.Type == kind && !slices.Contains(withdrawn, tokenSecurity(ep, t)) {
			withdrawn = append(withdrawn, tokenSecurity(ep, t))
		}
	}
	at := PolicyName(ep.Policy) + "/" + ModeName(ep.Mode)
	if withdrawn == nil {
		return fmt.Errorf("the server takes no login by %s at %s; it takes: %s", tokenNames[kind], at, logins(ep))
	}
	return fmt.Errorf("the server takes a login by %s at %s only with security policy %s, which was withdrawn as it can be "+
		"broken: have it offer Basic256Sha256 or a newer one", tokenNames[kind], at, strings.Join(withdrawn, ", "))
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
	if s.ch.peer.mode == modeNone && s.o.Trust.empty() && !s.o.Login.Insecure {
		return errors.New("the password is for a server that nothing vouches for: name its certificate under " +
			"security: {trust: […]}, use a security policy, or set auth: {allow_insecure_password: true}")
	}
	certificate, err := s.shown(got, ep)
	if err != nil {
		return err
	}
	key, err := publicKey(certificate)
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
func (s *Session) userSignature(a *wire.ActivateSession, policy string, got wire.Session, ep *wire.Endpoint) error {
	a.Identity.Certificate = s.o.Login.Certificate
	if policy == "None" {
		return errors.New("the server takes certificates of users without proof: use a security policy")
	}
	certificate, err := s.shown(got, ep)
	if err != nil {
		return err
	}
	key, err := publicKey(certificate)
	if err != nil {
		return fmt.Errorf("sign with the user's key: %w", err)
	}
	algo, err := uapolicy.Asymmetric(policyBase+policy, s.o.Login.Key, key)
	if err != nil {
		return fmt.Errorf("sign with the user's key: %w", err)
	}
	signature, err := algo.Signature(slices.Concat(leaf(certificate), got.Nonce))
	if err != nil {
		return fmt.Errorf("sign with the user's key: %w", err)
	}
	a.User = wire.Signature{Algorithm: algo.SignatureURI(), Data: signature}
	return nil
}

// shown is the certificate of the server that a login is protected with: the one that was checked when the endpoint was
// chosen. Without security servers show it in the session, at the endpoint, or in both.
func (s *Session) shown(got wire.Session, ep *wire.Endpoint) ([]byte, error) {
	switch {
	case s.ch.peer.mode != modeNone:
		return s.ch.peer.server, nil
	case len(ep.Certificate) > 0 && len(got.Certificate) > 0 && !sameCertificate(got.Certificate, ep.Certificate):
		return nil, errors.New("the server shows another certificate than that of its endpoint")
	case len(ep.Certificate) > 0:
		return ep.Certificate, nil
	case len(got.Certificate) == 0:
		return nil, errors.New("the server wants the login encrypted and shows no certificate to do it with: " +
			"give certificate: and key: under security:, or use a security policy")
	case s.o.Trust.empty():
		return got.Certificate, nil
	}
	unchecked := *ep
	unchecked.Certificate = got.Certificate
	return got.Certificate, s.o.Trust.Verify(&unchecked, &s.o)
}
