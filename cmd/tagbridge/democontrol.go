package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
)

// demoControl stops and starts the parts of a demo, as its prompt or a request over HTTP asks.
type demoControl struct {
	d      *demo
	addr   string
	server *http.Server
}

// openDemoControl serves POST /stop/NAME and /start/NAME on a free port of loopback.
func openDemoControl(d *demo) (*demoControl, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for the demo's control: %w", err)
	}
	c := &demoControl{d: d, addr: ln.Addr().String()}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /{do}/{name}", func(w http.ResponseWriter, r *http.Request) {
		answer, err := c.do(r.Context(), r.PathValue("do"), r.PathValue("name"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		fmt.Fprintln(w, answer)
	})
	c.server = &http.Server{Handler: mux}
	go c.server.Serve(ln) // ends with close
	return c, nil
}

func (c *demoControl) close() { c.server.Close() }

// prompt obeys the lines of in. What the demo is waiting for ends with ctx.
func (c *demoControl) prompt(ctx context.Context, in io.Reader) {
	for lines := bufio.NewScanner(in); lines.Scan(); {
		words := strings.Fields(lines.Text())
		if len(words) == 0 {
			continue
		}
		answer, err := "", error(errUsage)
		if len(words) == 2 {
			answer, err = c.do(ctx, words[0], words[1])
		}
		if err != nil {
			answer = err.Error()
		}
		fmt.Fprintf(c.d.std.err, "== %s\n", answer)
	}
}

type usageError string

func (e usageError) Error() string { return string(e) }

const errUsage = usageError("say: stop NAME or start NAME; NAME is a device or broker")

// do stops or starts a device or the broker, and says what to look for.
func (c *demoControl) do(ctx context.Context, what, name string) (string, error) {
	stop := what == "stop"
	if !stop && what != "start" {
		return "", errUsage
	}
	if name == "broker" && c.d.broker != nil {
		if stop {
			return "broker stopped: polling goes on, the values wait in the journal; see behind_samples in /api/v1/sinks",
				c.d.broker.Stop()
		}
		return "broker started: what has gathered arrives first, in order", c.d.broker.Start()
	}
	device := c.d.plant.switches[name]
	if device == nil {
		return "", fmt.Errorf("no device %s: %w", name, errUsage)
	}
	return device.turn(ctx, !stop), nil
}
