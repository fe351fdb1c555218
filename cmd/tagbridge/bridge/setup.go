package bridge

import (
	"tagbridge/drivers"
	"tagbridge/mapping"
	"tagbridge/mapping/config"
)

// setup is a configuration and what runs for it. It does not change: a reload makes another that shares what stays.
type setup struct {
	cfg         *config.Config
	compiled    map[string]*compiled // by device
	connections []*connection
	outlets     []*outlet
	front       *front // nil: there is no HTTP
}

// first reports that s is what there was before the first setup.
func (s *setup) first() bool { return s.cfg.File == "" && s.compiled == nil }

// connection is one of an endpoint, with what is read on it.
type connection struct {
	name   string // the endpoint, for people
	sameAs string // what the link was made from
	beside bool   // it is none of an endpoint
	lane   *drivers.Lane
	jobs   []*drivers.Job
	task   *task // nil before it is started
}

// with is c with other jobs.
func (c *connection) with(jobs []*drivers.Job) *connection {
	next := *c
	next.jobs = jobs
	return &next
}

// present calls yield with the present value of every tag.
func (s *setup) present(yield func(*mapping.Batch)) {
	for _, c := range s.connections {
		c.lane.Present(yield)
	}
}

// everything calls yield with the present value of every tag, those never read among them.
func (s *setup) everything(yield func(*mapping.Batch)) {
	for _, c := range s.connections {
		c.lane.Everything(yield)
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

// connectionOf finds the connection of each job.
func (s *setup) connectionOf() map[*drivers.Job]*connection {
	all := make(map[*drivers.Job]*connection)
	for _, c := range s.connections {
		for _, j := range c.jobs {
			all[j] = c
		}
	}
	return all
}
