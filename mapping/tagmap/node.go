package tagmap

import (
	"encoding/base64"
	"regexp"
	"strconv"
	"strings"

	"tagbridge/mapping"
)

// node reads where and what an OPC UA tag is.
func (b *tagBuilder) node(r *row, t *mapping.Tag) {
	if r.has(colOrder) {
		r.problemf(colOrder, "OPC UA values have no byte order")
	}
	b.parseType(r, t)
	if t.Type == mapping.TypeBCD16 || t.Type == mapping.TypeBCD32 {
		r.problemf(colType, "OPC UA has no BCD")
	}
	text := r.text(colAddress)
	switch {
	case text != "":
		if fault := nodeFault(text); fault != "" {
			r.problemf(colAddress, "%s", fault)
		}
		t.Node = b.keep.own(text)
	case !r.unknown(colAddress):
		r.problemf(colAddress, "a tag needs an address, such as nsu=http://example.org/press;s=Force")
	}
	if text := r.text(colElement); text != "" {
		if !elementForm.MatchString(text) {
			r.problemf(colElement, "must be like [3], [1,2], .Speed, [3].Speed or [*]")
		} else if strings.Count(text, "[*]") > 1 {
			r.problemf(colElement, "[*] can stand only once: name the other elements, such as [*][0]")
		}
		t.Element = b.keep.text(text)
	}
}

var elementForm = regexp.MustCompile(`^(\[(\d{1,9}(, ?\d{1,9})*|\*)\]|\.[^.\[\]\s]+)+$`)

const wantNode = "must be a node id like nsu=http://example.org/press;s=Force, ns=2;i=1001, or a browse path like /Objects/2:Press/2:Force"

// nodeFault says why address is neither a node id (OPC UA Part 6, 5.3.1.10) nor a browse path.
func nodeFault(address string) string {
	if address[0] == '/' {
		if strings.HasSuffix(address, "/") || strings.Contains(address, "//") {
			return "an empty level in the browse path"
		}
		return ""
	}
	rest := address
	switch {
	case strings.HasPrefix(rest, "nsu="):
		// A URI may itself hold a semicolon: the identifier is behind the last one that begins one.
		at := identifierForm.FindStringIndex(rest)
		if at == nil || at[0] == len("nsu=") {
			return wantNode
		}
		rest = rest[at[0]+1:]
	case strings.HasPrefix(rest, "ns="):
		number, identifier, found := strings.Cut(rest[3:], ";")
		if _, err := strconv.ParseUint(number, 10, 16); err != nil || !found {
			return "ns= needs a number from 0 to 65535 and ; behind it"
		}
		rest = identifier
	}
	kind, identifier, found := strings.Cut(rest, "=")
	if !found || len(kind) != 1 || identifier == "" {
		return wantNode
	}
	return identifierFault(kind, identifier)
}

var identifierForm = regexp.MustCompile(`;[isgb]=`)

var guidForm = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

func identifierFault(kind, identifier string) string {
	switch kind {
	case "s":
		return ""
	case "i":
		if _, err := strconv.ParseUint(identifier, 10, 32); err != nil {
			return "i= needs a number from 0 to 4294967295; a name is s="
		}
		return ""
	case "g":
		if !guidForm.MatchString(identifier) {
			return "g= needs a GUID like 72962B91-FA75-4AE6-8D28-B404DC7DAF63"
		}
		return ""
	case "b":
		if _, err := base64.StdEncoding.DecodeString(identifier); err != nil {
			return "b= needs base64"
		}
		return ""
	}
	return wantNode
}
