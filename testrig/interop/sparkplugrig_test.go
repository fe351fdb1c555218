//go:build interop

package interop

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// sparkChecker is the process of sparkplug/checker.js, between the bridge and the brokers.
type sparkChecker struct {
	*child
	t       *testing.T
	in      io.WriteCloser
	answers chan string
	ports   map[string]int
}

// answer is what the checker says to a command, as far as tests look at it.
type checkerAnswer struct {
	Ports              map[string]int
	Error              string
	Asked, Births, Due int
	Failed             []string
	Nodes              map[string]nodeStatus
	Verdicts           []verdict
	Counts             map[string]int
	accounted
}

// nodeStatus is what it knows of an edge node.
type nodeStatus struct {
	Births, Data, Historical, Deaths, Open, Heard, Answered int
	BdSeq                                                   *int
	Alive, At                                               []string
	Born, Waiting                                           bool
	Metrics                                                 map[string][]string
}

// accounted is a comparison of what was heard with what was read.
type accounted struct {
	Read, Heard, Lost, Repeated, Twice, Disorder, Invented, Stale, Bad, BadLost int
	LostFirst, DisorderFirst, InventedFirst, StaleFirst, BadLostFirst           string
}

// verdict is what it says of one statement.
type verdict struct {
	ID, Verdict, Level, If, Evidence, Part string
	Seen, Failed                           int
}

// command is one of checker.js.
type command map[string]any

// startChecker starts a checker; proxies are the brokers that lead to, by name, hosts the primary hosts of nodes.
func startChecker(t *testing.T, brokers map[string]int, proxies, hosts map[string]string) *sparkChecker {
	t.Helper()
	options, err := json.Marshal(map[string]any{"brokers": brokers, "proxies": proxies, "hosts": hosts,
		"patience": map[string]int{"stopped": 5000}}) // on a busy machine much is on its way
	if err != nil {
		t.Fatal(err)
	}
	cmd := checkerScript(t, "checker.js", string(options))
	c := &sparkChecker{t: t, answers: make(chan string, 10)}
	if c.in, err = cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.child = launch(t, cmd)
	go func() {
		defer close(c.answers)
		lines := bufio.NewScanner(out)
		lines.Buffer(nil, 16<<20)
		for lines.Scan() {
			c.answers <- lines.Text()
		}
	}()
	c.ports = c.answer("start").Ports
	return c
}

func (c *sparkChecker) answer(to any) (a checkerAnswer) {
	c.t.Helper()
	select {
	case line, ok := <-c.answers:
		if !ok {
			c.t.Fatalf("the checker ended at %v", to)
		}
		if err := json.Unmarshal([]byte(line), &a); err != nil || a.Error != "" {
			c.t.Fatalf("%v: %v %s", to, err, line)
		}
		return a
	case <-time.After(60 * time.Second):
		c.t.Fatalf("the checker does not answer %v", to)
		return a
	}
}

// do has the checker do something and returns what it says.
func (c *sparkChecker) do(name string, more command) checkerAnswer {
	c.t.Helper()
	all := command{"do": name}
	for k, v := range more {
		all[k] = v
	}
	text, err := json.Marshal(all)
	if err != nil {
		c.t.Fatal(err)
	}
	if _, err := c.in.Write(append(text, '\n')); err != nil {
		c.t.Fatalf("%s: %v", text, err)
	}
	return c.answer(string(text))
}

// node is what the checker knows of one.
func (c *sparkChecker) node(name string) nodeStatus { return c.do("status", nil).Nodes[name] }

// awaitNodes waits until done of all nodes that are named.
func (c *sparkChecker) awaitNodes(what string, names []string, done func(n nodeStatus) bool) {
	c.t.Helper()
	await(c.t, what, func() bool {
		nodes := c.do("status", nil).Nodes
		return !slices.ContainsFunc(names, func(name string) bool { return !done(nodes[name]) })
	})
}

// verdicts ends the checks and reports them: whoever has not kept a rule fails the test. What is not exercised has to be
// among those given.
func (c *sparkChecker) verdicts(t *testing.T, unexercised ...string) {
	t.Helper()
	end := c.do("end", nil)
	count := map[string]int{}
	conditional := 0
	for _, v := range end.Verdicts {
		if v.Level != "house" {
			count[v.Verdict]++
		}
		if v.If != "" {
			conditional++
		}
		switch {
		case v.Verdict == "fail" && strings.HasPrefix(v.ID, "tck-monitor-"):
			t.Logf("by the way: %s: %s", v.ID, v.Evidence)
		case v.Verdict == "fail" && open[v.ID] != "":
			t.Logf("OPEN: %s (%s): %d of %d: %s: %s", v.ID, v.Level, v.Failed, v.Seen, open[v.ID], v.Evidence)
		case v.Verdict == "fail":
			t.Errorf("%s (%s): %d of %d: %s", v.ID, v.Level, v.Failed, v.Seen, v.Evidence)
		case v.Verdict == "not exercised" && v.Level != "house" && !slices.Contains(unexercised, v.ID):
			t.Errorf("%s: not exercised", v.ID)
		default:
			t.Logf("%s: %s, %d times: %s %s", v.ID, v.Verdict, v.Seen, v.Evidence, v.Part)
		}
	}
	all := count["pass"] + count["fail"] + count["not exercised"]
	if all != 142+23 || conditional != 23 {
		t.Errorf("%d statements, %d of them conditional", all, conditional)
	}
	t.Logf("%d statements (%d conditional): %d hold, %d are broken, %d were not exercised; %d packets",
		all, conditional, count["pass"], count["fail"], count["not exercised"], end.Counts["packets"])
}

// open are what is known to be broken, and why that is not yet mended. To have the tests fail for it, take it out.
var open = map[string]string{}

// account compares what hosts have heard of a node with what the bridge has read.
func (c *sparkChecker) account(b *sparkBridge, node string, options command) checkerAnswer {
	c.t.Helper()
	a := c.do("account", command{"node": node, "path": b.record.path, "options": options})
	c.t.Logf("%s: %d read, %d heard, %d lost, %d repeated, %d twice, %d in disorder, %d invented", node, a.Read, a.Heard, a.Lost, a.Repeated, a.Twice, a.Disorder, a.Invented)
	return a
}

// sparkBridge is a bridge that can be killed, started again, and given another configuration.
type sparkBridge struct {
	*bridge
	config string
}

// runSpark writes a configuration, checks it and starts the bridge.
func runSpark(t *testing.T, dir, devices, sinks string) *sparkBridge {
	t.Helper()
	b := &sparkBridge{config: filepath.Join(dir, "bridge.yaml")}
	b.bridge = &bridge{t: t, dir: dir, record: samplesFile{path: filepath.Join(dir, "samples.jsonl")}}
	b.configure(devices, sinks)
	if out, err := exec.Command(program, "check", b.config).CombinedOutput(); err != nil {
		t.Fatalf("tagbridge check: %v\n%s", err, out)
	}
	b.start()
	return b
}

func (b *sparkBridge) configure(devices, sinks string) {
	b.t.Helper()
	text := strings.Replace(preamble, "level: debug", "level: info", 1)
	writeFile(b.t, b.config, text+"devices:\n"+devices+"\nsinks:\n"+strings.Replace(fileSink, "batch", "max_size: 1GiB, batch", 1)+sinks)
}

func (b *sparkBridge) start() {
	b.t.Helper()
	cmd := exec.Command(program, "run", b.config)
	cmd.Dir = b.dir
	b.child = launch(b.t, cmd)
}

// reload gives it another configuration.
func (b *sparkBridge) reload(devices, sinks string) {
	b.t.Helper()
	b.configure(devices, sinks)
	if err := b.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		b.t.Fatal(err)
	}
}

// sparkSink is the configuration of an edge node, more being further keys of the sink.
func sparkSink(name string, port int, version, options string) string {
	return fmt.Sprintf("  - {name: %s, type: mqtt, url: \"mqtt://127.0.0.1:%d\", version: %s, format: sparkplug, sparkplug: {%s}}\n",
		name, port, version, options)
}

// journalStat is what `journal stat` says: where the journal ends, and where each sink is.
func (b *sparkBridge) journalStat() (end uint64, sinks map[string]uint64) {
	b.t.Helper()
	cmd := exec.Command(program, "journal", "stat", "--json", filepath.Join(b.dir, "data"))
	out, err := cmd.Output()
	if err != nil {
		b.t.Fatalf("journal stat: %v\n%s", err, stderrOf(err))
	}
	var stat struct {
		End   uint64
		Sinks []struct {
			Sink     string
			Position uint64
		}
	}
	if err := json.Unmarshal(out, &stat); err != nil {
		b.t.Fatalf("journal stat printed %s: %v", out, err)
	}
	sinks = map[string]uint64{}
	for _, s := range stat.Sinks {
		sinks[s.Sink] = s.Position
	}
	return stat.End, sinks
}

// caughtUp waits until those sinks have delivered what the journal holds now.
func (b *sparkBridge) caughtUp(names ...string) {
	b.t.Helper()
	end, _ := b.journalStat()
	await(b.t, "all to be delivered", func() bool {
		_, at := b.journalStat()
		return !slices.ContainsFunc(names, func(name string) bool { return at[name] < end })
	})
}
