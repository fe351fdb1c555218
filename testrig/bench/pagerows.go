package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"tagbridge/testrig/subject"
)

// pagesCost is what open pages cost the bridge, in cores of processor time.
type pagesCost struct {
	Bare     float64 `json:"bare"` // as many requests that are answered with a word
	Overview float64 `json:"overview"`
	Values   float64 `json:"values"`
	// P99 is of reads, with pages open: the worse of the two views; Without with none.
	P99     time.Duration `json:"p99"`
	Without time.Duration `json:"p99_without"`
}

// pageRows are the works that concern those who look.
func pageRows(wide plant) []row {
	share := func(of func(c *pagesCost) float64) func(figures) float64 {
		return func(f figures) float64 { return 100 * of(f.Pages) }
	}
	return []row{{"pages", "100 × 500 at 1 s, 20 pages open against none",
		func(o options) (figures, error) { return measurePages(o, wide) }, []target{
			{"processor for Overview, of a core", 1, false, "%", share(func(c *pagesCost) float64 { return c.Overview })},
			{"processor for Values, 60 rows, of a core", 1, false, "%", share(func(c *pagesCost) float64 { return c.Values })},
			{"read time p99 that pages add", 1, false, "ms", func(f figures) float64 { return millis(f.Pages.P99 - f.Pages.Without) }}}}}
}

// views are what is measured, in turn; "": no page is open.
var views = []string{"", "bare", "overview", "values"}

// turnsOfPages is how often: a machine is not the same all the time.
const turnsOfPages = 3

// measurePages compares processor time and read times with and without open pages, of one bridge.
func measurePages(o options, p plant) (f figures, err error) {
	p.Keep = p.requests((o.seconds+5*time.Second)*time.Duration(turnsOfPages*len(views)) + time.Minute)
	s, err := raise(o, p, 0)
	defer func() { s.lower(o.keep) }()
	if err != nil {
		return f, err
	}
	if f.Start, err = s.awaitAllPolled(s.bridge.Started); err != nil {
		return f, err
	}
	pages, err := startRole("pages", pagesSetup{URL: s.bridge.URL()})
	if err != nil {
		return f, err
	}
	defer pages.stop()
	time.Sleep(5 * time.Second)
	cores, p99 := map[string]float64{}, map[string]time.Duration{}
	for range turnsOfPages {
		for _, view := range views {
			share, r, err := s.withPages(o, pages, view)
			if err != nil {
				return f, err
			}
			fmt.Fprintf(os.Stderr, "pages %-8s %.3f %% of a core, p50 %v, p99 %v\n", view, 100*share, r.P50, r.P99)
			cores[view] += share / turnsOfPages
			p99[view] += r.P99 / turnsOfPages
		}
	}
	f.Pages = &pagesCost{Bare: cores["bare"] - cores[""], Overview: cores["overview"] - cores[""], Values: cores["values"] - cores[""],
		P99: max(p99["overview"], p99["values"]), Without: p99[""]}
	return f, s.checkDelivered(p)
}

// withPages is the share of a core that the bridge takes while pages of view are open, and what the PLCs saw meanwhile.
func (s *stage) withPages(o options, pages *role, view string) (share float64, r simReport, err error) {
	var said pagesReport
	if view != "" {
		if err := pages.ask(order{Do: "open", Target: view}, &said); err != nil {
			return 0, r, err
		}
	}
	time.Sleep(3 * time.Second) // until all of them know what there is
	from := time.Now()
	before, err := subject.CPUTime(s.bridge.PID())
	if err != nil {
		return 0, r, err
	}
	time.Sleep(o.seconds)
	after, err := subject.CPUTime(s.bridge.PID())
	if err != nil {
		return 0, r, err
	}
	to := time.Now()
	if view != "" {
		if err := pages.ask(order{Do: "close"}, &said); err != nil {
			return 0, r, err
		}
		if said.Failed != "" {
			return 0, r, errors.New("a page was not answered: " + said.Failed)
		}
		fmt.Fprintf(os.Stderr, "pages %-8s asked %d times, %d bytes an answer\n", view, said.Asked, said.Bytes/max(said.Asked, 1))
	}
	r, err = s.report(from, to)
	return (after - before) / to.Sub(from).Seconds(), r, err
}
