package window

import "math"

// Exact is a sum of many floats that keeps what each addition would lose (Neumaier).
type Exact struct{ High, Low float64 }

// Add adds v.
func (s *Exact) Add(v float64) {
	t := s.High + v
	if math.Abs(s.High) >= math.Abs(v) {
		s.Low += (s.High - t) + v
	} else {
		s.Low += (v - t) + s.High
	}
	s.High = t
}

// AddProduct adds v × w, with what the multiplication would lose.
func (s *Exact) AddProduct(v, w float64) {
	p := v * w
	s.Add(p)
	if rest := math.FMA(v, w, -p); rest != 0 {
		s.Add(rest)
	}
}

// Value is the sum.
func (s Exact) Value() float64 { return s.High + s.Low }
