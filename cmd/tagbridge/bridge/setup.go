package bridge

import (
	"tagbridge/drivers"
	"tagbridge/mapping"
	"tagbridge/mapping/config"
)

// setup is a configuration and what runs for it. It does not change: a reload makes another that shares what stays.
type setup struct {
	cfg      *config.Config
	compiled map[string]*compiled // by device
	lines    []*line
	outlets  []*outlet
	front    *front // nil: there is no HTTP
}

// first reports that s is what there was before the first setup.
func (s *setup) first() bool { return s.cfg.File == "" && s.compiled == nil }

// line is one connection of an endpoint and what is read on it.
type line struct {
	name  string // the endpoint, for people
	print string // what the link was made from
	lane  *drivers.Lane
	jobs  []*drivers.Job
	task  *task // nil before it is started
}

// with is l with other jobs.
func (l *line) with(jobs []*drivers.Job) *line {
	next := *l
	next.jobs = jobs
	return &next
}

// present calls yield with the present value of every tag.
func (s *setup) present(yield func(*mapping.Batch)) {
	for _, l := range s.lines {
		l.lane.Present(yield)
	}
}

// tags counts the tags of all devices.
func (s *setup) tags() int {
	n := 0
	for i := range s.cfg.Devices {
		n += len(s.cfg.Devices[i].Tags)
	}
	return n
}

// lineOf finds the line of each job.
func (s *setup) lineOf() map[*drivers.Job]*line {
	lines := make(map[*drivers.Job]*line)
	for _, l := range s.lines {
		for _, j := range l.jobs {
			lines[j] = l
		}
	}
	return lines
}
