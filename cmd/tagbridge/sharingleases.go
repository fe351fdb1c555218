package main

import (
	"tagbridge/cmd/tagbridge/cluster"
	"tagbridge/cmd/tagbridge/cluster/place"
	"tagbridge/cmd/tagbridge/events"
	"tagbridge/drivers"
	"tagbridge/mapping/config"
)

// sharedEndpoints is what members share of cfg. The load of one is how many of its tags are read or computed in a second.
func sharedEndpoints(cfg *config.Config) []place.Endpoint {
	var list []place.Endpoint
	for _, u := range cfg.Units() {
		load := 0.0
		for _, d := range u.Derived {
			load += loadOf(d)
		}
		unit := ""
		if len(u.Endpoints) > 1 {
			unit = u.Key
		}
		for i, c := range u.Endpoints {
			e := place.Endpoint{Key: c.Key, Only: u.Only, Prefer: u.Prefer, Unit: unit}
			for _, d := range c.Devices {
				e.Load += loadOf(d)
			}
			if i == 0 {
				e.Load += load
			}
			list = append(list, e)
		}
		if len(u.Endpoints) == 0 {
			list = append(list, place.Endpoint{Key: u.Key, Only: u.Only, Prefer: u.Prefer, Load: load})
		}
	}
	return list
}

func loadOf(d *config.Device) (load float64) {
	for _, t := range d.Tags {
		load += 1 / t.Poll.Seconds()
	}
	return load
}

// computedFrom are the endpoints that each derived device is computed from, by its key.
func computedFrom(cfg *config.Config) map[string][]string {
	found := map[string][]string{}
	for _, u := range cfg.Units() {
		sources := u.Sources()
		for _, d := range u.Derived {
			if keys := sources[d.Name]; len(keys) != 1 || keys[0] != d.Endpoint.Key {
				found[d.Endpoint.Key] = keys
			}
		}
	}
	return found
}

// onlyOf are the members that may read an endpoint, by its key, where that are not all.
func onlyOf(cfg *config.Config) map[string][]string {
	only := map[string][]string{}
	for _, e := range sharedEndpoints(cfg) {
		if len(e.Only) > 0 {
			only[e.Key] = e.Only
		}
	}
	return only
}

func (s *sharing) onlyOf(key string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.only[key]
}

// reader is who reads key, or computes it; "": nobody, or several.
func (s *sharing) reader(key string) (owner string) {
	s.mu.Lock()
	from, computed := s.computed[key]
	s.mu.Unlock()
	if !computed {
		from = []string{key}
	}
	for i, e := range from {
		by := s.cluster.Reader(e)
		if i > 0 && by != owner {
			return ""
		}
		owner = by
	}
	return owner
}

// Lease implements bridge.Share.
func (s *sharing) Lease(endpoint string) *drivers.Lease {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lease(endpoint)
}

// lease is Lease for one who holds mu.
func (s *sharing) lease(endpoint string) *drivers.Lease {
	l := s.leases[endpoint]
	if l == nil {
		l = drivers.NewLease(s.cluster.InTime).Named(func() string { return s.reader(endpoint) })
		s.leases[endpoint] = l
		if s.mayRead(endpoint) {
			l.Grant()
		}
	}
	return l
}

// mayRead reports that all of what is read at key, or computed, is held. The caller holds mu.
func (s *sharing) mayRead(key string) bool {
	from, computed := s.computed[key]
	if !computed {
		return s.holds[key]
	}
	for _, e := range from {
		if !s.holds[e] {
			return false
		}
	}
	return true
}

// compute grants and revokes the leases of derived devices, by what is held. left are those that have to end before any of the
// endpoints that they are computed from is left. The caller holds mu.
func (s *sharing) compute() (left map[string][]<-chan struct{}) {
	left = map[string][]<-chan struct{}{}
	for key, from := range s.computed {
		l := s.lease(key)
		if s.mayRead(key) {
			l.Grant()
			continue
		}
		stopped := l.Revoke()
		for _, e := range from {
			left[e] = append(left[e], stopped)
		}
	}
	return left
}

// held is told what is to be read here, and what not any more. What is computed ends before, and begins after what it is computed from.
func (s *sharing) held(changes []cluster.Change) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range changes {
		s.holds[c.Key] = c.Held
		if !c.Held {
			delete(s.holds, c.Key)
			continue
		}
		if s.mayRead(c.Key) {
			s.lease(c.Key).Grant()
		}
		s.log.Info("reads an endpoint of the cluster", "endpoint", c.Key, "event", events.Cluster)
	}
	computed := s.compute()
	for _, c := range changes {
		if c.Held {
			continue
		}
		stopped := computed[c.Key]
		if !s.mayRead(c.Key) {
			stopped = append(stopped, s.lease(c.Key).Revoke())
		}
		s.log.Info("leaves an endpoint to the cluster", "endpoint", c.Key, "event", events.Cluster)
		go func() {
			for _, end := range stopped {
				<-end
			}
			s.cluster.Stopped(c.Key, c.Take)
		}()
	}
}
