package modbus

import "slices"

// miss is a request that was not answered the last time.
type miss struct {
	request
	count   int
	answers uint64 // of the unit, until then
	broke   bool   // the connection broke while it was asked
}

// misses are the requests of a plan that were not answered the last time.
type misses []miss

// of is what is kept of q, which was not answered.
func (m *misses) of(q request) *miss {
	i := slices.IndexFunc(*m, func(old miss) bool { return old.request == q })
	if i < 0 {
		i = len(*m)
		*m = append(*m, miss{request: q})
	}
	return &(*m)[i]
}

// count is how often q was not answered, since it last was.
func (m misses) count(q request) int {
	for i := range m {
		if m[i].request == q {
			return m[i].count
		}
	}
	return 0
}

// forget that q was missed.
func (m *misses) forget(q request) {
	*m = slices.DeleteFunc(*m, func(old miss) bool { return old.request == q })
}
