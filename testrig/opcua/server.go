package opcua

import (
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/gopcua/opcua/id"
	"github.com/gopcua/opcua/server"
	"github.com/gopcua/opcua/server/attrs"
	"github.com/gopcua/opcua/ua"

	"tagbridge/mapping"
	"tagbridge/mapping/node"
)

// Options say what a server holds. The zero value is a server with nothing but what every server has.
type Options struct {
	Tags []*mapping.Tag
	// Nodes are further nodes: their values by node id, such as ns=2;s=Fixed or nsu=URI;s=Fixed. A func() any is called
	// at each read.
	Nodes map[string]any
	// Properties are those of nodes, by node id and name, such as EngineeringUnits.
	Properties map[string]map[string]any
	// MaxNodesPerRead is what the server says that it takes; 0 is no limit.
	MaxNodesPerRead uint32
	// Certificate, in DER, and Key turn on the secure endpoints, of all policies that are not broken.
	Certificate []byte
	Key         *rsa.PrivateKey
	Every       time.Duration // how often values change that are subscribed to; 0: 250 ms
	Still       bool          // they do not change by themselves
	Core        bool          // it has the core of the standard's nodes alone, and is there in a tenth of the time
}

// Server is one OPC UA server.
type Server struct {
	o      Options
	addr   string
	srv    *server.Server
	mu     sync.Mutex
	nodes  map[string]*ua.NodeID // by address, as tags have it
	values map[string]func() *ua.DataValue
	paths  map[string]*ua.NodeID
	moving []*ua.NodeID
	hidden map[string]bool
	spaces map[string]*server.NodeNameSpace
	props  map[string]*ua.NodeID // by node and name
	table  []string              // of namespaces, as shown; nil: as it is
}

// Policies are the security policies that are offered with a certificate.
var Policies = []string{"Basic256Sha256", "Aes128_Sha256_RsaOaep", "Aes256_Sha256_RsaPss"}

// attempts is how often a port is looked for: others can take one between its being found free and its being used.
const attempts = 10

// Listen serves o at address from now on, until Close. Port 0 is one that the system gives.
func Listen(address string, o Options) (s *Server, err error) {
	free := strings.HasSuffix(address, ":0")
	for range attempts {
		if s, err = listen(address, o); !free || !errors.Is(err, syscall.EADDRINUSE) {
			break
		}
	}
	return s, err
}

func listen(address string, o Options) (*Server, error) {
	host, port, err := freePort(address)
	if err != nil {
		return nil, err
	}
	s := &Server{
		o: o, addr: net.JoinHostPort(host, strconv.Itoa(port)),
		nodes: map[string]*ua.NodeID{}, values: map[string]func() *ua.DataValue{}, paths: map[string]*ua.NodeID{},
		hidden: map[string]bool{}, spaces: map[string]*server.NodeNameSpace{}, props: map[string]*ua.NodeID{},
	}
	opts := []server.Option{
		server.EndPoint(host, port),
		server.ServerName("tagbridge simulator"),
		server.EnableSecurity("None", ua.MessageSecurityModeNone),
		server.EnableAuthMode(ua.UserTokenTypeAnonymous),
	}
	if o.Certificate != nil {
		opts = append(opts, server.Certificate(o.Certificate), server.PrivateKey(o.Key))
		for _, p := range Policies {
			opts = append(opts, server.EnableSecurity(p, ua.MessageSecurityModeSign))
			opts = append(opts, server.EnableSecurity(p, ua.MessageSecurityModeSignAndEncrypt))
		}
		opts = append(opts, server.EnableAuthMode(ua.UserTokenTypeUserName))
	}
	silence()
	s.srv = newServer(o.Core, opts)
	if err := s.build(); err != nil {
		return nil, err
	}
	// The first handler of a service is the one that is used, so this one goes before the library's.
	s.srv.RegisterHandler(id.TranslateBrowsePathsToNodeIDsRequest_Encoding_DefaultBinary, s.translate)
	if err := s.srv.Start(context.Background()); err != nil {
		return nil, fmt.Errorf("listen at %s: %w", s.addr, err)
	}
	return s, nil
}

// freePort is the host and port of address, with a free port for 0. The library cannot tell which it was given.
func freePort(address string) (string, int, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return "", 0, err
	}
	defer l.Close()
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return "", 0, err
	}
	return host, l.Addr().(*net.TCPAddr).Port, nil
}

// Addr is host and port.
func (s *Server) Addr() string { return s.addr }

// URL is where the server is.
func (s *Server) URL() string { return "opc.tcp://" + s.addr }

// Close ends the server and its connections.
func (s *Server) Close() error { return s.srv.Close() }

// Serve moves the values until ctx ends, and then closes the server.
func (s *Server) Serve(ctx context.Context) error {
	every := s.o.Every
	if every <= 0 {
		every = 250 * time.Millisecond
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return s.Close()
		case <-tick.C:
			if !s.o.Still {
				for _, n := range s.moving {
					s.srv.ChangeNotification(n)
				}
			}
		}
	}
}

// Move lets n nodes change each second, the next ones each time, until ctx ends.
func (s *Server) Move(ctx context.Context, n int) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for at := 0; n > 0; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		for range n {
			s.srv.ChangeNotification(s.moving[at%len(s.moving)])
			at++
		}
	}
}

// Exchange exchanges the values of the nodes of two addresses and shows another table of namespaces, both at once: a
// request is answered before it or after it.
func (s *Server) Exchange(a, b string, table []string) {
	s.mu.Lock()
	s.values[a], s.values[b] = s.values[b], s.values[a]
	s.table = table
	s.mu.Unlock()
	s.srv.ChangeNotification(tableID)
}

// Table is the table of namespaces.
func (s *Server) Table() []string {
	s.mu.Lock()
	table := s.table
	s.mu.Unlock()
	if table == nil {
		for _, ns := range s.srv.Namespaces() {
			table = append(table, ns.Name())
		}
	}
	return table
}

// Hide makes a browse path lead nowhere, or not any more.
func (s *Server) Hide(path string, on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if a, err := node.Parse(path); err == nil {
		path = pathKey(a.Path)
	}
	s.hidden[path] = on
}

// Set makes v, a Go value or a *ua.DataValue, the value of the node of that address from now on.
func (s *Server) Set(address string, v any) {
	dv := dataValue(v)
	s.SetFunc(address, func() *ua.DataValue { return dv })
}

// SetFunc has v called whenever the node of that address is read.
func (s *Server) SetFunc(address string, v func() *ua.DataValue) {
	s.mu.Lock()
	s.values[address] = v
	n := s.nodes[address]
	s.mu.Unlock()
	if n != nil {
		s.srv.ChangeNotification(n)
	}
}

// value is what the node of that address is now.
func (s *Server) value(address string) *ua.DataValue {
	s.mu.Lock()
	v := s.values[address]
	s.mu.Unlock()
	return v()
}

// dataValue is v with the present time as that of its source.
func dataValue(v any) *ua.DataValue {
	if d, ok := v.(*ua.DataValue); ok {
		return d
	}
	now := time.Now()
	return &ua.DataValue{
		EncodingMask:    ua.DataValueValue | ua.DataValueSourceTimestamp | ua.DataValueServerTimestamp,
		Value:           ua.MustVariant(v),
		SourceTimestamp: now,
		ServerTimestamp: now,
	}
}

// setLimit has the server say how many nodes it takes in a read; the library's own says 32 whatever is meant.
func (s *Server) setLimit() {
	ns, err := s.srv.Namespace(0)
	if err != nil {
		return
	}
	ns.AddNode(server.NewNode(
		ua.NewNumericNodeID(0, id.Server_ServerCapabilities_OperationLimits_MaxNodesPerRead),
		map[ua.AttributeID]*ua.DataValue{
			ua.AttributeIDBrowseName: server.DataValueFromValue(attrs.BrowseName("MaxNodesPerRead")),
			ua.AttributeIDNodeClass:  server.DataValueFromValue(uint32(ua.NodeClassVariable)),
		}, nil,
		func() *ua.DataValue { return dataValue(s.o.MaxNodesPerRead) },
	))
	ns.AddNode(server.NewVariableNode(tableID, "NamespaceArray", func() *ua.DataValue { return dataValue(s.Table()) }))
}

var tableID = ua.NewNumericNodeID(0, id.Server_NamespaceArray)
