package session

import (
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"net"
	"time"

	"tagbridge/drivers/opcua/wire"
)

// The tags of ASN.1 that certificates are made of.
const (
	tagBoolean   = 0x01
	tagInteger   = 0x02
	tagBits      = 0x03
	tagUTCTime   = 0x17
	tagTime      = 0x18
	tagSequence  = 0x30
	tagVersion   = 0xA0
	tagExtension = 0xA3
	tagDNSName   = 0x82
	tagURI       = 0x86
	tagAddress   = 0x87
)

// der reads elements one after the other. It takes any definite length, however it is written, and looks into nothing
// that it is not asked for: that is how certificates can be read that devices write by rules of their own.
type der []byte

// next takes the next element. whole is it with its header; tag is 0 at the end, and where there is no element.
func (d *der) next() (tag byte, content, whole der) {
	b := *d
	if len(b) < 2 {
		*d = nil
		return 0, nil, nil
	}
	size, head := int(b[1]), 2
	if n := size & 0x7F; size >= 0x80 {
		if size = 0; n == 0 || n > 4 || len(b) < 2+n {
			*d = nil
			return 0, nil, nil
		}
		for _, v := range b[2 : 2+n] {
			size = size<<8 | int(v)
		}
		head += n
	}
	if size < 0 || size > len(b)-head {
		*d = nil
		return 0, nil, nil
	}
	end := head + size
	*d = b[end:]
	return b[0], b[head:end:end], b[:end:end]
}

// take is the next element, which has to have this tag.
func (d *der) take(tag byte) (content, whole der, err error) {
	got, content, whole := d.next()
	if got != tag {
		return nil, nil, fmt.Errorf("element %#02x where %#02x should be", got, tag)
	}
	return content, whole, nil
}

// split cuts a chain into its certificates. What follows the last one is not looked at.
func split(chain []byte) (certs [][]byte) {
	d := der(chain)
	for {
		tag, _, whole := d.next()
		if tag != tagSequence {
			return certs
		}
		certs = append(certs, whole)
	}
}

// read fills in what there is in a certificate (RFC 5280, 4.1).
func (c *Certificate) read() error {
	d := der(c.Raw)
	outer, _, err := d.take(tagSequence)
	if err != nil {
		return err
	}
	d, _, err = outer.take(tagSequence)
	if err != nil {
		return err
	}
	if len(d) > 0 && d[0] == tagVersion {
		d.next()
	}
	d.next() // serial number
	d.next() // algorithm of the signature
	_, issuer, err := d.take(tagSequence)
	if err != nil {
		return fmt.Errorf("issuer: %w", err)
	}
	validity, _, err := d.take(tagSequence)
	if err != nil {
		return fmt.Errorf("validity: %w", err)
	}
	_, subject, err := d.take(tagSequence)
	if err != nil {
		return fmt.Errorf("subject: %w", err)
	}
	_, key, err := d.take(tagSequence)
	if err != nil {
		return fmt.Errorf("public key: %w", err)
	}
	c.Issuer, c.Subject = distinguished(issuer), distinguished(subject)
	c.NotBefore, c.NotAfter = moment(&validity), moment(&validity)
	if c.Key, err = rsaKey(key); err != nil {
		return fmt.Errorf("public key: %w", err)
	}
	for len(d) > 0 {
		if tag, content, _ := d.next(); tag == tagExtension {
			c.extensions(content)
		}
	}
	return nil
}

// distinguished is a name for people.
func distinguished(whole der) string {
	var name pkix.RDNSequence
	if _, err := asn1.Unmarshal(whole, &name); err != nil {
		return "a name that cannot be read"
	}
	return wire.Printable(name.String())
}

// moment reads a time; the zero time is one that cannot be read.
func moment(d *der) time.Time {
	tag, text, _ := d.next()
	layouts := []string{"20060102150405Z0700", "200601021504Z0700"}
	if tag == tagUTCTime {
		layouts = []string{"060102150405Z0700", "0601021504Z0700"}
	} else if tag != tagTime {
		return time.Time{}
	}
	for _, l := range layouts {
		t, err := time.Parse(l, string(text))
		if err != nil {
			continue
		}
		if tag == tagUTCTime && t.Year() >= 2050 { // two digits are of 1950 to 2049
			t = t.AddDate(-100, 0, 0)
		}
		return t
	}
	return time.Time{}
}

// rsaKey reads a public key; nil when it is of another kind.
func rsaKey(whole der) (*rsa.PublicKey, error) {
	if k, err := x509.ParsePKIXPublicKey(whole); err == nil {
		r, _ := k.(*rsa.PublicKey)
		return r, nil
	}
	d := whole
	outer, _, _ := d.take(tagSequence)
	outer.next() // algorithm
	bits, _, err := outer.take(tagBits)
	if err != nil || len(bits) == 0 {
		return nil, errors.New("no RSA key")
	}
	bits = bits[1:]
	numbers, _, err := bits.take(tagSequence)
	if err != nil {
		return nil, errors.New("no RSA key")
	}
	n, _, err := numbers.take(tagInteger)
	e, _, err2 := numbers.take(tagInteger)
	if err != nil || err2 != nil {
		return nil, errors.New("no RSA key")
	}
	k := &rsa.PublicKey{N: new(big.Int).SetBytes(n)} // some write it without the zero that makes it positive
	exponent := new(big.Int).SetBytes(e)
	if size := k.N.BitLen(); size < 1024 || size > 16384 || k.N.Bit(0) == 0 || exponent.BitLen() > 31 || exponent.Int64() < 3 || exponent.Bit(0) == 0 {
		return nil, errors.New("no RSA key")
	}
	k.E = int(exponent.Int64())
	return k, nil
}

// alternative is the subject alternative name, 2.5.29.17.
const alternative = "\x55\x1D\x11"

// extensions reads of all extensions the names of application and host.
func (c *Certificate) extensions(d der) {
	list, _, _ := d.take(tagSequence)
	for len(list) > 0 {
		_, extension, _ := list.next()
		_, id, _ := extension.next()
		tag, value, _ := extension.next()
		if tag == tagBoolean {
			_, value, _ = extension.next()
		}
		if string(id) != alternative {
			continue
		}
		names, _, _ := value.take(tagSequence)
		for len(names) > 0 {
			switch tag, name, _ := names.next(); {
			case tag == tagURI:
				c.URIs = append(c.URIs, string(name))
			case tag == tagDNSName:
				c.Hosts = append(c.Hosts, wire.Printable(string(name)))
			case tag == tagAddress && (len(name) == 4 || len(name) == 16):
				c.Hosts = append(c.Hosts, net.IP(name).String())
			}
		}
	}
}
