package influxd

import "time"

// Step is how one write request is answered, when not with success.
type Step struct {
	Status     int           // 0: as it deserves
	RetryAfter string        // header: seconds or a date
	Message    string        // of the error
	Latency    time.Duration // before anything else
	Cut        bool          // the connection ends without an answer
	Store      bool          // what was written is stored all the same: the answer is lost, or lies
}

// Script answers the next writes as steps say, one each; after them, writes are answered as they deserve. Steps not
// used yet are forgotten.
func (s *Server) Script(steps ...Step) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.steps = append([]Step(nil), steps...)
}

// Always answers every write without a step of its own as step says; the zero Step ends that.
func (s *Server) Always(step Step) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.always = step
}

// Refuse drops the points that have one of these fields, and answers 400 with how many, as InfluxDB does for a field
// of another type; other points of the request are stored. No fields: nothing is refused.
func (s *Server) Refuse(fields ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refused = append([]string(nil), fields...)
}

// Freeze lets writes wait without an answer until Thaw.
func (s *Server) Freeze() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.frozen == nil {
		s.frozen = make(chan struct{})
	}
}

// Thaw ends a Freeze.
func (s *Server) Thaw() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.frozen != nil {
		close(s.frozen)
		s.frozen = nil
	}
}

// step takes the next step.
func (s *Server) step() (Step, chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writes++
	step := s.always
	if len(s.steps) > 0 {
		step, s.steps = s.steps[0], s.steps[1:]
	}
	return step, s.frozen
}
