package main

import (
	"encoding/json"
	"net"
	"os"
	"time"
)

// proxySetup says what a delaying proxy is before.
type proxySetup struct {
	Target string        `json:"target"` // host:port
	Delay  time.Duration `json:"delay"`  // each way
}

// runProxy passes connections on with a delay each way, without making the way narrower.
func runProxy(setup string) error {
	var p proxySetup
	if err := json.Unmarshal([]byte(setup), &p); err != nil {
		return err
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	go func() {
		for {
			client, err := ln.Accept()
			if err != nil {
				return
			}
			server, err := net.Dial("tcp", p.Target)
			if err != nil {
				client.Close()
				continue
			}
			go carry(client, server, p.Delay)
			go carry(server, client, p.Delay)
		}
	}()
	if err := json.NewEncoder(os.Stdout).Encode("http://" + ln.Addr().String()); err != nil {
		return err
	}
	return serveOrders(func(order) any { return nil })
}

// parcel is bytes on their way.
type parcel struct {
	due   time.Time
	bytes []byte
}

// carry copies from one connection to the other, each byte delay after it was read.
func carry(from, to net.Conn, delay time.Duration) {
	way := make(chan parcel, 4096)
	go func() {
		defer close(way)
		for {
			b := make([]byte, 64<<10)
			n, err := from.Read(b)
			if n > 0 {
				way <- parcel{time.Now().Add(delay), b[:n]}
			}
			if err != nil {
				return
			}
		}
	}()
	defer to.Close()
	for p := range way {
		time.Sleep(time.Until(p.due))
		if _, err := to.Write(p.bytes); err != nil {
			from.Close()
			for range way { // until the reader has seen the end
			}
			return
		}
	}
}
