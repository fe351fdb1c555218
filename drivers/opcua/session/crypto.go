package session

import (
	"errors"
	"fmt"

	"github.com/gopcua/opcua/uapolicy"
)

// policyBase is what the URIs of security policies begin with.
const policyBase = "http://opcfoundation.org/UA/SecurityPolicy#"

// The modes of a channel (Part 4, 7.20).
const (
	modeNone    = 1
	modeSign    = 2
	modeEncrypt = 3
)

var modeNames = [...]string{modeNone: "None", modeSign: "Sign", modeEncrypt: "SignAndEncrypt"}

// errForged is the error of a message that does not come from who it should.
var errForged = errors.New("message with a wrong signature")

// cipher protects the chunks of one direction of time: the opening of a channel, or one of its tokens.
type cipher struct {
	algo    *uapolicy.EncryptionAlgorithm
	sign    bool
	encrypt bool
	block   int // what comes is encrypted in blocks of so many bytes: of our key, not of the server's
}

// paddingBytes is how many bytes tell the length of the padding (Part 6, 6.7.2.5).
func paddingBytes(signature int) int {
	if signature > 256 {
		return 2
	}
	return 1
}

// room is how many bytes of body fit into a chunk of size bytes with a header of header bytes.
func (c *cipher) room(size, header int) int {
	const sequence = 8
	switch {
	case c.encrypt:
		blocks := (size - header) / c.algo.BlockSize()
		return blocks*c.algo.PlaintextBlockSize() - sequence - c.algo.SignatureLength() - paddingBytes(c.algo.RemoteSignatureLength())
	case c.sign:
		return size - header - sequence - c.algo.SignatureLength()
	}
	return size - header - sequence
}

// seal signs and encrypts the chunk that begins at from in b and whose header has header bytes.
func (c *cipher) seal(b []byte, from, header int) ([]byte, error) {
	if !c.sign {
		le.PutUint32(b[from+4:], uint32(len(b)-from))
		return b, nil
	}
	plain := len(b) - from - header
	size := header + plain + c.algo.SignatureLength()
	if c.encrypt {
		extra := paddingBytes(c.algo.RemoteSignatureLength())
		block := c.algo.PlaintextBlockSize()
		n := (block - (plain+extra+c.algo.SignatureLength())%block) % block
		for range n + 1 {
			b = append(b, byte(n))
		}
		if extra == 2 {
			b = append(b, byte(n>>8))
		}
		size = header + (plain+n+extra+c.algo.SignatureLength())/block*c.algo.BlockSize()
	}
	le.PutUint32(b[from+4:], uint32(size))
	signature, err := c.algo.Signature(b[from:])
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	b = append(b, signature...)
	if !c.encrypt {
		return b, nil
	}
	secret, err := c.algo.Encrypt(b[from+header:])
	if err != nil {
		return nil, fmt.Errorf("encrypt: %w", err)
	}
	return append(b[:from+header], secret...), nil
}

// open checks chunk, whose header has header bytes, and returns what is behind the header in clear.
func (c *cipher) open(chunk []byte, header int) ([]byte, error) {
	if !c.sign {
		return chunk[header:], nil
	}
	if c.encrypt {
		if len(chunk) == header || (len(chunk)-header)%c.block != 0 {
			return nil, errForged
		}
		plain, err := c.algo.Decrypt(chunk[header:])
		if err != nil {
			return nil, errForged
		}
		chunk = append(chunk[:header:header], plain...)
	}
	end := len(chunk) - c.algo.RemoteSignatureLength()
	if end < header || c.algo.VerifySignature(chunk[:end], chunk[end:]) != nil {
		return nil, errForged
	}
	if !c.encrypt {
		return chunk[header:end], nil
	}
	return unpad(chunk[header:end], paddingBytes(c.algo.SignatureLength()))
}

func unpad(b []byte, extra int) ([]byte, error) {
	if len(b) < extra {
		return nil, errForged
	}
	n := int(b[len(b)-1])
	if extra == 2 {
		n = n<<8 | int(b[len(b)-2])
	}
	if n+extra > len(b) {
		return nil, errForged
	}
	return b[:len(b)-n-extra], nil
}
