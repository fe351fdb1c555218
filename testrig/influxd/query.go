package influxd

import (
	"context"
	"maps"
	"slices"
	"strings"
)

// Points is a copy of what was stored, in the order it came; empty unless points are kept.
func (s *Server) Points() []Point {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.store.points)
}

// Count is what was written so far.
func (s *Server) Count() Count {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.store.count
	c.Writes, c.Status = s.writes, maps.Clone(c.Status)
	return c
}

// Forget empties the store and its counts.
func (s *Server) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.store, s.writes = newStore(s.o.Keep), 0
}

// Wait returns as soon as done says so of what is stored, asked again after every write, or with ctx's error.
func (s *Server) Wait(ctx context.Context, done func([]Point) bool) error {
	for {
		s.mu.Lock()
		arrived, points := s.arrived, slices.Clone(s.store.points)
		s.mu.Unlock()
		if done(points) {
			return nil
		}
		select {
		case <-arrived:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Distinct is how many values of different series and times were stored of the fields that match says.
func (s *Server) Distinct(match func(measurement, field string) bool) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for series, fields := range s.store.tracks {
		measurement, _, _ := strings.Cut(series, "\x00")
		for name, t := range fields {
			if match(measurement, name) {
				n += len(t.times)
			}
		}
	}
	return n
}
