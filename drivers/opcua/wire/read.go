package wire

// Attribute is an attribute of nodes (Part 6, A.1).
type Attribute uint32

// The attributes that are read.
const (
	AttributeNodeClass       Attribute = 2
	AttributeBrowseName      Attribute = 3
	AttributeDisplayName     Attribute = 4
	AttributeDescription     Attribute = 5
	AttributeValue           Attribute = 13
	AttributeDataType        Attribute = 14
	AttributeValueRank       Attribute = 15
	AttributeArrayDimensions Attribute = 16
	AttributeAccessLevel     Attribute = 17
	AttributeDefinition      Attribute = 23 // DataTypeDefinition
)

// Times are the timestamps that a server is to send along.
type Times uint32

// What to send along.
const (
	TimesSource Times = 0
	TimesServer Times = 1
	TimesBoth   Times = 2
	TimesNone   Times = 3
)

// AppendReadValueID appends a node and an attribute to read.
func AppendReadValueID(dst []byte, n NodeID, a Attribute) []byte {
	dst = AppendNodeID(dst, n)
	dst = le.AppendUint32(dst, uint32(a))
	dst = AppendString(dst, "")             // no part of an array
	return AppendName(dst, QualifiedName{}) // default encoding
}

// Read reads attributes (Part 4, 5.10.2). Nodes are Count of AppendReadValueID, one behind the other: a request that is
// sent again and again is encoded once.
type Read struct {
	Times Times
	Count int
	Nodes []byte
}

// Add adds a node to q.
func (q *Read) Add(n NodeID, a Attribute) {
	q.Nodes = AppendReadValueID(q.Nodes, n, a)
	q.Count++
}

// ID implements Request.
func (*Read) ID() uint32 { return 631 }

// Append implements Request.
func (q *Read) Append(dst []byte) []byte {
	dst = AppendDouble(dst, 0) // a new value, not one from the server's cache
	dst = le.AppendUint32(dst, uint32(q.Times))
	dst = le.AppendUint32(dst, uint32(q.Count))
	return append(dst, q.Nodes...)
}

// RegisterNodes asks for ids that a server can look up faster (Part 4, 5.8.5).
type RegisterNodes struct{ Nodes []NodeID }

// ID implements Request.
func (RegisterNodes) ID() uint32 { return 560 }

// Append implements Request.
func (q RegisterNodes) Append(dst []byte) []byte { return appendNodeIDs(dst, q.Nodes) }

func appendNodeIDs(dst []byte, nodes []NodeID) []byte {
	dst = le.AppendUint32(dst, uint32(len(nodes)))
	for _, n := range nodes {
		dst = AppendNodeID(dst, n)
	}
	return dst
}

// NodeIDs reads an array of NodeId.
func (r *Reader) NodeIDs() []NodeID {
	all, n := list[NodeID](r, 2)
	for range n {
		all = append(all, r.NodeID())
	}
	return all
}
