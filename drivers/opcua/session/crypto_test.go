package session

import (
	"bytes"
	"testing"

	"github.com/gopcua/opcua/uapolicy"
)

var policies = []string{"Basic256Sha256", "Aes128_Sha256_RsaOaep", "Aes256_Sha256_RsaPss"}

// pair is the two ends of a token.
func pair(t *testing.T, policy string, encrypt bool) (ours, theirs cipher) {
	t.Helper()
	a, b := bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32)
	one, err := uapolicy.Symmetric(policyBase+policy, a, b)
	if err != nil {
		t.Fatal(err)
	}
	two, err := uapolicy.Symmetric(policyBase+policy, b, a)
	if err != nil {
		t.Fatal(err)
	}
	return cipher{one, true, encrypt, one.BlockSize()}, cipher{two, true, encrypt, two.BlockSize()}
}

// TestSealAndOpen sends bodies of every length around the blocks, and flips each bit of one.
func TestSealAndOpen(t *testing.T) {
	const header = 16
	for _, policy := range policies {
		for _, encrypt := range []bool{false, true} {
			ours, theirs := pair(t, policy, encrypt)
			for n := range 70 {
				plain := append(bytes.Repeat([]byte{9}, header), bytes.Repeat([]byte{byte(n)}, n)...)
				sealed, err := ours.seal(bytes.Clone(plain), 0, header)
				if err != nil {
					t.Fatal(err)
				}
				if size := int(le.Uint32(sealed[4:])); size != len(sealed) {
					t.Fatalf("%s: %d bytes say that they are %d", policy, len(sealed), size)
				}
				got, err := theirs.open(bytes.Clone(sealed), header)
				if err != nil || !bytes.Equal(got, plain[header:]) {
					t.Fatalf("%s encrypt %v: %d bytes come back as %d, %v", policy, encrypt, n, len(got), err)
				}
				if n != 20 {
					continue
				}
				for bit := range 8 * len(sealed) {
					forged := bytes.Clone(sealed)
					forged[bit/8] ^= 1 << (bit % 8)
					if _, err := theirs.open(forged, header); err == nil {
						t.Fatalf("%s encrypt %v: bit %d flipped passes", policy, encrypt, bit)
					}
				}
				for cut := range len(sealed) {
					if cut >= header {
						if _, err := theirs.open(bytes.Clone(sealed[:cut]), header); err == nil {
							t.Fatalf("%s: cut to %d bytes passes", policy, cut)
						}
					}
				}
			}
		}
	}
}

// TestRoomIsExact fills a chunk of every size to the last byte that room allows.
func TestRoomIsExact(t *testing.T) {
	const header = 16
	for _, policy := range policies {
		for _, encrypt := range []bool{false, true} {
			c, _ := pair(t, policy, encrypt)
			for size := 8192; size < 8192+40; size++ {
				body := make([]byte, header+8+c.room(size, header))
				sealed, err := c.seal(body, 0, header)
				if err != nil || len(sealed) > size {
					t.Fatalf("%s encrypt %v: a chunk of %d for one of %d, %v", policy, encrypt, len(sealed), size, err)
				}
			}
		}
	}
}

func FuzzInbox(f *testing.F) {
	f.Add([]byte("ACKF\x1c\x00\x00\x00\x00\x00\x00\x00\xff\xff\x00\x00\xff\xff\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"), 3)
	f.Add([]byte("MSGF\xff\xff\xff\xff"), 1)
	f.Fuzz(func(t *testing.T, stream []byte, step int) {
		in := inbox{conn: &slow{stream, max(1, step)}}
		total := 0
		for {
			c, err := in.chunk()
			if err != nil {
				break
			}
			if len(c) < headerSize || len(c) > bufferSize {
				t.Fatalf("chunk of %d bytes", len(c))
			}
			total += len(c)
		}
		if total > len(stream) {
			t.Fatalf("%d bytes of %d", total, len(stream))
		}
	})
}

// slow gives a few bytes at a time.
type slow struct {
	rest []byte
	step int
}

func (s *slow) Read(b []byte) (int, error) {
	if len(s.rest) == 0 {
		return 0, errForged
	}
	n := copy(b, s.rest[:min(s.step, len(s.rest))])
	s.rest = s.rest[n:]
	return n, nil
}
