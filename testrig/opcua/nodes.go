package opcua

import (
	"fmt"
	"hash/fnv"
	"io"
	"log"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/gopcua/opcua/id"
	"github.com/gopcua/opcua/server"
	"github.com/gopcua/opcua/ua"
	"github.com/gopcua/opcua/uasc"

	"tagbridge/mapping"
	"tagbridge/mapping/node"
	"tagbridge/testrig/plc"
)

// silence turns off the standard logger, to which the library writes at every start.
func silence() { log.SetOutput(io.Discard) }

// build adds the nodes.
func (s *Server) build() error {
	s.setLimit()
	addresses := map[string]*mapping.Tag{}
	var order []*node.Address
	for _, t := range s.o.Tags {
		if _, ok := addresses[t.Node.String()]; !ok {
			order = append(order, t.Node)
		}
		addresses[t.Node.String()] = t
	}
	if err := s.makeSpaces(order); err != nil {
		return err
	}
	for _, a := range order {
		if err := s.add(a, moving(addresses[a.String()])); err != nil {
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
			if err := s.addText(a, func() *ua.DataValue { return dataValue(f()) }); err != nil {
				return err
			}
			continue
		}
		dv := dataValue(v)
		if err := s.addText(a, func() *ua.DataValue { return dv }); err != nil {
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
			if err := s.addText(address+"."+name, func() *ua.DataValue { return dv }); err != nil {
				return err
			}
			s.props[s.nodes[address].String()+pathKey([]node.Name{{Name: name}})] = s.nodes[address+"."+name]
		}
	}
	return nil
}

// makeSpaces makes room for the highest namespace that an address names by number.
func (s *Server) makeSpaces(addresses []*node.Address) error {
	highest := 1
	for text := range s.o.Nodes {
		a, err := node.Parse(text)
		if err != nil {
			return fmt.Errorf("node %q: %w", text, err)
		}
		addresses = append(addresses, a)
	}
	for _, a := range addresses {
		highest = max(highest, min(int(a.ID.Space), 100))
		for _, name := range a.Path {
			highest = max(highest, min(int(name.Space), 100))
		}
	}
	for i := 1; i <= highest; i++ {
		s.space("urn:tagbridge:sim:" + strconv.Itoa(i))
	}
	return nil
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

// addText adds the node of an address.
func (s *Server) addText(text string, value func() *ua.DataValue) error {
	a, err := node.Parse(text)
	if err != nil {
		return fmt.Errorf("node %q: %w", text, err)
	}
	return s.add(a, value)
}

// id is the node that a names at this server.
func (s *Server) id(a *node.Address) *ua.NodeID {
	if a.IsPath() {
		n := ua.NewStringNodeID(s.space("urn:tagbridge:sim:1").ID(), a.String())
		s.paths[pathKey(a.Path)] = n
		return n
	}
	space := a.ID.Space
	if a.URI != "" {
		space = s.space(a.URI).ID()
	}
	switch a.ID.Kind {
	case node.String:
		return ua.NewStringNodeID(space, a.ID.Text)
	case node.GUID:
		return ua.NewGUIDNodeID(space, node.FormatGUID([]byte(a.ID.Text)))
	case node.Opaque:
		return ua.NewByteStringNodeID(space, []byte(a.ID.Text))
	}
	return ua.NewNumericNodeID(space, a.ID.Num)
}

// pathKey is equal for equal browse paths, however they are written.
func pathKey(path []node.Name) string { return (&node.Address{Path: path}).String() }

// add adds the node at a.
func (s *Server) add(a *node.Address, value func() *ua.DataValue) error {
	address, name, n := a.String(), a.String(), s.id(a)
	switch {
	case a.IsPath():
		name = a.Path[len(a.Path)-1].Name
	case a.ID.Kind == node.String:
		name = a.ID.Text
	}
	s.values[address] = value
	s.nodes[address] = n
	ns, err := s.srv.Namespace(int(n.Namespace()))
	if err != nil {
		return fmt.Errorf("node %q: %w", address, err)
	}
	v := server.NewVariableNode(n, name, func() *ua.DataValue { return s.value(address) })
	v.SetAttribute(ua.AttributeIDDataType, server.DataValueFromValue(dataType(value())))
	v.SetAttribute(ua.AttributeIDAccessLevel, server.DataValueFromValue(byte(ua.AccessLevelTypeCurrentRead)))
	v.SetAttribute(ua.AttributeIDBrowseName, server.DataValueFromValue(
		&ua.QualifiedName{NamespaceIndex: n.Namespace(), Name: name}))
	v.SetDescription("", "")
	ns.AddNode(v)
	if home, ok := ns.(*server.NodeNameSpace); ok && n.Namespace() > 0 {
		home.Objects().AddRef(v, id.HasComponent, true)
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
		var levels []node.Name
		for _, e := range p.RelativePath.Elements {
			levels = append(levels, node.Name{Space: e.TargetName.NamespaceIndex, Name: e.TargetName.Name})
		}
		result := &ua.BrowsePathResult{StatusCode: ua.StatusBadNoMatch}
		path := pathKey(levels)
		s.mu.Lock()
		hidden := s.hidden[path]
		s.mu.Unlock()
		n := s.paths[path]
		if p := s.props[p.StartingNode.String()+path]; p != nil {
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
	io.WriteString(h, t.Node.String())
	m := plc.NewMover(t, h.Sum64())
	array := elements(t.Element)
	return func() *ua.DataValue {
		now := time.Now()
		return dataValue(typed(m, now, array))
	}
}

// elements is how long an array has to be for a tag that is an element of it; 0 for a scalar.
func elements(e node.Element) int {
	switch {
	case len(e) == 0 || e[0].Member != "":
		return 0
	case len(e[0].Index) != 1:
		return 4
	}
	return min(e[0].Index[0]+1, 1000)
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
