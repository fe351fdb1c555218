package wire

import "time"

// OpenChannel asks for a secure channel or a new token of one (Part 4, 5.5.2).
type OpenChannel struct {
	Renew    bool
	Mode     uint32
	Nonce    []byte
	Lifetime time.Duration
}

// ID implements Request.
func (OpenChannel) ID() uint32 { return 446 }

// Append implements Request.
func (q OpenChannel) Append(dst []byte) []byte {
	dst = le.AppendUint32(dst, 0) // protocol version
	kind := uint32(0)
	if q.Renew {
		kind = 1
	}
	dst = le.AppendUint32(dst, kind)
	dst = le.AppendUint32(dst, q.Mode)
	dst = AppendBytes(dst, q.Nonce)
	return le.AppendUint32(dst, uint32(q.Lifetime/time.Millisecond))
}

// ChannelToken is the answer to OpenChannel.
type ChannelToken struct {
	Channel, Token uint32
	Lifetime       time.Duration
	Nonce          []byte
}

// ChannelToken reads one.
func (r *Reader) ChannelToken() ChannelToken {
	r.Uint32()
	t := ChannelToken{Channel: r.Uint32(), Token: r.Uint32()}
	r.Time()
	t.Lifetime = time.Duration(r.Uint32()) * time.Millisecond
	t.Nonce = r.Bytes()
	return t
}

// CloseChannel ends a secure channel; it has no response.
type CloseChannel struct{}

// ID implements Request.
func (CloseChannel) ID() uint32 { return 452 }

// Append implements Request.
func (CloseChannel) Append(dst []byte) []byte { return dst }
