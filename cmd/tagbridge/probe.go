package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"tagbridge/mapping"
	"tagbridge/mapping/dump"
	"tagbridge/mapping/probe"
)

type probeVerb struct {
	Target string        `arg:"" help:"URL of a Modbus device, CONFIG#DEVICE to use that device's settings, or a dump."`
	Range  []string      `arg:"" optional:"" name:"range" sep:"none" help:"Where to look: FIRST-LAST, such as 40001-40100 or input:0-99; default: the first 250 holding and input registers."`
	Shows  []string      `sep:"none" placeholder:"VALUE" help:"What the display shows, such as 23.1; a second one is what it shows later: the device is read until it does."`
	Watch  time.Duration `placeholder:"10s" help:"Read for so long, to tell which registers move, or to wait for the next of --shows (then 1m)."`
	UnitID int           `default:"-1" help:"Modbus unit; default 1, or the device's."`
	Order  string        `placeholder:"CDAB" help:"The device's byte order, if it is known."`
	CSV    bool          `name:"csv" help:"Print only rows of a tag map, as CSV."`
}

// Run prints where the registers give what the display shows.
func (v probeVerb) Run(ctx context.Context, std streams) error {
	s, err := v.open(ctx, std)
	if err != nil {
		return err
	}
	defer s.registers.close()
	if err := s.readAll(ctx); err != nil {
		return err
	}
	found := s.search()
	for s.asks(found) {
		if found, err = s.again(ctx, found); err != nil {
			return err
		}
	}
	if len(s.shows) == 0 {
		s.printLooks()
		return nil
	}
	s.printFound(found)
	if len(found.Candidates) == 0 {
		return exitStatus(exitFailed)
	}
	return nil
}

// probing is one run of probe.
type probing struct {
	v         probeVerb
	std       streams
	registers registerSource
	extents   []mapping.Extent
	shows     []probe.Shown
	readings  []probe.Reading
	options   probe.Options
	in        *bufio.Reader // of somebody who looks at the display; nil: nobody does
}

func (v probeVerb) open(ctx context.Context, std streams) (*probing, error) {
	s := &probing{v: v, std: std, extents: probe.Default()}
	for _, text := range v.Shows {
		shown, err := probe.ParseShown(text)
		if err != nil {
			return nil, err
		}
		s.shows = append(s.shows, shown)
	}
	if isTerminal(std.in) && terminalWidth(std.out) > 0 && len(s.shows) > 0 {
		s.in = bufio.NewReader(std.in)
	}
	err := s.reach(ctx)
	if err == nil && v.Order != "" {
		s.options.Order, err = mapping.ParseOrder(v.Order)
		s.options.Proven = true
	}
	return s, err
}

// reach opens the target.
func (s *probing) reach(ctx context.Context) error {
	d, err := openDump(s.v.Target)
	if err != nil {
		return err
	}
	if d != nil {
		if err := s.ranges(mapping.Numbers{}); err != nil {
			return err
		}
		s.registers = &fileRegisters{dump: d}
		s.options.Unit = d.Units()[0]
		if s.v.UnitID >= 0 {
			s.options.Unit = s.v.UnitID
		}
		return nil
	}
	r := readVerb{Target: s.v.Target, UnitID: s.v.UnitID}
	device, err := r.device(s.std)
	if err != nil {
		return err
	}
	if err := s.ranges(device.Numbers()); err != nil {
		return err
	}
	s.options.Unit = device.Unit()
	path := r.running()
	if path != "" {
		s.options.Order, s.options.Proven = probe.OrderOf(device.Tags)
	}
	s.registers, err = openRegisters(ctx, path, device, s.std)
	return err
}

// ranges reads where to look, in numbers as n says.
func (s *probing) ranges(n mapping.Numbers) error {
	var list []mapping.Extent
	for _, text := range s.v.Range {
		e, err := n.ParseExtent(text)
		if err != nil {
			return err
		}
		list = append(list, e)
	}
	if len(list) > 0 {
		s.extents = list
	}
	return nil
}

// running is the configuration whose bridge may be asked; "" where the target is none, or another unit is wanted.
func (v readVerb) running() string {
	path, _, named := strings.Cut(v.Target, "#")
	if !named || path == "-" || v.UnitID >= 0 {
		return ""
	}
	return path
}

// take reads extents, and says what was refused.
func (s *probing) take(ctx context.Context, extents []mapping.Extent, first bool) (dump.Snapshot, error) {
	record, err := s.registers.record(ctx, extents)
	if err != nil && len(record.Snapshot.Areas) == 0 {
		return record.Snapshot, err
	}
	if first {
		for _, x := range record.Refused {
			fmt.Fprintf(s.std.err, "%s: refused: %s\n", x.Extent, forTerminal(x.Why))
		}
		if record.Coarse {
			fmt.Fprintln(s.std.err, "so much was refused that not all of it was asked for in parts: name fewer addresses")
		}
	}
	if err != nil {
		fmt.Fprintf(s.std.err, "not all was read: %s\n", forTerminal(err.Error()))
	}
	return record.Snapshot, nil
}

// readAll makes a reading for each number that was given, or looks what moves.
func (s *probing) readAll(ctx context.Context) error {
	began := time.Now()
	snapshot, err := s.take(ctx, s.extents, true)
	if err != nil {
		return err
	}
	reading := probe.Reading{Snapshots: []dump.Snapshot{snapshot}}
	if len(s.shows) == 0 {
		for wait(ctx, s.v.Watch-time.Since(began)) {
			if snapshot, err = s.take(ctx, s.extents, false); err != nil {
				return err
			}
			reading.Snapshots = append(reading.Snapshots, snapshot)
		}
		s.readings = append(s.readings, reading)
		return nil
	}
	reading.Shown = &s.shows[0]
	s.readings = append(s.readings, reading)
	for i := 1; i < len(s.shows); i++ {
		if err := s.await(ctx, &s.shows[i]); err != nil {
			return err
		}
	}
	return nil
}

// lookAgain is how long to wait before the registers are read again.
const lookAgain = time.Second

// wait waits a while, if there is so much time left.
func wait(ctx context.Context, left time.Duration) bool {
	if left < lookAgain {
		return false
	}
	timer := time.NewTimer(lookAgain)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// await reads what fits so far until something gives shown, and then once more.
func (s *probing) await(ctx context.Context, shown *probe.Shown) error {
	limit := s.v.Watch
	if limit == 0 {
		limit = time.Minute
	}
	before := s.search()
	extents := probe.Narrowed(before.Candidates)
	if len(extents) == 0 {
		return nil
	}
	reading := probe.Reading{Shown: shown}
	for began := time.Now(); ; {
		snapshot, err := s.take(ctx, extents, false)
		if err != nil {
			return err
		}
		reading.Snapshots = []dump.Snapshot{snapshot}
		s.readings = append(s.readings, reading)
		if len(s.search().Candidates) > 0 || !wait(ctx, limit-time.Since(began)) {
			return ctx.Err()
		}
		s.readings = s.readings[:len(s.readings)-1]
	}
}

func (s *probing) search() probe.Found { return probe.Search(s.readings, s.options) }

// asks reports that there is somebody to ask, and something to ask for.
func (s *probing) asks(found probe.Found) bool {
	return s.in != nil && len(found.Candidates) > 0 && found.Sure != probe.Certain
}

// again asks what the display shows now, and reads what fits so far, before and after.
func (s *probing) again(ctx context.Context, found probe.Found) (probe.Found, error) {
	fmt.Fprintf(s.std.err, "%d fit (%s). What does the display show now? (Enter: no more) ", len(found.Candidates), found.Sure)
	extents := probe.Narrowed(found.Candidates)
	line, err := s.in.ReadString('\n')
	text := strings.TrimSpace(line)
	if err != nil || text == "" {
		s.in = nil
		return found, nil
	}
	shown, err := probe.ParseShown(text)
	if err != nil {
		fmt.Fprintln(s.std.err, err)
		return found, nil
	}
	reading := probe.Reading{Shown: &shown}
	for range 2 {
		snapshot, err := s.take(ctx, extents, false)
		if err != nil {
			return found, err
		}
		reading.Snapshots = append(reading.Snapshots, snapshot)
	}
	before := len(s.readings)
	s.readings = append(s.readings, reading)
	next := s.search()
	if len(next.Candidates) == 0 {
		fmt.Fprintln(s.std.err, "nothing fits all: that reading is left out. Type what it shows at the moment of Enter")
		s.readings = s.readings[:before]
		return found, nil
	}
	return next, nil
}

// isTerminal reports that somebody types r.
func isTerminal(r any) bool {
	f, ok := r.(*os.File)
	if !ok {
		return false
	}
	return term.IsTerminal(int(f.Fd()))
}
