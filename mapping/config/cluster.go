package config

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"tagbridge/mapping"
	"tagbridge/mapping/source"
)

// Cluster is what a bridge needs to share its devices with others of its name. Its zero value is: it does not.
type Cluster struct {
	NATS      []source.Secret // URLs of the servers, each with its port; without user and password. nil: there is no cluster
	TLS       TLS
	Login     NATSLogin
	Node      string        // what this member is called
	Takeover  time.Duration // for how long a member may be silent
	Isolated  string        // what one does that is cut off: keep, stop
	Replicate bool          // what is not delivered is copied to JetStream, and others deliver it
	Label     bool          // samples have the label node
}

// On reports whether there is a cluster.
func (c *Cluster) On() bool { return len(c.NATS) > 0 }

// isolatedStop is Isolated of members that read nothing while they are cut off.
const isolatedStop = "stop"

// Stops reports that a member which is cut off reads nothing.
func (c *Cluster) Stops() bool { return c.Isolated == isolatedStop }

// mostServers is how many NATS servers there are at most; more than five make a cluster no safer.
const mostServers = 7

// cluster reads bridge.cluster.
func (d *reader) cluster(bridge *source.Section) Cluster {
	var c Cluster
	s := bridge.Sub("cluster")
	defer s.Done()
	there := bridge.Has("cluster")
	var encrypted bool
	c.NATS, encrypted = clusterServers(s, &c.Login, there)
	c.TLS = readTLS(s, encrypted, "tls://")
	readNATSLogin(s, &c.Login, "nats")
	c.Node = d.node(s)
	c.Takeover = s.Duration("takeover", 2*time.Second, source.Between(500*time.Millisecond, time.Minute))
	c.Isolated = s.OneOf("isolated", "keep", isolatedStop)
	c.Label = s.Bool("label", false)
	c.Replicate = s.Bool("replicate", true)
	if !there {
		return Cluster{}
	}
	return c
}

// node reads what the member is called.
func (d *reader) node(s *source.Section) string {
	v := s.Value("node")
	if !v.OK {
		return nodeName(d.o.Hostname)
	}
	if !v.Open && nodeName(v.Text) != v.Text {
		v.Problemf("must be letters, digits, - _ and ., at most 64 of them, and begin with a letter or digit")
		return nodeName(d.o.Hostname)
	}
	return v.Text
}

// nodeName is name with what it must not have left out.
func nodeName(name string) string {
	name = strings.TrimLeft(strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune("-_.", r):
			return r
		}
		return -1
	}, name), "-_.")
	if name == "" {
		return "node"
	}
	return name[:min(len(name), 64)]
}

// clusterServers reads nats, and user and password in it.
func clusterServers(s *source.Section, to *NATSLogin, there bool) (urls []source.Secret, encrypted bool) {
	k := natsKind()
	values := s.Texts("nats")
	if there && len(values) == 0 && !s.Value("nats").Bad {
		s.Doc.Problemf(s.At, "cluster has no nats: the URLs of one to three NATS servers, such as [nats://10.0.0.2:4222]")
	}
	if len(values) > mostServers {
		values[mostServers].Problemf("a cluster has at most %d NATS servers", mostServers)
	}
	kinds, user, password := map[bool]bool{}, "", source.Secret("")
	for _, v := range values {
		v.Shown = redactURL(v.Shown)
		address, u, p, tls := sinkURLOf(v, &k)
		if slices.Contains(urls, source.Secret(address)) && address != "" {
			v.Problemf("this server is named twice: most of the servers must be different machines")
		}
		urls = append(urls, source.Secret(address))
		if u != "" && user == "" {
			user, password = u, p
		}
		if v.OK && !v.Open && address != "" {
			kinds[tls] = true
		}
	}
	if len(kinds) == 2 {
		values[0].Problemf("some servers with tls:// and some with nats://: what is sent to the others could be read")
	}
	if len(values) == 2 {
		values[1].Warnf("of two servers both have to work: with one of them dead nobody takes over. Name one, or three")
	}
	to.Username, to.Password = login(s, user, password)
	return urls, len(kinds) == 0 || kinds[true]
}

// withNode is labels, sorted by name, with that of the member where samples are to say who read them.
func (d *reader) withNode(labels []mapping.Label) []mapping.Label {
	named := func(l mapping.Label) bool { return l.Name == "node" }
	if d.nodeLabel == "" || slices.ContainsFunc(labels, named) {
		return labels
	}
	labels = append(slices.Clone(labels), mapping.Label{Name: "node", Value: d.nodeLabel})
	slices.SortFunc(labels, func(a, b mapping.Label) int { return strings.Compare(a.Name, b.Name) })
	return labels
}

// readPlacement reads which members of a cluster may read the device, and which one is to.
func readPlacement(s *source.Section, e *Endpoint) {
	for _, v := range s.Texts("only") {
		if v.OK && !v.Open && nodeName(v.Text) != v.Text {
			v.Problemf("must be the node of a member: letters, digits, - _ and .")
		}
		e.Only = append(e.Only, v.Text)
	}
	if v := s.Value("prefer"); v.OK {
		e.Prefer = v.Text
		if !v.Open && nodeName(v.Text) != v.Text {
			v.Problemf("must be the node of a member: letters, digits, - _ and .")
		}
		if len(e.Only) > 0 && !v.Open && !slices.Contains(e.Only, v.Text) {
			v.Problemf("only does not name %s, so it never reads this device", v.Text)
		}
	}
}

// keysOfDerived has each derived device of a cluster be computed by a lane of its own: it is computed where all that it is computed
// from is read.
func keysOfDerived(c *Config, devices []readDevice) {
	if !c.Bridge.Cluster.On() {
		return
	}
	for i := range devices {
		if d := &devices[i]; d.IsDerived() {
			d.Endpoint.Key += "/" + d.Name
		}
	}
}

// checkCluster looks at what devices say of a cluster.
func checkCluster(c *Config, devices []readDevice) {
	if c.Bridge.Cluster.On() {
		checkUnits(c, devices)
		return
	}
	for i := range devices {
		r := &devices[i]
		for _, key := range []string{"only", "prefer"} {
			if r.s.Has(key) {
				r.s.Doc.Warnf(r.s.Place(key), "%s means something in a cluster only: there is no bridge.cluster", key)
			}
		}
	}
}

// checkUnits reports devices that have to be read by one member, which none may be.
func checkUnits(c *Config, devices []readDevice) {
	byName := map[string]*readDevice{}
	for i := range devices {
		byName[devices[i].Name] = &devices[i]
	}
	for _, u := range c.Units() {
		if len(u.Derived) > 0 {
			checkUnit(&u, byName)
		}
	}
}

func checkUnit(u *Unit, byName map[string]*readDevice) {
	var only []string
	var limits, wishes *readDevice // who said so first
	together := "they are read by one member, because of " + u.Because()
	for _, d := range u.Devices() {
		r := byName[d.Name]
		if r.Endpoint.Key != d.Endpoint.Key {
			continue // of two with one name
		}
		if len(d.Endpoint.Only) > 0 {
			common := d.Endpoint.Only
			if limits != nil {
				common = both(only, d.Endpoint.Only)
			}
			if len(common) == 0 {
				other := limits.s.Place("only")
				r.s.Doc.Problemf(r.s.Place("only"), "only is %s, but %s for device %s (%s:%d:%d): %s, and no member may read all of them",
					strings.Join(d.Endpoint.Only, ", "), strings.Join(only, ", "), limits.Name, limits.s.Doc.File, other.Line, other.Col, together)
				return
			}
			only, limits = common, r
		}
		if d.Endpoint.Prefer != "" && wishes != nil && wishes.Endpoint.Prefer != d.Endpoint.Prefer {
			other := wishes.s.Place("prefer")
			r.s.Doc.Problemf(r.s.Place("prefer"), "prefer is %s, but %s for device %s (%s:%d:%d): %s",
				d.Endpoint.Prefer, wishes.Endpoint.Prefer, wishes.Name, wishes.s.Doc.File, other.Line, other.Col, together)
			return
		}
		if d.Endpoint.Prefer != "" {
			wishes = r
		}
	}
	if wishes != nil && limits != nil && len(wishes.Endpoint.Only) == 0 && !slices.Contains(only, wishes.Endpoint.Prefer) {
		other := limits.s.Place("only")
		wishes.s.Doc.Problemf(wishes.s.Place("prefer"), "prefer is %s, but only is %s for device %s (%s:%d:%d): %s",
			wishes.Endpoint.Prefer, strings.Join(only, ", "), limits.Name, limits.s.Doc.File, other.Line, other.Col, together)
	}
}

// Because names the derived devices that make one of u.
func (u *Unit) Because() string {
	var names []string
	for _, d := range u.Derived {
		names = append(names, d.Name)
	}
	if n := len(names); n > 3 {
		return fmt.Sprintf("%s and %d more derived devices", strings.Join(names[:3], ", "), n-3)
	}
	return strings.Join(names, ", ")
}
