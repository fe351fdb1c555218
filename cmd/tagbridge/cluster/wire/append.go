package wire

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"

	"google.golang.org/protobuf/encoding/protowire"

	"tagbridge/cmd/tagbridge/cluster/member"
)

// The fields of a frame.
const (
	fieldNode    = 1
	fieldRun     = 2 // fixed64
	fieldSeq     = 3
	fieldFlags   = 4
	fieldVersion = 5
	fieldAge     = 6
	fieldHolds   = 7  // claims: 8 bytes of key, the first the least, and epoch as a varint
	fieldWants   = 8  // the same
	fieldYield   = 9  // one each: a claim, and then the name
	fieldProgram = 10 //
	fieldServer  = 11 // one each
	fieldPlan    = 12 // fixed64; said where the lists are
	fieldLevel   = 13
	fieldListed  = 14
	fieldBehind  = 15 // these are said by who copies
	fieldLag     = 16
)

// The flags.
const (
	flagJoined = 1 << iota
	flagWhole
	flagAsk
	flagDraining
	flagAside
	flagCopies
)

// Append writes f to dst. It refuses what Parse would.
func Append(dst []byte, f *Frame) ([]byte, error) {
	start := len(dst)
	dst = append(dst, Format, 0, 0, 0, 0)
	dst = protowire.AppendTag(dst, fieldNode, protowire.BytesType)
	dst = protowire.AppendString(dst, f.Node)
	dst = protowire.AppendTag(dst, fieldRun, protowire.Fixed64Type)
	dst = protowire.AppendFixed64(dst, f.Run)
	dst = appendNumber(dst, fieldSeq, f.Seq)
	dst = appendNumber(dst, fieldFlags, f.flags())
	dst = appendNumber(dst, fieldVersion, f.Version)
	dst = appendNumber(dst, fieldAge, f.Age)
	if f.Copy.Copies {
		dst = appendNumber(dst, fieldBehind, f.Copy.Behind)
		dst = appendNumber(dst, fieldLag, f.Copy.Age)
	}
	if f.Plan != 0 {
		dst = protowire.AppendTag(dst, fieldPlan, protowire.Fixed64Type)
		dst = protowire.AppendFixed64(dst, f.Plan)
	}
	if f.Whole {
		dst = appendLists(dst, f)
	}
	if n := len(dst) - start; n > MaxBytes {
		return dst[:start], fmt.Errorf("the lists of this member are %d bytes long, %d are possible: it has too many endpoints", n, MaxBytes)
	}
	binary.LittleEndian.PutUint32(dst[start+1:], crc32.Checksum(dst[start+head:], castagnoli))
	return dst, f.check()
}

// head is how long what comes before the fields is.
const head = 5

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func appendNumber(dst []byte, field protowire.Number, n uint64) []byte {
	dst = protowire.AppendTag(dst, field, protowire.VarintType)
	return protowire.AppendVarint(dst, n)
}

func (f *Frame) flags() (n uint64) {
	for i, is := range [...]bool{f.Joined, f.Whole, f.Ask, f.Draining, f.Aside, f.Copy.Copies} {
		if is {
			n |= 1 << i
		}
	}
	return n
}

func appendLists(dst []byte, f *Frame) []byte {
	dst = appendClaims(dst, fieldHolds, f.Holds)
	dst = appendClaims(dst, fieldWants, f.Wants)
	var text []byte
	for _, y := range f.Yields {
		text = append(appendClaim(text[:0], y.Claim), y.To...)
		dst = protowire.AppendTag(dst, fieldYield, protowire.BytesType)
		dst = protowire.AppendBytes(dst, text)
	}
	if f.Program != "" {
		dst = protowire.AppendTag(dst, fieldProgram, protowire.BytesType)
		dst = protowire.AppendString(dst, f.Program)
	}
	for _, s := range f.Servers {
		dst = protowire.AppendTag(dst, fieldServer, protowire.BytesType)
		dst = protowire.AppendString(dst, s)
	}
	if f.Level > 0 {
		dst = appendNumber(dst, fieldLevel, f.Level)
	}
	if f.Listed > 0 {
		dst = appendNumber(dst, fieldListed, f.Listed)
	}
	return dst
}

func appendClaims(dst []byte, field protowire.Number, list []member.Claim) []byte {
	if len(list) == 0 {
		return dst
	}
	size := 0
	for _, c := range list {
		size += 8 + protowire.SizeVarint(c.Epoch)
	}
	dst = protowire.AppendTag(dst, field, protowire.BytesType)
	dst = protowire.AppendVarint(dst, uint64(size))
	for _, c := range list {
		dst = appendClaim(dst, c)
	}
	return dst
}

func appendClaim(dst []byte, c member.Claim) []byte {
	dst = binary.LittleEndian.AppendUint64(dst, c.Key)
	return protowire.AppendVarint(dst, c.Epoch)
}
