package wire

import (
	"errors"
	"fmt"

	"tagbridge/mapping/node"
)

// A node id and a browse name are what maps name; here is how they go over the wire.
type (
	NodeID        = node.ID
	QualifiedName = node.Name
)

// Numeric is a node of the standard's own namespace.
func Numeric(n uint32) NodeID { return NodeID{Num: n} }

// swapGUID turns the order of writing into that of the wire and back: the first three parts are little-endian.
func swapGUID(b []byte) []byte {
	return []byte{b[3], b[2], b[1], b[0], b[5], b[4], b[7], b[6], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]}
}

// AppendNodeID appends n in its shortest form (Part 6, 5.2.2.9).
func AppendNodeID(dst []byte, n NodeID) []byte {
	switch n.Kind {
	case node.Numeric:
		switch {
		case n.Space == 0 && n.Num <= 0xFF:
			return append(dst, 0, byte(n.Num))
		case n.Space <= 0xFF && n.Num <= 0xFFFF:
			return le.AppendUint16(append(dst, 1, byte(n.Space)), uint16(n.Num))
		}
		return le.AppendUint32(le.AppendUint16(append(dst, 2), n.Space), n.Num)
	case node.String:
		dst = le.AppendUint16(append(dst, 3), n.Space)
		return append(le.AppendUint32(dst, uint32(len(n.Text))), n.Text...)
	case node.GUID:
		dst = le.AppendUint16(append(dst, 4), n.Space)
		return append(dst, swapGUID([]byte(n.Text))...)
	}
	dst = le.AppendUint16(append(dst, 5), n.Space)
	return append(le.AppendUint32(dst, uint32(len(n.Text))), n.Text...)
}

// NodeID reads a NodeId.
func (r *Reader) NodeID() NodeID {
	n, flags := r.nodeID()
	if flags != 0 {
		r.fail(errors.New("a node id of another server"))
	}
	return n
}

// ExpandedNodeID reads an ExpandedNodeId. local is false for one of another server, or of a namespace that is named
// by its URI, which the server uses for namespaces that it does not have.
func (r *Reader) ExpandedNodeID() (n NodeID, local bool) {
	n, flags := r.nodeID()
	local = true
	if flags&0x80 != 0 {
		local = len(r.Bytes()) == 0
	}
	if flags&0x40 != 0 {
		local = r.Uint32() == 0 && local
	}
	return n, local
}

func (r *Reader) nodeID() (n NodeID, flags uint8) {
	form := r.Uint8()
	flags = form & 0xC0
	switch form & 0x3F {
	case 0:
		n.Num = uint32(r.Uint8())
	case 1:
		n.Space, n.Num = uint16(r.Uint8()), uint32(r.Uint16())
	case 2:
		n.Space, n.Num = r.Uint16(), r.Uint32()
	case 3:
		n.Kind, n.Space, n.Text = node.String, r.Uint16(), string(r.Bytes())
	case 4:
		n.Kind, n.Space = node.GUID, r.Uint16()
		if b := r.take(16); b != nil {
			n.Text = string(swapGUID(b))
		}
	case 5:
		n.Kind, n.Space, n.Text = node.Opaque, r.Uint16(), string(r.Bytes())
	default:
		r.fail(fmt.Errorf("node id of unknown form %d", form))
	}
	return n, flags
}

// skipNodeID reads over a NodeId or ExpandedNodeId without keeping it.
func (r *Reader) skipNodeID() {
	form := r.Uint8()
	switch form & 0x3F {
	case 0:
		r.take(1)
	case 1:
		r.take(3)
	case 2:
		r.take(6)
	case 3, 5:
		r.take(2)
		r.Bytes()
	case 4:
		r.take(18)
	default:
		r.fail(fmt.Errorf("node id of unknown form %d", form))
	}
	if form&0x80 != 0 {
		r.Bytes()
	}
	if form&0x40 != 0 {
		r.Uint32()
	}
}
