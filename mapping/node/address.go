package node

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Address is a node as a tag map names it: a node id, by the URI of its namespace or by its index, or a browse path.
// It is immutable.
type Address struct {
	text string // as it is written; "" when it was not parsed
	URI  string // of the namespace; "": ID has its index
	ID   ID
	Path []Name // of a browse path, from the root folder on; nil: ID names the node
}

// errWant is the answer to a text that is nothing of what an address can be.
var errWant = errors.New("must be a node id like nsu=http://example.org/press;s=Force, ns=2;i=1001, or a browse path like /Objects/2:Press/2:Force")

// Parse reads ns=2;s=Force, nsu=http://example.org/press;s=Force, i=2258 or /Objects/2:Press/2:Force. Its error says
// what is wrong, what is expected and what to write instead, but does not repeat text. The address refers to text.
func Parse(text string) (*Address, error) {
	a := &Address{text: text}
	rest := text
	switch {
	case strings.HasPrefix(text, "/"):
		var err error
		if a.Path, err = parsePath(text); err != nil {
			return nil, err
		}
		return a, nil
	case strings.HasPrefix(text, "svr="):
		return nil, errors.New("svr= names a node of another server: make that server a device, and write the node without svr=")
	case strings.HasPrefix(text, "ns="):
		number, after, ok := strings.Cut(text[len("ns="):], ";")
		space, err := strconv.ParseUint(number, 10, 16)
		if err != nil || !ok {
			return nil, errors.New("ns= needs a number from 0 to 65535 and ; after it")
		}
		a.ID.Space, rest = uint16(space), after
	case strings.HasPrefix(text, "nsu="):
		end := uriEnd(text)
		if end <= len("nsu=") {
			return nil, errors.New("nsu= needs the URI of a namespace, and after it ; and an identifier, such as nsu=http://example.org/press;s=Force")
		}
		a.URI, rest = unescapeURI.Replace(text[len("nsu="):end]), text[end+1:]
	}
	if err := a.ID.parseIdentifier(rest); err != nil {
		return nil, err
	}
	return a, nil
}

// uriEnd is where the semicolon after the URI is: the first that an identifier follows. The standard has a semicolon in
// a URI written as %3B; servers show it as it is, and so it is copied.
func uriEnd(text string) int {
	for i := 0; i+2 < len(text); i++ {
		if text[i] == ';' && strings.IndexByte(letters, text[i+1]) >= 0 && text[i+2] == '=' {
			return i
		}
	}
	return -1
}

// String is a as it was written, or as it would be. That of no address is "".
func (a *Address) String() string {
	switch {
	case a == nil:
		return ""
	case a.text != "":
		return a.text
	}
	return a.format()
}

// format writes a in the one way that Parse reads as a.
func (a *Address) format() string {
	switch {
	case a.Path != nil:
		return formatPath(a.Path)
	case a.URI != "":
		return withURI(a.URI, a.ID)
	}
	return a.ID.String()
}

// IsPath reports a browse path.
func (a *Address) IsPath() bool { return a.Path != nil }

// Resolve is the node that a, which is no browse path, names in a session with these namespaces.
func (a *Address) Resolve(namespaces []string) (ID, error) {
	if a.URI == "" {
		return a.ID, nil
	}
	i := slices.Index(namespaces, a.URI)
	if i < 0 || i > 0xFFFF {
		return ID{}, fmt.Errorf("the server has no namespace %s", a.URI)
	}
	n := a.ID
	n.Space = uint16(i)
	return n, nil
}
