package opcua

import (
	"bytes"
	"strconv"
	"sync"

	"github.com/gopcua/opcua/schema"
	"github.com/gopcua/opcua/server"
)

// coreNodes is below which number a node of the standard is one of its core: the server's own, and the types and folders
// that clients of values look at. There are 700 of them, of 4,900.
const coreNodes = 3000

// born makes one server at a time: the library makes each from what its own variable holds at that moment.
var born sync.Mutex

// coreSet is the node set of the standard with its core alone.
var coreSet = sync.OnceValue(func() []byte { return coreOf(schema.OpcUaNodeSet2) })

// newServer makes a server, with the core of the standard's nodes or all of them: all are half a second of work, and some
// three under the race detector.
func newServer(core bool, opts []server.Option) *server.Server {
	born.Lock()
	defer born.Unlock()
	if core {
		all := schema.OpcUaNodeSet2
		schema.OpcUaNodeSet2 = coreSet()
		defer func() { schema.OpcUaNodeSet2 = all }()
	}
	return server.New(opts...)
}

// coreOf cuts the nodes that are not of the core out of a node set, which has each in lines of its own. Types of references
// stay: nodes name them.
func coreOf(set []byte) []byte {
	const node, reference = "  <UA", "  <UAReferenceType "
	out := make([]byte, 0, len(set)/5)
	keep := true
	for line := range bytes.Lines(set) {
		if bytes.HasPrefix(line, []byte(node)) {
			keep = bytes.HasPrefix(line, []byte(reference)) || numberOf(line) < coreNodes
		}
		if keep || bytes.HasPrefix(line, []byte("</")) {
			out = append(out, line...)
		}
	}
	return out
}

// numberOf is the number of the node that line begins; 0: it has none.
func numberOf(line []byte) int {
	_, rest, _ := bytes.Cut(line, []byte(` NodeId="i=`))
	number, _, _ := bytes.Cut(rest, []byte(`"`))
	n, _ := strconv.Atoi(string(number))
	return n
}
