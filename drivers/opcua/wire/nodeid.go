package wire

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// NodeID names a node. It can be compared. The zero value is the null node.
type NodeID struct {
	Space uint16 // index of its namespace at one server, in one session
	Kind  IDKind
	Num   uint32 // of a numeric one
	Text  string // of the others; bytes of a GUID (as they are written) and of an opaque one
}

// IDKind is the kind of identifier.
type IDKind uint8

// The kinds, with their letters in text.
const (
	IDNumeric IDKind = iota // i=
	IDString                // s=
	IDGUID                  // g=
	IDOpaque                // b=
)

const idLetters = "isgb"

// Numeric is a node of the standard's own namespace.
func Numeric(n uint32) NodeID { return NodeID{Num: n} }

// IsNull reports the null node.
func (n NodeID) IsNull() bool { return n == NodeID{} }

// String is n as it is written in tag maps, such as ns=2;s=Force.
func (n NodeID) String() string {
	if n.Space == 0 {
		return n.identifier()
	}
	return "ns=" + strconv.Itoa(int(n.Space)) + ";" + n.identifier()
}

// WithURI is n with the URI of its namespace, as nsu=URI;s=Force.
func (n NodeID) WithURI(namespaces []string) string {
	if n.Space == 0 || int(n.Space) >= len(namespaces) {
		return n.String()
	}
	return "nsu=" + escapeURI(namespaces[n.Space]) + ";" + n.identifier()
}

// escapeURI writes what would end the URI as the standard has it (Part 6, 5.3.1.11).
func escapeURI(s string) string { return strings.NewReplacer("%", "%25", ";", "%3B").Replace(s) }

func unescapeURI(s string) string {
	return strings.NewReplacer("%3B", ";", "%3b", ";", "%25", "%").Replace(s)
}

func (n NodeID) identifier() string {
	prefix := string(idLetters[n.Kind]) + "="
	switch n.Kind {
	case IDNumeric:
		return prefix + strconv.FormatUint(uint64(n.Num), 10)
	case IDGUID:
		return prefix + FormatGUID([]byte(n.Text))
	case IDOpaque:
		return prefix + base64.StdEncoding.EncodeToString([]byte(n.Text))
	}
	return prefix + n.Text
}

// Address is a node as a tag map names it: by the URI of its namespace, or by its index.
type Address struct {
	URI string // "" when the index is given
	NodeID
}

// ParseAddress reads ns=2;s=Force, nsu=http://example.org/press;s=Force or i=2258.
func ParseAddress(text string) (Address, error) {
	var a Address
	rest := text
	switch {
	case strings.HasPrefix(text, "ns="):
		number, after, ok := strings.Cut(text[3:], ";")
		space, err := strconv.ParseUint(number, 10, 16)
		if err != nil || !ok {
			return a, fmt.Errorf("node id %q: want ns=NUMBER;s=NAME", text)
		}
		a.Space, rest = uint16(space), after
	case strings.HasPrefix(text, "nsu="):
		at := behindURI(text)
		if at <= len("nsu=") {
			return a, fmt.Errorf("node id %q: want nsu=URI;s=NAME", text)
		}
		a.URI, rest = unescapeURI(text[len("nsu="):at]), text[at+1:]
	}
	if err := a.parseIdentifier(rest); err != nil {
		return a, fmt.Errorf("node id %q: %w", text, err)
	}
	return a, nil
}

// behindURI is where the semicolon behind the URI is: the first that an identifier follows, as a URI may hold some.
func behindURI(text string) int {
	for i := 0; i+2 < len(text); i++ {
		if text[i] == ';' && strings.IndexByte(idLetters, text[i+1]) >= 0 && text[i+2] == '=' {
			return i
		}
	}
	return -1
}

func (n *NodeID) parseIdentifier(text string) error {
	letter, value, ok := strings.Cut(text, "=")
	kind := strings.Index(idLetters, letter)
	if !ok || len(letter) != 1 || kind < 0 {
		return errors.New("an identifier begins with i=, s=, g= or b=")
	}
	n.Kind = IDKind(kind)
	switch n.Kind {
	case IDNumeric:
		v, err := strconv.ParseUint(value, 10, 32)
		if err != nil {
			return errors.New("i= wants a number up to 4294967295")
		}
		n.Num = uint32(v)
	case IDGUID:
		b, err := ParseGUID(value)
		if err != nil {
			return err
		}
		n.Text = string(b)
	case IDOpaque:
		b, err := base64.StdEncoding.DecodeString(value)
		if err != nil {
			return errors.New("b= wants base64")
		}
		n.Text = string(b)
	default:
		n.Text = value
	}
	return nil
}

// Resolve is the node that a names in a session with these namespaces.
func (a Address) Resolve(namespaces []string) (NodeID, error) {
	if a.URI == "" {
		return a.NodeID, nil
	}
	i := slices.Index(namespaces, a.URI)
	if i < 0 || i > 0xFFFF {
		return NodeID{}, fmt.Errorf("the server has no namespace %s", a.URI)
	}
	n := a.NodeID
	n.Space = uint16(i)
	return n, nil
}

// ParseGUID reads the usual form, with or without braces, into the bytes in the order in which they are written.
func ParseGUID(s string) ([]byte, error) {
	s = strings.Trim(s, "{}")
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return nil, errors.New("g= wants a GUID such as 72962b91-fa75-4ae6-8d28-b404dc7daf63")
	}
	b, err := hex.DecodeString(strings.ReplaceAll(s, "-", ""))
	if err != nil || len(b) != 16 {
		return nil, errors.New("g= wants hexadecimal digits")
	}
	return b, nil
}

// FormatGUID is the inverse of ParseGUID.
func FormatGUID(b []byte) string {
	if len(b) != 16 {
		return ""
	}
	h := hex.EncodeToString(b)
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}

// swapGUID turns the order of writing into that of the wire and back: the first three parts are little-endian.
func swapGUID(b []byte) []byte {
	return []byte{b[3], b[2], b[1], b[0], b[5], b[4], b[7], b[6], b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]}
}

// AppendNodeID appends n in its shortest form (Part 6, 5.2.2.9).
func AppendNodeID(dst []byte, n NodeID) []byte {
	switch n.Kind {
	case IDNumeric:
		switch {
		case n.Space == 0 && n.Num <= 0xFF:
			return append(dst, 0, byte(n.Num))
		case n.Space <= 0xFF && n.Num <= 0xFFFF:
			return le.AppendUint16(append(dst, 1, byte(n.Space)), uint16(n.Num))
		}
		return le.AppendUint32(le.AppendUint16(append(dst, 2), n.Space), n.Num)
	case IDString:
		dst = le.AppendUint16(append(dst, 3), n.Space)
		return append(le.AppendUint32(dst, uint32(len(n.Text))), n.Text...)
	case IDGUID:
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
		n.Kind, n.Space, n.Text = IDString, r.Uint16(), string(r.Bytes())
	case 4:
		n.Kind, n.Space = IDGUID, r.Uint16()
		if b := r.take(16); b != nil {
			n.Text = string(swapGUID(b))
		}
	case 5:
		n.Kind, n.Space, n.Text = IDOpaque, r.Uint16(), string(r.Bytes())
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
