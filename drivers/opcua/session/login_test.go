package session

import (
	"errors"
	"strings"
	"testing"

	"tagbridge/drivers/opcua/wire"
)

// TestTokenPolicy chooses among what servers offer.
func TestTokenPolicy(t *testing.T) {
	const secure, withdrawn = policyBase + "Basic256Sha256", policyBase + "Basic256"
	password := func(id, policy string) wire.TokenPolicy {
		return wire.TokenPolicy{ID: id, Type: wire.TokenPassword, Policy: policy}
	}
	for name, c := range map[string]struct {
		endpoint     string
		kind         uint32
		tokens       []wire.TokenPolicy
		want, policy string
	}{
		"clear text first":            {"None", wire.TokenPassword, []wire.TokenPolicy{password("a", ""), password("b", secure)}, "b", "Basic256Sha256"},
		"clear text last":             {"None", wire.TokenPassword, []wire.TokenPolicy{password("a", secure), password("b", "")}, "a", "Basic256Sha256"},
		"the endpoint's":              {"Basic256Sha256", wire.TokenPassword, []wire.TokenPolicy{password("a", policyBase+"None"), password("b", "")}, "b", "Basic256Sha256"},
		"withdrawn":                   {"None", wire.TokenPassword, []wire.TokenPolicy{password("a", withdrawn)}, "", ""},
		"withdrawn and clear":         {"None", wire.TokenPassword, []wire.TokenPolicy{password("a", withdrawn), password("b", "")}, "b", "None"},
		"anonymous, withdrawn":        {"None", wire.TokenAnonymous, []wire.TokenPolicy{{ID: "anon-7", Policy: withdrawn}}, "anon-7", "Basic256"},
		"anonymous among others":      {"None", wire.TokenAnonymous, []wire.TokenPolicy{password("a", secure), {ID: "none"}}, "none", "None"},
		"another kind":                {"None", wire.TokenCertificate, []wire.TokenPolicy{password("a", secure)}, "", ""},
		"certificate by the endpoint": {"Basic256Sha256", wire.TokenCertificate, []wire.TokenPolicy{{ID: "c", Type: wire.TokenCertificate}}, "c", "Basic256Sha256"},
	} {
		got, policy := tokenPolicy(&wire.Endpoint{Policy: policyBase + c.endpoint, Tokens: c.tokens}, c.kind)
		if got == nil {
			got = &wire.TokenPolicy{}
		}
		if got.ID != c.want || c.want != "" && policy != c.policy {
			t.Errorf("%s: %q with %s, want %q with %s", name, got.ID, policy, c.want, c.policy)
		}
	}
}

// TestNoLoginSaysWhatThereIs names what a server takes instead, and what is wrong with what it takes.
func TestNoLoginSaysWhatThereIs(t *testing.T) {
	ep := &wire.Endpoint{Policy: policyBase + "None", Mode: modeNone, Tokens: []wire.TokenPolicy{
		{ID: "u", Type: wire.TokenPassword, Policy: policyBase + "Basic128Rsa15"}, {ID: "a", Type: wire.TokenAnonymous}, {ID: "?", Type: 3},
	}}
	for kind, want := range map[uint32]string{
		wire.TokenPassword:    "only with security policy Basic128Rsa15",
		wire.TokenCertificate: "it takes: user and password, anonymous user, a login of another kind",
	} {
		if err := noLogin(ep, kind); !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// TestCertificateOfALoginWithoutSecurity takes the server's certificate from where servers show it, and checks it.
func TestCertificateOfALoginWithoutSecurity(t *testing.T) {
	mine, other := certificate(t, nil, nil).Raw, certificate(t, nil, nil).Raw
	pin, err := LoadTrust([]string{Thumbprint(mine)})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		session, endpoint []byte
		trust             *Trust
		wantErr           string
	}{
		"at the endpoint only":    {nil, mine, pin, ""},
		"in the session only":     {mine, nil, pin, ""},
		"another in the session":  {other, nil, pin, "not trusted"},
		"two different ones":      {other, mine, pin, "another certificate"},
		"none":                    {nil, nil, pin, "certificate: and key:"},
		"anyone's, if so allowed": {other, nil, nil, ""},
	} {
		s := &Session{o: Options{Trust: c.trust, Login: Login{Insecure: true}}, ch: &channel{peer: peer{mode: modeNone}}}
		got, err := s.shown(wire.Session{Certificate: c.session}, &wire.Endpoint{Certificate: c.endpoint})
		if c.wantErr == "" && (err != nil || got == nil) || c.wantErr != "" && (err == nil || !strings.Contains(err.Error(), c.wantErr)) {
			t.Errorf("%s: %v, want %q", name, err, c.wantErr)
		}
	}
}

// TestRefusedSecurityListsWhatIsOffered is told a status and knows what the server offers.
func TestRefusedSecurityListsWhatIsOffered(t *testing.T) {
	o := &Options{attempt: &attempt{offers: "Basic256Sha256/Sign"}}
	err := explain(&Ended{wire.BadSecurityPolicyRejected}, o)
	if !strings.Contains(err.Error(), "None/None") || !strings.Contains(err.Error(), "it offers Basic256Sha256/Sign") {
		t.Error(err)
	}
	o.attempt.logins = "user and password"
	if err := explain(wire.BadIdentityTokenInvalid, o); !strings.Contains(err.Error(), "it takes: user and password") || !errors.Is(err, wire.BadIdentityTokenInvalid) {
		t.Error(err)
	}
}

// TestEndpointsOfWebServersAreNotOurs leaves out what is spoken over other transports.
func TestEndpointsOfWebServersAreNotOurs(t *testing.T) {
	for e, want := range map[[2]string]bool{
		{"opc.tcp://plc:4840", "http://opcfoundation.org/UA-Profile/Transport/uatcp-uasc-uabinary"}: true,
		{"opc.tcp://plc:4840", "something of the vendor's"}:                                         true,
		{"plc", ""}: true,
		{"https://plc:4843", "http://opcfoundation.org/UA-Profile/Transport/https-uabinary"}:      false,
		{"opc.wss://plc:4843", "http://opcfoundation.org/UA-Profile/Transport/wss-uasc-uabinary"}: false,
	} {
		if got := overTCP(wire.Endpoint{URL: e[0], Transport: e[1]}); got != want {
			t.Errorf("%v is over TCP: %v, want %v", e, got, want)
		}
	}
}
