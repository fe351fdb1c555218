package session

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"tagbridge/drivers/opcua/wire"
	rig "tagbridge/testrig/opcua"
)

// TestTokenIsRenewed lets three quarters of a token's life pass between two requests.
func TestTokenIsRenewed(t *testing.T) {
	server := certificate(t, nil, nil)
	s, err := rig.Listen("127.0.0.1:0", rig.Options{Certificate: server.Raw, Key: key(), Still: true, Core: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	var passed atomic.Int64
	clock := func() time.Time { return now.Add(time.Duration(passed.Load())) }
	for _, o := range []Options{
		{Policy: "None", Mode: "None"},
		{Policy: "Basic256Sha256", Mode: "Sign"},
		{Policy: "Aes256_Sha256_RsaPss", Mode: "SignAndEncrypt"},
	} {
		t.Run(o.Policy, func(t *testing.T) {
			o.URL, o.Address, o.Now, o.Timeout = s.URL(), s.Addr(), clock, time.Minute
			o.Certificate, o.Key, o.Trust = certificate(t, nil, nil).Raw, key(), trusting(t, server)
			ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
			defer cancel()
			c, err := Open(ctx, o)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			before := c.ch.renewAt
			for range 3 {
				passed.Add(int64(50 * time.Minute))
				q := &wire.Read{}
				q.Add(wire.Numeric(2258), wire.AttributeValue)
				if _, err := c.Call(ctx, q); err != nil {
					t.Fatalf("after 50 minutes: %v", err)
				}
				if !c.ch.renewAt.After(before) {
					t.Fatal("the token was not renewed")
				}
				before = c.ch.renewAt
			}
		})
	}
}

// TestAnotherCertificateIsRefused connects to a server that is not the one it was.
func TestAnotherCertificateIsRefused(t *testing.T) {
	mine := certificate(t, nil, nil)
	s, err := rig.Listen("127.0.0.1:0", rig.Options{Certificate: certificate(t, nil, nil).Raw, Key: key(), Still: true, Core: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
	defer cancel()
	o := Options{
		URL: s.URL(), Address: s.Addr(), Policy: "Basic256Sha256", Mode: "Sign", Timeout: time.Minute,
		Certificate: mine.Raw, Key: key(), Trust: trusting(t, mine), Now: func() time.Time { return now },
	}
	if _, err := Open(ctx, o); err == nil {
		t.Error("a server whose certificate is not trusted is connected to")
	}
	// Neither may the one behind the endpoint be exchanged after it was looked at.
	p := peer{address: s.Addr(), url: s.URL(), policy: "Basic256Sha256", mode: modeSign, server: mine.Raw}
	if _, err := dial(ctx, &o, p); err == nil {
		t.Error("a channel is opened to a server with another certificate than that of its endpoint")
	}
	o.Policy, o.Mode, o.Login = "None", "None", Login{User: "reader", Password: "secret"}
	if _, err := Open(ctx, o); err == nil {
		t.Error("a password is sent to a server that is not trusted")
	}
	o.Trust = nil
	if _, err := Open(ctx, o); err == nil {
		t.Error("a password is sent to a server that nothing vouches for")
	}
}
