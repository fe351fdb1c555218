package drivers

import (
	"sync"
	"time"

	"tagbridge/mapping"
)

// device is the state behind a Device: it outlives a reload that keeps the name.
type device struct {
	name    string
	reasons reasons // that the log has of the present outage; its lane's
	began   time.Duration
	down    time.Time // since when it was out of reach before; zero: it was not

	mu       sync.Mutex
	cfg      *Device
	state    State
	since    moment // when it went online or offline
	heard    int64  // the wall time of its last answer; 0: there was none
	err      error  // the last
	polls    uint64
	late     uint64
	missed   uint64
	errors   [numErrorKinds]uint64
	samples  severities
	requests Histogram
	minute   mean // of the running minute
	latency  time.Duration
}

// configure has d be what cfg says from now on.
func (d *device) configure(cfg *Device) {
	d.mu.Lock()
	d.cfg = cfg
	d.mu.Unlock()
}

func (d *device) now() State {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.state
}

// beside is Device.Beside.
func (d *device) beside() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.cfg.Beside
}

func (d *device) health() *mapping.Group {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.cfg.Health
}

func (d *device) begun(skipped uint64) {
	d.mu.Lock()
	d.late += skipped
	d.mu.Unlock()
}

// answered counts an answer that came at that wall time.
func (d *device) answered(took time.Duration, wall int64) {
	d.mu.Lock()
	d.heard = wall
	d.requests.add(took)
	d.minute.sum += took
	d.minute.n++
	d.mu.Unlock()
}

// said notes that the device has sent something by itself.
func (d *device) said(wall int64) {
	d.mu.Lock()
	d.heard = wall
	d.mu.Unlock()
}

// lastHeard is when d last answered, or said something by itself; zero: it has not.
func (d *device) lastHeard() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.heard == 0 {
		return time.Time{}
	}
	return time.Unix(0, d.heard)
}

// polled counts a complete round.
func (d *device) polled() {
	d.mu.Lock()
	d.polls++
	d.mu.Unlock()
}

func (d *device) count(n severities) {
	d.mu.Lock()
	for i := range n {
		d.samples[i] += n[i]
	}
	d.mu.Unlock()
}

func (d *device) failed(kind ErrorKind, err error) {
	d.mu.Lock()
	d.errors[kind]++
	d.err = err
	d.mu.Unlock()
}

// lastMinute ends the minute and returns its mean latency; false when nothing was answered.
func (d *device) lastMinute() (time.Duration, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	m := d.minute
	d.minute = mean{}
	if m.n > 0 {
		d.latency = m.value()
	}
	return m.value(), m.n > 0
}

// mean is of durations.
type mean struct {
	sum time.Duration
	n   int64
}

func (m mean) value() time.Duration {
	if m.n == 0 {
		return 0
	}
	return m.sum / time.Duration(m.n)
}
