package session

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"testing"
	"time"

	rig "tagbridge/testrig/opcua"
)

// testKey is one of the keys in testdata, which are for tests alone: making them takes long. Each side has its own.
func testKey(t testing.TB, side string, bits int) *rsa.PrivateKey {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("testdata/%s%d.key", side, bits))
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(text)
	k, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return k.(*rsa.PrivateKey)
}

// modesFor are the modes that two keys are tried with: keys are used alike in both.
func modesFor(client, server int) []string {
	if client == 2048 && server == 4096 {
		return []string{"Sign", "SignAndEncrypt"}
	}
	return []string{"SignAndEncrypt"}
}

// TestKeysOfAllSizes connects with every pair of key sizes, by each policy.
func TestKeysOfAllSizes(t *testing.T) {
	sizes := []int{2048, 3072, 4096}
	for _, server := range sizes {
		serverKey := testKey(t, "server", server)
		certificate := ownCertificate(t, serverKey, "urn:press")
		s, err := rig.Listen("127.0.0.1:0", rig.Options{Certificate: certificate, Key: serverKey, Still: true, Core: true})
		if err != nil {
			t.Fatal(err)
		}
		trust, err := LoadTrust([]string{Thumbprint(certificate)})
		if err != nil {
			t.Fatal(err)
		}
		for _, client := range sizes {
			clientKey := testKey(t, "client", client)
			own := ownCertificate(t, clientKey, "urn:bridge")
			for _, policy := range policies {
				for _, mode := range modesFor(client, server) {
					ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
					c, err := Open(ctx, Options{
						URL: s.URL(), Address: s.Addr(), Policy: policy, Mode: mode, Timeout: 30 * time.Second,
						Certificate: own, Key: clientKey, Trust: trust, Now: func() time.Time { return now },
					})
					if err == nil {
						_, err = c.Call(ctx, reading(1))
						c.Close()
					}
					cancel()
					if err != nil {
						t.Errorf("client %d, server %d, %s %s: %v", client, server, policy, mode, err)
					}
				}
			}
		}
		s.Close()
	}
}
