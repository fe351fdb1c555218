package node

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"slices"
	"strconv"
	"strings"
)

// ID names a node at one server, in one session. It can be compared. The zero value is the null node.
type ID struct {
	Space uint16 // index of its namespace
	Kind  Kind
	Num   uint32 // of a numeric one
	Text  string // of the others; bytes of a GUID (as they are written) and of an opaque one
}

// Kind is the kind of identifier.
type Kind uint8

// The kinds, with their letters in text.
const (
	Numeric Kind = iota // i=
	String              // s=
	GUID                // g=
	Opaque              // b=
)

const letters = "isgb" // by Kind

// IsNull reports the null node.
func (n ID) IsNull() bool { return n == ID{} }

// String is n as it is written in tag maps, such as ns=2;s=Force.
func (n ID) String() string {
	if n.Space == 0 {
		return n.identifier()
	}
	return "ns=" + strconv.Itoa(int(n.Space)) + ";" + n.identifier()
}

// WithURI is n with the URI of its namespace, as nsu=URI;s=Force. It keeps the index where the URI would lead to
// another namespace or to none.
func (n ID) WithURI(namespaces []string) string {
	if n.Space == 0 || int(n.Space) >= len(namespaces) {
		return n.String()
	}
	uri := namespaces[n.Space]
	if uri == "" || slices.Index(namespaces, uri) != int(n.Space) {
		return n.String()
	}
	return withURI(uri, n)
}

func withURI(uri string, n ID) string { return "nsu=" + escapeURI.Replace(uri) + ";" + n.identifier() }

// What would end the URI is written in percent (Part 6, 5.3.1.11).
var (
	escapeURI   = strings.NewReplacer("%", "%25", ";", "%3B")
	unescapeURI = strings.NewReplacer("%3B", ";", "%3b", ";", "%25", "%")
)

func (n ID) identifier() string {
	prefix := letters[n.Kind:n.Kind+1] + "="
	switch n.Kind {
	case Numeric:
		return prefix + strconv.FormatUint(uint64(n.Num), 10)
	case GUID:
		return prefix + FormatGUID([]byte(n.Text))
	case Opaque:
		return prefix + base64.StdEncoding.EncodeToString([]byte(n.Text))
	}
	return prefix + n.Text
}

// parseIdentifier reads i=, s=, g= or b= and what is after it (Part 6, 5.3.1.10).
func (n *ID) parseIdentifier(text string) error {
	letter, value, ok := strings.Cut(text, "=")
	kind := strings.Index(letters, letter)
	switch {
	case !ok || len(letter) != 1 || kind < 0:
		return errWant
	case value == "": // a null node id (Part 3, 8.2.4), which no node has
		return errors.New("nothing is after " + text + ": a node id ends with the identifier of the node, such as s=Force")
	}
	n.Kind = Kind(kind)
	switch n.Kind {
	case Numeric:
		v, err := strconv.ParseUint(value, 10, 32)
		if err != nil {
			return errors.New("i= needs a number from 0 to 4294967295; a name is s=")
		}
		n.Num = uint32(v)
	case GUID:
		b, ok := parseGUID(value)
		if !ok {
			return errors.New("g= needs a GUID like 72962B91-FA75-4AE6-8D28-B404DC7DAF63")
		}
		n.Text = string(b)
	case Opaque:
		b, err := base64.StdEncoding.DecodeString(value)
		if err != nil || len(b) == 0 {
			return errors.New("b= needs base64, such as b=AQID")
		}
		n.Text = string(b)
	default:
		n.Text = value
	}
	return nil
}

// parseGUID reads the usual form into the bytes in the order in which they are written. Braces around it are what many
// programs show it with, and no part of it.
func parseGUID(s string) ([]byte, bool) {
	if inside, ok := strings.CutPrefix(s, "{"); ok {
		if s, ok = strings.CutSuffix(inside, "}"); !ok {
			return nil, false
		}
	}
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return nil, false
	}
	b, err := hex.DecodeString(strings.ReplaceAll(s, "-", ""))
	return b, err == nil && len(b) == 16
}

// FormatGUID is the usual form of the bytes of a GUID, in the order in which they are written; "" when they are not 16.
func FormatGUID(b []byte) string {
	if len(b) != 16 {
		return ""
	}
	h := hex.EncodeToString(b)
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}
