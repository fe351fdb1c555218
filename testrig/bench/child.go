package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
)

// A role is this program started as a part of a measurement.
type role struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

// order is what a role is asked, one JSON line; the answer is another.
type order struct {
	Do     string `json:"do"`
	From   int64  `json:"from,omitempty"` // of a report: nanoseconds since 1970
	To     int64  `json:"to,omitempty"`
	Skip   int    `json:"skip,omitempty"`   // of a report: so many devices, where none is dead
	Target string `json:"target,omitempty"` // of a proxy
}

// startRole starts this program as name; setup is decoded by it.
func startRole(name string, setup any) (*role, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(setup)
	if err != nil {
		return nil, err
	}
	r := &role{cmd: exec.Command(self, "-role", name, "-setup", string(text))}
	r.cmd.Stderr = os.Stderr
	r.cmd.Env = append(os.Environ(), "GOGC=400")
	if name != "floor" { // that one is measured
		r.cmd.Env = append(r.cmd.Env, "GOMAXPROCS=1")
	}
	if r.in, err = r.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := r.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	r.out = bufio.NewReader(out)
	if err := r.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	return r, nil
}

// ask sends o, unless it is empty, and decodes the next line into answer.
func (r *role) ask(o order, answer any) error {
	if o.Do != "" {
		if err := json.NewEncoder(r.in).Encode(o); err != nil {
			return fmt.Errorf("ask for %s: %w", o.Do, err)
		}
	}
	line, err := r.out.ReadBytes('\n')
	if err != nil {
		return fmt.Errorf("answer to %q: %w", o.Do, err)
	}
	return json.Unmarshal(line, answer)
}

// stop ends the role, which lives as long as its standard input.
func (r *role) stop() {
	if r == nil {
		return
	}
	r.in.Close()
	r.cmd.Wait()
}

// serveOrders answers the lines of standard input until it ends.
func serveOrders(answer func(order) any) error {
	in := bufio.NewScanner(os.Stdin)
	for in.Scan() {
		var o order
		if err := json.Unmarshal(in.Bytes(), &o); err != nil {
			return err
		}
		if err := json.NewEncoder(os.Stdout).Encode(answer(o)); err != nil {
			return err
		}
	}
	return in.Err()
}
