package plc

import "time"

// Request is one request as it arrived.
type Request struct {
	Time     time.Time
	Unit     byte
	Function byte
	First    uint16 // 0-based address
	Count    uint16
}

// ring remembers the last requests.
type ring struct {
	limit int
	total int
	kept  []Request
}

func (r *ring) add(q Request) {
	if len(r.kept) < r.limit {
		r.kept = append(r.kept, q)
	} else {
		r.kept[r.total%r.limit] = q
	}
	r.total++
}

// Requests is a copy of the last requests to u, the oldest first: as many as UnitOptions.Log says.
func (u *Unit) Requests() []Request {
	u.mu.Lock()
	defer u.mu.Unlock()
	r := &u.log
	at := 0
	if r.total > len(r.kept) {
		at = r.total % r.limit
	}
	return append(append([]Request(nil), r.kept[at:]...), r.kept[:at]...)
}

// Asked is how many requests u has had.
func (u *Unit) Asked() int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.log.total
}

// ForgetRequests empties the log of requests.
func (u *Unit) ForgetRequests() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.log.total, u.log.kept = 0, u.log.kept[:0]
}
