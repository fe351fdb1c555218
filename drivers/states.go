package drivers

import (
	"errors"
	"iter"
	"slices"
	"time"

	"tagbridge/mapping"
)

// DeviceState is a device and how it is doing.
type DeviceState struct {
	Name, Driver, URL string
	UnitID            int
	State             State
	Since             time.Time     // when it went online or offline; zero before
	Error             string        // why it is not online
	ReadBy            string        // who reads it, of a device that is Elsewhere; "": nobody
	Began             time.Duration // since when the lane reads it, of the process: what is counted is so from then on
	Polls             uint64        // complete rounds of its jobs
	Late              uint64        // polls skipped because the line was busy
	Missed            uint64        // polls skipped because the device was offline
	Latency           time.Duration
	Errors            map[ErrorKind]uint64
	Requests          Histogram
	Good              uint64 // samples read, by the severity of their quality
	Uncertain         uint64
	Bad               uint64
	Tags, BadTags     int
}

// LineState is how a lane's connection is doing.
type LineState struct {
	Name      string
	Connected bool
	Busy      float64 // share of the last seconds in which an exchange was under way
	BusyTotal time.Duration
	Exchanges uint64
	Opens     uint64        // attempts to connect
	Unsent    uint64        // samples that Append did not take
	Overdue   time.Duration // above 0: the lane is stuck in its link, for so long beyond all limits
	Elsewhere bool          // another member of the cluster may read, and not this one
	ReadBy    string        // who does, of one that is Elsewhere; "": nobody
}

// TagState is a tag's last sample.
type TagState struct {
	Group  *mapping.Group
	Series *mapping.Series
	Sample mapping.Sample
	Text   []byte // of a sample of kind Text
	Raw    []byte // as last read from the wire
	Error  string // why it is bad
	ReadBy string // who reads it; "": this process, or nobody
	Since  int64  // the time of the first sample with this quality; 0: it was never read
}

// Devices describes the devices of the applied jobs, in the order of their first job.
func (r *roster) Devices() []DeviceState {
	jobs, devices := r.current()
	index := make(map[string]int, len(devices))
	states := make([]DeviceState, 0, len(devices))
	for _, d := range devices {
		if d.beside() {
			continue
		}
		index[d.name] = len(states)
		states = append(states, d.snapshot())
	}
	for _, j := range jobs {
		if j.Device.Beside {
			continue
		}
		s := &states[index[j.Device.Name]]
		s.Tags += len(j.Current().Series)
		if s.State != Elsewhere {
			s.BadTags += j.live.badTags()
		}
	}
	return states
}

func (d *device) snapshot() DeviceState {
	d.mu.Lock()
	defer d.mu.Unlock()
	s := DeviceState{
		Name: d.name, Driver: d.cfg.Driver, URL: d.cfg.URL, UnitID: d.cfg.UnitID, State: d.state,
		Began: d.began, Polls: d.polls, Late: d.late, Missed: d.missed, Latency: d.latency, Requests: d.requests,
		Good: d.samples[0], Uncertain: d.samples[1], Bad: d.samples[2],
		Errors: make(map[ErrorKind]uint64, numErrorKinds),
	}
	if d.state != Connecting {
		s.Since = time.Unix(0, d.since.wall)
	}
	if d.latency == 0 {
		s.Latency = d.minute.value()
	}
	if e, ok := d.err.(elsewhere); ok {
		s.ReadBy = e.by()
	} else if d.state != Online && d.err != nil {
		s.Error = d.err.Error()
	}
	for k, n := range d.errors {
		if n > 0 {
			s.Errors[ErrorKind(k)] = n
		}
	}
	return s
}

// Tags yields the last sample of every tag of the named devices, or without names of all; a tag that was not read yet
// is BadWaitingForInitialData, its Time 0. What a TagState points to is valid until the next.
func (r *roster) Tags(devices ...string) iter.Seq[TagState] {
	return func(yield func(TagState) bool) {
		jobs, records := r.current()
		offline := make(map[string]error, len(records))
		for _, d := range records {
			offline[d.name] = d.why()
		}
		var t table
		for _, j := range jobs {
			if len(devices) > 0 && !slices.Contains(devices, j.Device.Name) {
				continue
			}
			if !t.each(j, offline[j.Device.Name], yield) {
				return
			}
		}
	}
}

// table is a copy of a job's live table.
type table struct {
	b     mapping.Batch
	last  []mapping.Sample
	since []int64
	raw   []byte
}

// each yields the tags of j; reason is why its device is not online, nil when it is.
func (t *table) each(j *Job, reason error, yield func(TagState) bool) bool {
	t.last = j.live.all(t.last[:0], &t.b)
	t.since = j.live.sinces(t.since[:0])
	for i := range t.last {
		s := TagState{Group: t.b.Group, Series: t.b.Group.Series[i], Sample: t.last[i]}
		if i < len(t.since) { // else the tags have just become others
			s.Since = t.since[i]
		}
		if s.Sample.Kind == mapping.Text {
			s.Text = t.b.Text(&s.Sample)
		}
		t.raw = j.add(&s, i, t.raw, reason)
		if !yield(s) {
			return false
		}
	}
	return true
}

// add adds to s, of tag index, what its driver knows: raw is the memory of what came from the wire.
func (j *Job) add(s *TagState, index int, raw []byte, offline error) []byte {
	if j.Work != nil {
		raw = j.Work.Raw(raw[:0], index)
		s.Raw = raw
	}
	if e, ok := offline.(elsewhere); ok {
		s.ReadBy, s.Error = e.by(), e.Error()
	} else if s.Sample.Quality.IsBad() {
		s.Error = j.why(index, offline)
	}
	return raw
}

// Err says why tag index is bad as far as its work, or its formula, knows; "" else. Safe to call at any time.
func (j *Job) Err(index int) string {
	if why := j.Compute.err(index); why != "" || j.Work == nil {
		return why
	}
	return j.Work.Err(index)
}

// why is why tag index of j is bad; offline is why its device is, nil when it is online. Where a request was not answered,
// it is the tag's own that is named.
func (j *Job) why(index int, offline error) string {
	var text string
	asked, ofRequest := errors.AsType[*RequestError](offline)
	asker, knows := j.Work.(Asker)
	switch {
	case ofRequest && knows:
		text = (&RequestError{asker.Asked(index), asked.Err}).Error()
	case offline != nil:
		text = offline.Error()
	default:
		text = j.Err(index)
	}
	if text == "" {
		text = j.live.reason()
	}
	return text
}

// Turned is how often jobs were applied to the lane, and how often a tag of them has changed its quality so far.
func (r *roster) Turned() (changes, turns uint64) {
	r.mu.Lock()
	jobs, changes := r.jobs, r.changes
	r.mu.Unlock()
	for _, j := range jobs {
		turns += j.live.turned()
	}
	return changes, turns
}

// Turns yields the devices, whether each is online, and how often a tag of it has changed its quality so far: where that is
// as before, no tag has become bad or good.
func (r *roster) Turns(yield func(device string, online bool, turns uint64)) {
	jobs, devices := r.current()
	n := make(map[string]uint64, len(devices))
	for _, j := range jobs {
		n[j.Device.Name] += j.live.turned()
	}
	for _, d := range devices {
		if !d.beside() {
			yield(d.name, d.now() == Online, n[d.name])
		}
	}
}

// Present yields the present value of every tag that has one and is not withheld, and whether each device is online, as
// batches that are valid until yield returns.
func (r *roster) Present(yield func(*mapping.Batch)) { r.present(false, yield) }

// Everything yields what Present does, with the tags that were never read: BadWaitingForInitialData at time 0.
func (r *roster) Everything(yield func(*mapping.Batch)) { r.present(true, yield) }

func (r *roster) present(unread bool, yield func(*mapping.Batch)) {
	jobs, devices := r.current()
	var b mapping.Batch
	for _, j := range jobs {
		j.live.present(&b, unread)
		if b.Withhold(); len(b.Samples) > 0 {
			yield(&b)
		}
	}
	for _, d := range devices {
		if g := d.health(); g != nil && d.now() != Connecting {
			b.Reset(g)
			b.Samples = append(b.Samples, healthSample(d.now() == Online, r.now().wall))
			yield(&b)
		}
	}
}
