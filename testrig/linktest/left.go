package linktest

import (
	"fmt"
	"net"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"tagbridge/mapping"
)

// left is which goroutines drivers have, and how many connections the link holds, or how many descriptors there are where
// it has none over TCP: those of the peer are not the link's. What the system does not show is not counted.
func (r *rig) left() (goroutines []string, files int) {
	stacks := make([]byte, 1<<22)
	stacks = stacks[:runtime.Stack(stacks, true)]
	for one := range strings.SplitSeq(string(stacks), "\n\n") {
		if strings.Contains(one, "tagbridge/drivers") {
			goroutines = append(goroutines, one)
		}
	}
	if r.wire != nil {
		return goroutines, socketsTo(r.wire.addr)
	}
	list, _ := os.ReadDir("/proc/self/fd")
	return goroutines, len(list)
}

// socketsTo is how many sockets somebody holds whose far end is addr, on loopback.
func socketsTo(addr string) (n int) {
	_, port, _ := net.SplitHostPort(addr)
	p, _ := strconv.Atoi(port)
	far := fmt.Sprintf("0100007F:%04X", p)
	table, _ := os.ReadFile("/proc/net/tcp")
	for line := range strings.SplitSeq(string(table), "\n") {
		if f := strings.Fields(line); len(f) > 9 && f[2] == far && f[9] != "0" {
			n++
		}
	}
	return n
}

// checkLeft uses and breaks the link in all ways, and counts goroutines and descriptors when it is closed.
func checkLeft(r *rig) {
	use := func() {
		r.open()
		r.want(r.a)
		if r.wire != nil {
			r.wire.cut()
			var b mapping.Batch
			_ = r.round(r.a, &b)
			r.wire.down()
			_ = r.within("Open", r.link.Open)
			r.wire.up(r)
			r.open()
			r.recover(r.a)
			r.open() // without closing it
		}
		r.silence(true)
		r.endInDo()
		r.link.Close()
		r.silence(false)
		if r.wire != nil {
			r.until("no connection", func() bool { return r.wire.open() == 0 })
		}
	}
	use() // what is made once
	goroutines, files := r.left()
	for range 3 {
		use()
	}
	for deadline := time.Now().Add(soon); ; time.Sleep(10 * time.Millisecond) {
		g, f := r.left()
		if len(g) <= len(goroutines) && f <= files {
			return
		}
		if time.Now().After(deadline) {
			r.Fatalf("%d goroutines and %d descriptors, were %d and %d:\n%s", len(g), f, len(goroutines), files, strings.Join(g, "\n\n"))
		}
	}
}
