package main

import (
	"fmt"
	"net"
	"net/http"
	"net/http/pprof"
	"time"

	"tagbridge/testrig/plc"
)

// serveProfiles answers Go's profiles on address. It returns what stops it.
func serveProfiles(address string) (stop func(), err error) {
	mux := http.NewServeMux()
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	return serveLoopback("--pprof", address, mux)
}

// serveFaults lets the plant fail on command. It returns what stops it.
func serveFaults(address string, p *plant) (stop func(), err error) {
	return serveLoopback("--faults", address, plc.Control(p.units))
}

// serveLoopback answers on address, which option names and which must be on loopback: nobody has to log in there.
func serveLoopback(option, address string, h http.Handler) (stop func(), err error) {
	if !onLoopback(address) {
		return nil, fmt.Errorf("%s %s: only an address on loopback is allowed", option, address)
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", option, err)
	}
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		srv.Serve(l)
	}()
	return func() { srv.Close(); <-ended }, nil
}
