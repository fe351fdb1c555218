package claims

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// Claim is what stands in the bucket for an endpoint.
type Claim struct {
	Endpoint string
	Node     string // who took it last
	Run      uint64 // of its process
	Epoch    uint64 // how many times it was taken, from 1
}

// The bounds of a claim. No endpoint changes hands so often that it reaches MaxEpoch, in a thousand years: more is garbage.
const (
	MaxEpoch = 1 << 40
	maxName  = 2048
	maxValue = 8192
	format   = 1
)

// raw is a claim as it is written. Fields that a later release adds are left out by this one.
type raw struct {
	Format   int    `json:"v"`
	Endpoint string `json:"endpoint"`
	Node     string `json:"node"`
	Run      string `json:"run"` // 16 hexadecimal digits
	Epoch    uint64 `json:"epoch"`
}

// errNewer is a claim that this release does not understand, and leaves alone.
var errNewer = errors.New("it was written by a newer release")

// appendClaim writes c.
func appendClaim(dst []byte, c *Claim) ([]byte, error) {
	if err := c.check(); err != nil {
		return dst, err
	}
	text, err := json.Marshal(raw{format, c.Endpoint, c.Node, fmt.Sprintf("%016x", c.Run), c.Epoch})
	if err == nil && len(text) > maxValue {
		err = fmt.Errorf("it has %d bytes, at most %d are possible", len(text), maxValue)
	}
	return append(dst, text...), err
}

// parseClaim reads what appendClaim writes.
func parseClaim(b []byte) (*Claim, error) {
	if len(b) > maxValue {
		return nil, fmt.Errorf("it has %d bytes, at most %d are possible", len(b), maxValue)
	}
	var r raw
	in := json.NewDecoder(bytes.NewReader(b))
	if err := in.Decode(&r); err != nil {
		return nil, errors.New("it is not JSON as a claim is")
	}
	if _, err := in.Token(); err != io.EOF {
		return nil, errors.New("something follows it")
	}
	switch {
	case r.Format > format:
		return nil, errNewer
	case r.Format != format:
		return nil, errors.New("it has no format")
	case len(r.Run) != 16:
		return nil, errors.New("its run has not 16 digits")
	}
	run, err := strconv.ParseUint(r.Run, 16, 64)
	if err != nil {
		return nil, errors.New("its run is no number")
	}
	c := &Claim{r.Endpoint, r.Node, run, r.Epoch}
	return c, c.check()
}

func (c *Claim) check() error {
	switch {
	case c.Epoch == 0 || c.Epoch > MaxEpoch:
		return fmt.Errorf("its epoch is %d, and not between 1 and %d", c.Epoch, uint64(MaxEpoch))
	case c.Node == "" || c.Endpoint == "" || c.Run == 0:
		return errors.New("it does not say whose it is, and of what")
	case len(c.Node) > maxName || len(c.Endpoint) > maxName:
		return fmt.Errorf("it has a name of more than %d bytes", maxName)
	}
	return nil
}
