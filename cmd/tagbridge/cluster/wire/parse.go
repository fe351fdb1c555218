package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"

	"google.golang.org/protobuf/encoding/protowire"

	"tagbridge/cmd/tagbridge/cluster/member"
)

// errCut is a frame that ends too early, or a field that is not what it should be.
var errCut = errors.New("a beat is damaged")

// Parse reads a frame. Nothing of it is part of b.
func Parse(b []byte) (*Frame, error) {
	switch {
	case len(b) == 0:
		return nil, errors.New("a beat is empty")
	case len(b) > MaxBytes:
		return nil, fmt.Errorf("a beat has %d bytes, at most %d are taken", len(b), MaxBytes)
	case b[0] != Format:
		return nil, fmt.Errorf("a beat has format %d, and this release understands %d", b[0], Format)
	case len(b) < head || binary.LittleEndian.Uint32(b[1:]) != crc32.Checksum(b[head:], castagnoli):
		return nil, errCut
	}
	f := &Frame{}
	for b = b[head:]; len(b) > 0; {
		field, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			return nil, errCut
		}
		b = b[n:]
		if n = f.field(field, kind, b); n < 0 {
			return nil, errCut
		}
		b = b[n:]
	}
	if !f.Whole {
		f.Program, f.Servers, f.Level, f.Listed = "", nil, 0, 0
	}
	if !f.Copy.Copies {
		f.Copy = Copy{}
	}
	return f, f.check()
}

// field reads one field, and returns its length; below 0: it is damaged.
func (f *Frame) field(field protowire.Number, kind protowire.Type, b []byte) int {
	switch {
	case kind == protowire.Fixed64Type:
		v, n := protowire.ConsumeFixed64(b)
		switch field {
		case fieldRun:
			f.Run = v
		case fieldPlan:
			f.Plan = v
		}
		return n
	case kind == protowire.VarintType:
		v, n := protowire.ConsumeVarint(b)
		if n >= 0 {
			f.number(field, v)
		}
		return n
	case kind == protowire.BytesType:
		v, n := protowire.ConsumeBytes(b)
		if n >= 0 && !f.text(field, v) {
			return -1
		}
		return n
	}
	return protowire.ConsumeFieldValue(field, kind, b)
}

func (f *Frame) number(field protowire.Number, v uint64) {
	switch field {
	case fieldSeq:
		f.Seq = v
	case fieldFlags:
		f.Joined, f.Whole, f.Ask = v&flagJoined != 0, v&flagWhole != 0, v&flagAsk != 0
		f.Draining, f.Aside, f.Copy.Copies = v&flagDraining != 0, v&flagAside != 0, v&flagCopies != 0
	case fieldVersion:
		f.Version = v
	case fieldAge:
		f.Age = v
	case fieldLevel:
		f.Level = v
	case fieldListed:
		f.Listed = v
	case fieldBehind:
		f.Copy.Behind = v
	case fieldLag:
		f.Copy.Age = v
	}
}

func (f *Frame) text(field protowire.Number, v []byte) (ok bool) {
	ok = true
	switch field {
	case fieldNode:
		f.Node = string(v)
	case fieldHolds:
		f.Holds, ok = parseClaims(f.Holds, v)
	case fieldWants:
		f.Wants, ok = parseClaims(f.Wants, v)
	case fieldYield:
		c, n := parseClaim(v)
		if n < 0 {
			return false
		}
		f.Yields = append(f.Yields, member.Yield{Claim: c, To: string(v[n:])})
	case fieldProgram:
		f.Program = string(v)
	case fieldServer:
		f.Servers = append(f.Servers, string(v))
	}
	return ok
}

func parseClaims(list []member.Claim, b []byte) ([]member.Claim, bool) {
	for len(b) > 0 {
		c, n := parseClaim(b)
		if n < 0 {
			return nil, false
		}
		list, b = append(list, c), b[n:]
	}
	return list, true
}

func parseClaim(b []byte) (c member.Claim, n int) {
	if len(b) < 8 {
		return c, -1
	}
	epoch, n := protowire.ConsumeVarint(b[8:])
	if n < 0 {
		return c, -1
	}
	return member.Claim{Key: binary.LittleEndian.Uint64(b), Epoch: epoch}, 8 + n
}

// check says what is wrong with f.
func (f *Frame) check() error {
	switch claims := len(f.Holds) + len(f.Wants) + len(f.Yields); {
	case f.Node == "" || f.Seq == 0 || f.Version == 0:
		return errors.New("a beat does not say whose it is")
	case claims > MaxClaims:
		return fmt.Errorf("a beat names %d endpoints, at most %d are possible", claims, MaxClaims)
	case !f.Whole && claims > 0:
		return errors.New("a beat has a part of its lists")
	case len(f.Servers) > 16:
		return errors.New("a beat names too many servers")
	}
	names := append([]string{f.Node, f.Program}, f.Servers...)
	for _, y := range f.Yields {
		names = append(names, y.To)
	}
	for _, s := range names {
		if len(s) > MaxName {
			return fmt.Errorf("a beat has a name of %d bytes, at most %d are possible", len(s), MaxName)
		}
	}
	return nil
}
