package session

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"sync"
	"testing"
	"time"

	rig "tagbridge/testrig/opcua"
)

// Each side has keys of its own: no test here has a peer with the same one.
var clientKeys, serverKeys = keysOf(2048, 3072, 4096), keysOf(2048, 3072, 4096)

// keysOf makes keys of these sizes, each when it is asked for.
func keysOf(sizes ...int) map[int]func() *rsa.PrivateKey {
	keys := map[int]func() *rsa.PrivateKey{}
	for _, bits := range sizes {
		keys[bits] = sync.OnceValue(func() *rsa.PrivateKey {
			k, err := rsa.GenerateKey(rand.Reader, bits)
			if err != nil {
				panic(err)
			}
			return k
		})
	}
	return keys
}

// TestKeysOfAllSizes connects with every pair of key sizes, by each policy and mode.
func TestKeysOfAllSizes(t *testing.T) {
	sizes := []int{2048, 3072, 4096}
	for _, server := range sizes {
		serverKey := serverKeys[server]()
		certificate := ownCertificate(t, serverKey, "urn:press")
		s, err := rig.Listen("127.0.0.1:0", rig.Options{Certificate: certificate, Key: serverKey, Still: true})
		if err != nil {
			t.Fatal(err)
		}
		trust, err := LoadTrust([]string{Thumbprint(certificate)})
		if err != nil {
			t.Fatal(err)
		}
		for _, client := range sizes {
			clientKey := clientKeys[client]()
			own := ownCertificate(t, clientKey, "urn:bridge")
			for _, policy := range policies {
				for _, mode := range []string{"Sign", "SignAndEncrypt"} {
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
