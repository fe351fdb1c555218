package mapping

import "slices"

// Kind says how Sample.Bits is to be read.
type Kind uint8

// The kinds of values. Int and Uint come from all integer types but those of 64 bits and become floats in InfluxDB; Int64 and
// Uint64 are the 64-bit types, delivered as integers in full.
const (
	None   Kind = iota // no value: the quality is bad
	Bool               // Bits is 0 or 1
	Int                // int64(Bits), of at most 16 digits
	Uint               // Bits, of at most 48 bits
	Int64              // int64(Bits)
	Uint64             // Bits
	F32                // math.Float32frombits(uint32(Bits)); finite
	F64                // math.Float64frombits(Bits); finite
	Dec                // int64(Bits) × 10^Series.Exp, at most 15 digits: a float64 by type, kept exact
	Text               // Batch.Blob[Bits>>32:][:uint32(Bits)], valid UTF-8
)

// IsFloat reports a value of a float type: as JSON it always has a point or an exponent.
func (k Kind) IsFloat() bool { return k == F32 || k == F64 || k == Dec }

// Flags of a Sample.
type Flags uint8

// ShowQuality marks a sample whose quality is not exactly Good, or was not at the tag's last sample: sinks that leave
// the quality of good samples out write it for this one.
const ShowQuality Flags = 1

// Sample is one reading of one tag: 24 bytes without pointers, so that batches cost the garbage collector nothing.
type Sample struct {
	Time    int64   // nanoseconds since 1970 UTC
	Bits    uint64  // the value, as Kind says; 0 for None
	Quality Quality // bad exactly when Kind is None
	Index   uint16  // into Group.Series
	Kind    Kind
	Flags   Flags
}

// Batch is samples of one group in the order they were read: a whole poll, what changed of it, or pushed values.
// It belongs to the lane that fills it; whoever is handed one copies what it keeps before returning.
type Batch struct {
	Group   *Group
	Samples []Sample
	Blob    []byte // the bytes of Text values
}

// Reset empties b for g and keeps its memory.
func (b *Batch) Reset(g *Group) {
	b.Group, b.Samples, b.Blob = g, b.Samples[:0], b.Blob[:0]
}

// Withhold takes out of b what its group withholds: where that is nothing, no sample is looked at.
func (b *Batch) Withhold() {
	if b.Group == nil || b.Group.Withheld == nil {
		return
	}
	kept := b.Samples[:0]
	for i := range b.Samples {
		if !b.Group.Withheld[b.Samples[i].Index] {
			kept = append(kept, b.Samples[i])
		}
	}
	b.Samples = kept
}

// Text is the bytes of a sample of kind Text; they are a part of b.Blob.
func (b *Batch) Text(s *Sample) []byte {
	at, n := s.Bits>>32, s.Bits&0xFFFFFFFF
	return b.Blob[at : at+n]
}

// PutText makes s a sample of kind Text that holds a copy of text.
func (b *Batch) PutText(s *Sample, text []byte) {
	s.Kind, s.Bits = Text, uint64(len(b.Blob))<<32|uint64(len(text))
	b.Blob = append(b.Blob, text...)
}

// Clone is a copy of b with memory of its own.
func (b *Batch) Clone() Batch {
	return Batch{Group: b.Group, Samples: slices.Clone(b.Samples), Blob: slices.Clone(b.Blob)}
}
