package days

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"tagbridge/mapping"
	"tagbridge/testrig"
	"tagbridge/testrig/influxd"
	"tagbridge/testrig/plc"
)

const (
	smallDevices = 9
	smallTags    = 5
	period       = 200 * time.Millisecond // of small devices
	answerTime   = time.Second            // that a device has to answer
	bulk         = "bulk"                 // a device with many tags, which is read often where samples are to be lost
)

// plant is ten devices, a database that can be down, and a file that has everything which the bridge has read.
type plant struct {
	*site
	units   map[string]*plc.Unit
	servers map[string]*plc.Server
	names   []string
	db      *influxd.Server
	url     string
	heavy   bool // more is read than the journal may hold
	calm    bool // no longer: from the next reload on, what is read can be delivered on a busy machine too
	disk    bool // the data directory is a disk of its own, that can be full
	unit    int  // differs with each reload
	what    happened
}

// happened is the script as it was played.
type happened struct {
	off     []span // the bridge was: from the kill or stop to the next start
	reloads []span
	unwell  map[string][]span // devices that were dead, out of reach or slow
	refused map[string][]span // tags, device/tag, that their device refused
	full    []span            // the disk
	kills   int
	killed  []int64 // when
}

// dark are the times of which nobody can know what was read: the disk was full, and had not been written again when the bridge
// was killed, or was still full when it was stopped. It tries again after as long as it has been failing.
func (h *happened) dark() (list []span) {
	for _, f := range h.full {
		to := f.to
		if to == 0 {
			to = 1<<63 - 1
		}
		last := int64(0)
		for _, o := range h.off {
			tries := int64(0)
			if slices.Contains(h.killed, o.from) {
				tries = min(to-f.from, int64(30*time.Second)) + int64(2*time.Second)
			}
			if o.from > f.from && o.from-tries < to {
				last = max(last, o.from)
			}
		}
		if last > 0 {
			list = append(list, span{f.from - int64(100*time.Millisecond), last})
		}
	}
	return list
}

// span is a time in nanoseconds since 1970; to is 0 while it goes on.
type span struct{ from, to int64 }

func newPlant(t *testing.T, heavy bool) *plant {
	p := &plant{site: newSite(t), units: map[string]*plc.Unit{}, servers: map[string]*plc.Server{}, heavy: heavy}
	p.what.unwell, p.what.refused = map[string][]span{}, map[string][]span{}
	p.db, p.url = testrig.Influx(t, influxd.Options{})
	many := 20
	if heavy {
		many = manyTags
	}
	for i := range smallDevices + 1 {
		name, tags := fmt.Sprintf("d%d", i), smallTags
		if i == smallDevices {
			name, tags = bulk, many
		}
		u := plc.NewUnit(plc.UnitOptions{Seed: uint64(i), Log: 1})
		registers := make([]uint16, 4*tags)
		for r := range registers {
			registers[r] = uint16(r * 7919)
		}
		if err := u.Set(mapping.Holding, 0, registers...); err != nil {
			t.Fatal(err)
		}
		p.units[name] = u
		p.servers[name] = testrig.Modbus(t, "tcp", plc.ServerOptions{Units: map[int]*plc.Unit{1: u}, Silent: true})
		p.names = append(p.names, name)
	}
	if err := os.Mkdir(p.path("data"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", p.path("data"), "tmpfs", 0, "size=12m"); err != nil {
		t.Logf("without a full disk: a small file system cannot be mounted: %v", err)
	} else {
		p.disk = true
		t.Cleanup(func() { syscall.Unmount(p.path("data"), syscall.MNT_DETACH) })
	}
	p.configure()
	return p
}

// configure writes the configuration and its maps, which differ with p.unit.
func (p *plant) configure() {
	var devices strings.Builder
	for _, name := range p.names {
		poll, tags := period, smallTags
		if name == bulk {
			tags = 20
			if p.heavy {
				tags = manyTags
			}
			if p.heavy && !p.calm {
				poll = 10 * time.Millisecond
			}
		}
		fmt.Fprintf(&devices, "  - {name: %s, driver: modbus, url: \"tcp://%s\", poll: %v, timeout: %v, retries: 0, tags: [%s.csv]}\n",
			name, p.servers[name].Addr(), poll, answerTime, name)
		var rows strings.Builder
		rows.WriteString("tag,address,type,unit\n")
		for i := range tags {
			unit := "bar"
			if i == 0 {
				unit = fmt.Sprintf("u%d", p.unit)
			}
			fmt.Fprintf(&rows, "t%d,holding:%d,float64,%s\n", i, 4*i, unit)
		}
		p.write(name+".csv", rows.String())
	}
	p.write("plant.yaml", fmt.Sprintf(`
bridge: {name: day, data_dir: data, http: %q, journal: {max_size: 1MiB, sync: 50ms, keep_size: 4MiB}}
devices:
%ssinks:
  - {name: db, type: influxdb, url: %q, org: o, bucket: b, precision: ns, flush: 50ms, batch: 2000, from: start}
  - {name: truth, type: file, path: %q, format: json, from: start, max_size: 1GiB}
`, p.http, devices.String(), p.url, p.path("truth.jsonl")))
}

func now() int64 { return time.Now().UnixNano() }

// begin begins a span of list, unless one is under way; end ends it.
func begin(list []span) []span {
	if n := len(list); n > 0 && list[n-1].to == 0 {
		return list
	}
	return append(list, span{from: now()})
}

func end(list []span) []span {
	if n := len(list); n > 0 && list[n-1].to == 0 {
		list[n-1].to = now()
	}
	return list
}

func (p *plant) dead(device string) {
	p.what.unwell[device] = begin(p.what.unwell[device])
	p.units[device].Inject(plc.Fault{Kind: plc.Silence})
}

func (p *plant) away(device string) {
	p.what.unwell[device] = begin(p.what.unwell[device])
	p.servers[device].Refuse()
}

func (p *plant) slow(device string) {
	p.what.unwell[device] = begin(p.what.unwell[device])
	p.units[device].Inject(plc.Fault{Kind: plc.Delay, Delay: 5 * period / 2})
}

func (p *plant) refuse(device string, tag int, code byte) {
	name := fmt.Sprintf("%s/t%d", device, tag)
	p.what.refused[name] = begin(p.what.refused[name])
	p.units[device].Inject(plc.Fault{Kind: plc.Exception, First: 4 * tag, Count: 4, Code: code})
}

// mend makes the device well.
func (p *plant) mend(device string) {
	p.units[device].ClearFaults()
	p.await("the port of "+device, func() bool { return p.servers[device].Accept() == nil }) // others may have got it
	p.what.unwell[device] = end(p.what.unwell[device])
	for name := range p.what.refused {
		if strings.HasPrefix(name, device+"/") {
			p.what.refused[name] = end(p.what.refused[name])
		}
	}
}

// fill fills the disk of the data directory; free makes room again.
func (p *plant) fill() {
	if p.disk {
		p.what.full = begin(p.what.full)
		os.WriteFile(p.path("data/ballast"), make([]byte, 16<<20), 0o600) // as far as it goes
	}
}

func (p *plant) free() {
	os.Remove(p.path("data/ballast"))
	p.what.full = end(p.what.full)
}

// outage ends the bridge, by a kill or in an orderly way, and starts it again after the pause.
func (p *plant) outage(b *process, kill bool, pause time.Duration) *process {
	p.endRun(b, kill)
	rest(pause)
	return p.again()
}

func (p *plant) endRun(b *process, kill bool) {
	if kill {
		p.what.off = begin(p.what.off)
		p.what.killed = append(p.what.killed, p.what.off[len(p.what.off)-1].from)
		p.what.kills++
		b.kill()
		return
	}
	p.what.off = begin(p.what.off)
	b.stop()
	p.checkFolder(b)
}

func (p *plant) again() *process {
	b := p.start()
	b.ready()
	p.what.off = end(p.what.off)
	return b
}

func (p *plant) reload(b *process) {
	p.unit++
	p.configure()
	p.what.reloads = begin(p.what.reloads)
	before := strings.Count(b.said(), "msg=reloaded")
	b.hup()
	p.await("the reload", func() bool { return strings.Count(b.said(), "msg=reloaded") > before })
	p.what.reloads = end(p.what.reloads)
}

// rest lets time pass: that is what a day is made of.
func rest(d time.Duration) {
	t := time.NewTimer(d)
	<-t.C
}

// play plays a random day.
func (p *plant) play(chance *rand.Rand) {
	b := p.again()
	pick := func() string { return p.names[chance.IntN(smallDevices)] }
	for range 6 + chance.IntN(6) {
		rest(time.Duration(100+chance.IntN(900)) * time.Millisecond)
		switch chance.IntN(16) {
		case 0, 1:
			p.dead(pick())
		case 2:
			p.away(pick())
		case 3:
			p.slow(pick())
		case 4:
			p.refuse(pick(), chance.IntN(smallTags), []byte{2, 4, 6}[chance.IntN(3)])
		case 5, 6, 7:
			for _, name := range p.names {
				if chance.IntN(2) == 0 {
					p.mend(name)
				}
			}
		case 8, 9:
			p.db.Always(influxd.Step{Status: http.StatusServiceUnavailable})
		case 10:
			p.db.Always(influxd.Step{})
		case 11:
			p.db.Refuse([]string{"t1", "t3"}[:chance.IntN(3)]...)
		case 12:
			b = p.outage(b, true, time.Duration(chance.IntN(1500))*time.Millisecond)
		case 13:
			b = p.outage(b, false, time.Duration(chance.IntN(1500))*time.Millisecond)
		case 14:
			p.reload(b)
		case 15:
			if p.fill(); chance.IntN(2) == 0 {
				rest(time.Duration(chance.IntN(1000)) * time.Millisecond)
				p.free()
			}
		}
	}
	p.free()
	if chance.IntN(3) > 0 {
		p.db.Always(influxd.Step{})
	}
	rest(300 * time.Millisecond)
	p.endRun(b, chance.IntN(4) == 0)
}

// days are so many seeds, from TAGBRIDGE_DAY on.
func seeds(t *testing.T, otherwise int) (list []uint64) {
	first := times(t, "TAGBRIDGE_DAY", 1)
	for i := range times(t, "TAGBRIDGE_DAYS", otherwise) {
		list = append(list, uint64(first+i))
	}
	return list
}

// keep copies what a failed day leaves to the folder that TAGBRIDGE_DAYS_KEEP names, to be looked at.
func (p *plant) keep(name string) {
	to := os.Getenv("TAGBRIDGE_DAYS_KEEP")
	if to == "" || !p.t.Failed() {
		return
	}
	os.RemoveAll(filepath.Join(to, name))
	if err := os.CopyFS(filepath.Join(to, name), os.DirFS(p.dir)); err != nil {
		p.t.Log(err)
	}
}
