package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"os"
	"sync"
	"time"

	"tagbridge/testrig/influxd"
	"tagbridge/testrig/subject"
)

func main() {
	bin := flag.String("bin", "bin/tagbridge", "the bridge to punish")
	length := flag.Duration("for", 10*time.Minute, "for how long")
	seed := flag.Uint64("seed", 1, "of what goes wrong when")
	keep := flag.Bool("keep", false, "keep configuration, log and data")
	flag.Parse()
	dir, err := os.MkdirTemp("", "tagbridge-soak-")
	if err == nil {
		err = soak(*bin, dir, *seed, *length)
	}
	if *keep || err != nil {
		fmt.Println("kept:", dir)
	} else {
		os.RemoveAll(dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
}

func soak(bin, dir string, seed uint64, length time.Duration) error {
	p, err := newPlant(seed)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	wg.Go(func() { p.serve(ctx) })
	stores := map[string]*influxd.Server{}
	urls := map[string]string{}
	for _, layout := range []string{"wide", "narrow"} {
		stores[layout] = influxd.New(influxd.Options{Keep: influxd.KeepTimes})
		h := httptest.NewServer(stores[layout])
		defer h.Close()
		urls[layout] = h.URL
	}
	address, err := subject.FreeAddress()
	if err != nil {
		return err
	}
	config, err := p.configure(dir, address, urls["wide"], urls["narrow"])
	if err != nil {
		return err
	}
	b, err := subject.Start(bin, config, address)
	defer b.Stop()
	if err != nil {
		return err
	}
	return punish(b, p, stores, rand.New(rand.NewPCG(seed, 7)), length)
}

// punish lets everything fail for a while, then counts.
func punish(b *subject.Bridge, p *plant, stores map[string]*influxd.Server, chance *rand.Rand, length time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), length)
	defer cancel()
	t := trouble{plant: p, sinks: []*influxd.Server{stores["wide"], stores["narrow"]}, chance: chance}
	var w watch
	done := make(chan struct{})
	go func() { defer close(done); t.run(ctx) }()
	err := w.run(ctx, b, max(length/120, 500*time.Millisecond))
	cancel()
	<-done
	if err != nil {
		return err
	}
	fmt.Println("trouble made:", t.made)
	for _, s := range stores {
		s.Script()
	}
	if err := p.calm(); err != nil {
		return err
	}
	time.Sleep(3 * time.Second) // all is well for a moment
	p.close()
	time.Sleep(time.Second)
	return verdict(b, &w, stores)
}

func verdict(b *subject.Bridge, w *watch, stores map[string]*influxd.Server) error {
	var l ledger
	list, err := awaitDrained(b, 2*time.Minute)
	l.check(err == nil, "the backlog drained (%v)", err)
	m, err := b.Metrics()
	if err != nil {
		return err
	}
	samples, err := b.Samples()
	if err != nil {
		return err
	}
	l.check(samples["good"] > 0, "%.0f samples read good, %.0f uncertain, %.0f bad", samples["good"], samples["uncertain"], samples["bad"])
	sums := make(map[float64]bool)
	for _, s := range list {
		fmt.Printf("       %s: %.0f delivered, %.0f rejected, %.0f dropped\n", s.Name, s.Delivered, s.Rejected, s.Dropped)
		sums[s.Delivered+s.Rejected+s.Dropped] = true
		l.account(samples["good"]+samples["uncertain"], s, stores[s.Name], b.Dir)
	}
	l.check(len(sums) == 1, "both sinks account for as many samples")
	early, late, grown := grows(w.memory, 0.1, 8e6)
	l.check(!grown, "memory %.1f MB early, %.1f MB late", early/1e6, late/1e6)
	early, late, grown = grows(w.goroutines, 0.05, 5)
	l.check(!grown, "%.0f goroutines early, %.0f late", early, late)
	l.check(m["tagbridge_polls_total"] > 0, "%.0f polls, %.0f errors", m["tagbridge_polls_total"], m["tagbridge_poll_errors_total"])
	err = b.Stop()
	l.check(err == nil, "the bridge stopped when told to (%v)", err)
	if len(l.wrong) > 0 {
		return errors.New("something is wrong: see above")
	}
	fmt.Println("every sample is accounted for")
	return nil
}
