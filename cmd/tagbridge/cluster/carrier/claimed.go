package carrier

import (
	"fmt"
	"sync"
)

// Servers are those that the carriers of a member are connected to. Two of them never have the same one: it would count twice.
type Servers struct {
	mu   sync.Mutex
	used map[string]string // address, by the server's name for itself
}

// NewServers has none.
func NewServers() *Servers { return &Servers{used: map[string]string{}} }

func (s *Servers) claim(server, address string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if other, ok := s.used[server]; ok && other != address {
		return fmt.Errorf("it is the same server as %s: name each server once", other)
	}
	s.used[server] = address
	return nil
}

func (s *Servers) release(server, address string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.used[server] == address {
		delete(s.used, server)
	}
}
