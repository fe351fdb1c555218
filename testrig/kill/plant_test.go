package kill

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tagbridge/mapping"
	"tagbridge/testrig"
	"tagbridge/testrig/plc"
)

const (
	devices  = 4
	tags     = 10
	patience = 2 * time.Minute // for what must happen; it runs out only when something is wrong
)

// plant is PLCs, a sink that fails, and where a bridge that reads the ones and writes the other is started.
type plant struct {
	t       *testing.T
	bin     string
	dir     string
	units   []*plc.Unit
	servers []*plc.Server
	sink    *sink
	run     int    // how many bridges were started
	devices string // of the configuration
	never   string // the sink that never answers
}

// newPlant writes a configuration of PLCs that are read every 20 ms. A second sink that never answers keeps all that the
// journal takes there, to be compared with in the end.
func newPlant(t *testing.T, bin string) *plant {
	p := &plant{t: t, bin: bin, dir: t.TempDir()}
	var url string
	p.sink, url = newSink(t)
	nobody, err := plc.Listen("tcp", "127.0.0.1:0", plc.ServerOptions{})
	if err != nil {
		t.Fatal(err)
	}
	nobody.Refuse()
	var config strings.Builder
	config.WriteString("bridge: {name: kill, data_dir: data, http: \"\"}\ndevices:\n")
	for i := range devices {
		unit := plc.NewUnit(plc.UnitOptions{Tags: registers(), Seed: uint64(i), Noisy: true, Every: time.Millisecond, Log: 1 << 20})
		s := testrig.Modbus(t, "tcp", plc.ServerOptions{Units: map[int]*plc.Unit{1: unit}, Silent: true})
		p.units, p.servers = append(p.units, unit), append(p.servers, s)
		fmt.Fprintf(&config, "  - {name: d%d, driver: modbus, url: \"tcp://%s\", poll: 20ms, tags: [map.csv]}\n", i, s.Addr())
	}
	const sinkLine = "{name: %s, type: influxdb, url: %q, org: o, bucket: b, precision: ns, flush: 20ms, batch: 200, from: start, match: [\"*\", \"!*/_*\"]}"
	p.devices, p.never = config.String(), fmt.Sprintf(sinkLine, "never", "http://"+nobody.Addr())
	var csv strings.Builder
	csv.WriteString("tag,address,type\n")
	for _, r := range registers() {
		fmt.Fprintf(&csv, "%s,%s,%s\n", r.Name, r.Address, r.Type)
	}
	p.write("map.csv", csv.String())
	p.deliver(fmt.Sprintf(sinkLine, "db", url))
	return p
}

// deliver writes the configuration, with that sink, which is to have the name db.
func (p *plant) deliver(sink string) {
	p.write("plant.yaml", p.devices+"sinks:\n  - "+sink+"\n  - "+p.never+"\n")
}

func registers() []*mapping.Tag {
	list := make([]*mapping.Tag, tags)
	for i := range list {
		list[i] = &mapping.Tag{
			Name:    fmt.Sprintf("t%d", i),
			Address: mapping.Address{Table: mapping.Holding, Number: uint16(i)},
			Traits:  &mapping.Traits{Type: mapping.TypeInt16},
		}
	}
	return list
}

func (p *plant) write(name, text string) {
	if err := os.WriteFile(filepath.Join(p.dir, name), []byte(text), 0o600); err != nil {
		p.t.Fatal(err)
	}
}

// asked is how many requests the PLCs have had.
func (p *plant) asked() int {
	n := 0
	for _, u := range p.units {
		n += u.Asked()
	}
	return n
}

// stopPolls has the PLCs refuse connections: from here on nothing is read.
func (p *plant) stopPolls() {
	for _, s := range p.servers {
		s.Refuse()
	}
}

// await waits until done says so.
func (p *plant) await(what string, done func() bool) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), patience)
	defer cancel()
	look := time.NewTicker(2 * time.Millisecond)
	defer look.Stop()
	for !done() {
		select {
		case <-look.C:
		case <-ctx.Done():
			log, _ := os.ReadFile(filepath.Join(p.dir, "log"))
			p.t.Fatalf("waited in vain for %s; the end of the log:\n%s", what, log[max(0, len(log)-4000):])
		}
	}
}

// rest waits until the PLCs have dealt with all that a bridge before has sent them: on a busy machine that can be after
// its end. What connects now is accepted after all that connected before.
func (p *plant) rest() {
	p.t.Helper()
	for _, s := range p.servers {
		conn, err := net.Dial("tcp", s.Addr())
		if err != nil {
			p.t.Fatal(err)
		}
		conn.(*net.TCPConn).CloseWrite()
		io.Copy(io.Discard, conn)
		conn.Close()
		p.await("the PLCs to be at rest", func() bool { return s.Open() == 0 })
	}
}

// bridge is one process.
type bridge struct {
	plant *plant
	cmd   *exec.Cmd
}

// start starts the bridge. It does not wait until it is ready.
func (p *plant) start() *bridge {
	p.t.Helper()
	log, err := os.OpenFile(filepath.Join(p.dir, "log"), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		p.t.Fatal(err)
	}
	defer log.Close()
	p.rest()
	b := &bridge{p, exec.Command(p.bin, "run", filepath.Join(p.dir, "plant.yaml"))}
	b.cmd.Stderr = log
	p.sink.began(time.Now())
	p.run++
	if err := b.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	return b
}

// killAfter kills it that long from now.
func (b *bridge) killAfter(d time.Duration) {
	b.plant.t.Helper()
	timer := time.NewTimer(d)
	defer timer.Stop()
	<-timer.C
	b.kill()
}

// kill wants it to have run until now.
func (b *bridge) kill() {
	b.plant.t.Helper()
	b.cmd.Process.Kill()
	if b.cmd.Wait(); b.cmd.ProcessState.Exited() {
		log, _ := os.ReadFile(filepath.Join(b.plant.dir, "log"))
		b.plant.t.Fatalf("run %d ended by itself: %v\n%s", b.plant.run, b.cmd.ProcessState, log[max(0, len(log)-4000):])
	}
}

// stop ends it as systemd would, once the sink has everything.
func (b *bridge) stop() {
	b.plant.t.Helper()
	b.plant.await("the backlog to be delivered", func() bool {
		var stat struct {
			End   uint64
			Sinks []struct {
				Sink     string
				Position uint64
			}
		}
		out := b.plant.verb("journal", "stat", "--json", "data")
		if err := json.Unmarshal(out, &stat); err != nil {
			b.plant.t.Fatalf("stat printed %s: %v", out, err)
		}
		for _, s := range stat.Sinks {
			if s.Sink == "db" {
				return s.Position == stat.End
			}
		}
		return false
	})
	b.cmd.Process.Signal(os.Interrupt)
	if err := b.cmd.Wait(); err != nil {
		b.plant.t.Errorf("the last run ended with %v", err)
	}
}

// verb runs another verb and returns what it printed.
func (p *plant) verb(args ...string) []byte {
	p.t.Helper()
	cmd := exec.Command(p.bin, args...)
	cmd.Dir = p.dir
	var out, complaints bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaints
	if err := cmd.Run(); err != nil {
		p.t.Fatalf("%v: %v\n%s", args, err, &complaints)
	}
	return out.Bytes()
}
