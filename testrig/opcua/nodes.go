package opcua

import (
	"fmt"
	"hash/fnv"
	"io"
	"log"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gopcua/opcua/id"
	"github.com/gopcua/opcua/server"
	"github.com/gopcua/opcua/ua"
	"github.com/gopcua/opcua/uasc"

	"tagbridge/mapping"
	"tagbridge/testrig/plc"
)

// silence turns off the standard logger, to which the library writes at every start.
func silence() { log.SetOutput(io.Discard) }

// build adds the nodes.
func (s *Server) build() error {
	s.setLimit()
	addresses := map[string]*mapping.Tag{}
	var order []string
	for _, t := range s.o.Tags {
		if _, ok := addresses[t.Node]; !ok {
			order = append(order, t.Node)
		}
		addresses[t.Node] = t
	}
	s.makeSpaces(order)
	for _, a := range order {
		if err := s.add(a, moving(addresses[a])); err != nil {
			return err
		}
	}
	for _, a := range slices.Sorted(func(yield func(string) bool) {
		for a := range s.o.Nodes {
			if !yield(a) {
				return
			}
		}
	}) {
		v := s.o.Nodes[a]
		if f, ok := v.(func() any); ok {
			if err := s.add(a, func() *ua.DataValue { return dataValue(f()) }); err != nil {
				return err
			}
			continue
		}
		dv := dataValue(v)
		if err := s.add(a, func() *ua.DataValue { return dv }); err != nil {
			return err
		}
	}
	return s.addProperties()
}

// addProperties adds what Options say of nodes.
func (s *Server) addProperties() error {
	for address, list := range s.o.Properties {
		for name, v := range list {
			dv := dataValue(v)
			if err := s.add(address+"."+name, func() *ua.DataValue { return dv }); err != nil {
				return err
			}
			s.props[s.nodes[address].String()+"/"+name] = s.nodes[address+"."+name]
		}
	}
	return nil
}

// makeSpaces makes room for the highest namespace that an address names by number.
func (s *Server) makeSpaces(addresses []string) {
	highest := 1
	for a := range s.o.Nodes {
		addresses = append(addresses, a)
	}
	for _, a := range addresses {
		for _, part := range strings.Split(a, "/") {
			digits := strings.TrimPrefix(part, "ns=")
			number, _, _ := strings.Cut(strings.Replace(digits, ";", ":", 1), ":")
			if n, err := strconv.Atoi(number); err == nil {
				highest = max(highest, min(n, 100))
			}
		}
	}
	for i := 1; i <= highest; i++ {
		s.space("urn:tagbridge:sim:" + strconv.Itoa(i))
	}
}

// space is the namespace of that URI.
func (s *Server) space(uri string) *server.NodeNameSpace {
	if ns, ok := s.spaces[uri]; ok {
		return ns
	}
	ns := server.NewNodeNameSpace(s.srv, uri)
	s.spaces[uri] = ns
	root, _ := s.srv.Namespace(0)
	root.Objects().AddRef(ns.Objects(), id.Organizes, true)
	return ns
}

// add adds the node that address names.
func (s *Server) add(address string, value func() *ua.DataValue) error {
	var n *ua.NodeID
	name := address
	if address != "" && address[0] == '/' {
		levels := strings.Split(address[1:], "/")
		name = levels[len(levels)-1]
		ns := s.space("urn:tagbridge:sim:1")
		n = ua.NewStringNodeID(ns.ID(), address)
		s.paths[address[1:]] = n
	} else {
		rest := address
		if uri, ok := strings.CutPrefix(address, "nsu="); ok {
			at := strings.LastIndex(uri, ";")
			rest = fmt.Sprintf("ns=%d;%s", s.space(uri[:at]).ID(), uri[at+1:])
		}
		var err error
		if n, err = ua.ParseNodeID(rest); err != nil {
			return fmt.Errorf("node %q: %w", address, err)
		}
		if at := strings.Index(rest, ";s="); at >= 0 {
			name = rest[at+len(";s="):]
		}
	}
	s.values[address] = value
	s.nodes[address] = n
	ns, err := s.srv.Namespace(int(n.Namespace()))
	if err != nil {
		return fmt.Errorf("node %q: %w", address, err)
	}
	node := server.NewVariableNode(n, name, func() *ua.DataValue { return s.value(address) })
	node.SetAttribute(ua.AttributeIDDataType, server.DataValueFromValue(dataType(value())))
	node.SetAttribute(ua.AttributeIDAccessLevel, server.DataValueFromValue(byte(ua.AccessLevelTypeCurrentRead)))
	node.SetAttribute(ua.AttributeIDBrowseName, server.DataValueFromValue(
		&ua.QualifiedName{NamespaceIndex: n.Namespace(), Name: name}))
	node.SetDescription("", "")
	ns.AddNode(node)
	if home, ok := ns.(*server.NodeNameSpace); ok && n.Namespace() > 0 {
		home.Objects().AddRef(node, id.HasComponent, true)
	}
	s.moving = append(s.moving, n)
	return nil
}

// dataType is the id of the type of a value, which is that of its built-in type.
func dataType(v *ua.DataValue) *ua.NodeID {
	if v == nil || v.Value == nil {
		return ua.NewNumericNodeID(0, id.BaseDataType)
	}
	return ua.NewNumericNodeID(0, uint32(v.Value.Type()))
}

// translate answers browse paths of nodes that a tag names so.
func (s *Server) translate(_ *uasc.SecureChannel, r ua.Request, _ uint32) (ua.Response, error) {
	req, ok := r.(*ua.TranslateBrowsePathsToNodeIDsRequest)
	if !ok {
		return nil, ua.StatusBadRequestTypeInvalid
	}
	res := &ua.TranslateBrowsePathsToNodeIDsResponse{ResponseHeader: &ua.ResponseHeader{
		Timestamp: time.Now(), RequestHandle: req.RequestHeader.RequestHandle,
		ServiceDiagnostics: &ua.DiagnosticInfo{}, StringTable: []string{}, AdditionalHeader: ua.NewExtensionObject(nil),
	}}
	for _, p := range req.BrowsePaths {
		var levels []string
		for _, e := range p.RelativePath.Elements {
			level := e.TargetName.Name
			if e.TargetName.NamespaceIndex > 0 {
				level = strconv.Itoa(int(e.TargetName.NamespaceIndex)) + ":" + level
			}
			levels = append(levels, level)
		}
		result := &ua.BrowsePathResult{StatusCode: ua.StatusBadNoMatch}
		path := strings.Join(levels, "/")
		s.mu.Lock()
		hidden := s.hidden["/"+path]
		s.mu.Unlock()
		n := s.paths[path]
		if p := s.props[p.StartingNode.String()+"/"+path]; p != nil {
			n = p
		}
		if n != nil && !hidden {
			result.StatusCode = ua.StatusOK
			result.Targets = []*ua.BrowsePathTarget{{
				TargetID: ua.NewExpandedNodeID(n, "", 0), RemainingPathIndex: math.MaxUint32,
			}}
		}
		res.Results = append(res.Results, result)
	}
	return res, nil
}

// moving is the plausible value of t.
func moving(t *mapping.Tag) func() *ua.DataValue {
	h := fnv.New64a()
	io.WriteString(h, t.Node)
	m := plc.NewMover(t, h.Sum64())
	array := elements(t.Element)
	return func() *ua.DataValue {
		now := time.Now()
		return dataValue(typed(m, now, array))
	}
}

// elements is how long an array has to be for a tag that is an element of it; 0 for a scalar.
func elements(element string) int {
	inside, _, ok := strings.Cut(strings.TrimPrefix(element, "["), "]")
	if !ok || !strings.HasPrefix(element, "[") {
		return 0
	}
	n, err := strconv.Atoi(inside)
	if err != nil {
		return 4
	}
	return min(n+1, 1000)
}

// typed is the value of m as the Go type of its tag's.
func typed(m *plc.Mover, at time.Time, array int) any {
	if array > 0 {
		list := make([]float64, array)
		for i := range list {
			list[i] = m.Number(at.Add(time.Duration(i) * time.Second))
		}
		return list
	}
	if m.Type() == mapping.TypeString {
		return m.Text(at)
	}
	v := m.Number(at)
	switch m.Type() {
	case mapping.TypeBool:
		return v != 0
	case mapping.TypeInt8:
		return int8(v)
	case mapping.TypeUint8:
		return uint8(v)
	case mapping.TypeInt16:
		return int16(v)
	case mapping.TypeUint16:
		return uint16(v)
	case mapping.TypeInt32:
		return int32(v)
	case mapping.TypeUint32:
		return uint32(v)
	case mapping.TypeInt64:
		return int64(v)
	case mapping.TypeUint64:
		return uint64(v)
	case mapping.TypeFloat32, mapping.TypeFloat16:
		return float32(v)
	}
	return v
}
