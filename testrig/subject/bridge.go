package subject

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Bridge is a running bridge.
type Bridge struct {
	Started time.Time
	Dir     string // of its configuration, with its log in bridge.log

	cmd  *exec.Cmd
	http *http.Client
	url  string
	log  string
	done chan error
}

// FreeAddress is a port of loopback that nobody has at this moment.
func FreeAddress() (string, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer ln.Close()
	return ln.Addr().String(), nil
}

// Start runs bin on config, which serves HTTP at address, with more options, and waits until it says that it is ready. On
// an error, what was started still wants Stop.
func Start(bin, config, address string, more ...string) (*Bridge, error) {
	b := &Bridge{Dir: filepath.Dir(config), url: "http://" + address, done: make(chan error, 1)}
	// Plain answers: packing them would be work of the bridge that is not its own.
	b.http = &http.Client{Transport: &http.Transport{DisableCompression: true}}
	b.log = filepath.Join(b.Dir, "bridge.log")
	log, err := os.Create(b.log)
	if err != nil {
		return nil, err
	}
	defer log.Close() // the child has its own
	b.cmd = exec.Command(bin, append([]string{"run", config}, more...)...)
	b.cmd.Stderr = log
	b.Started = time.Now()
	if err := b.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start bridge: %w", err)
	}
	go func() { b.done <- b.cmd.Wait() }()
	return b, b.awaitReady()
}

func (b *Bridge) awaitReady() error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for range 3000 {
		if _, err := b.fetch("/readyz"); err == nil {
			return nil
		}
		select {
		case err := <-b.done:
			b.done <- err
			return fmt.Errorf("the bridge ended: %v\n%s", err, b.LastLog())
		case <-tick.C:
		}
	}
	return errors.New("the bridge is not ready after a minute\n" + b.LastLog())
}

// Stop ends the bridge as systemd would, and returns how it ended; once it has ended, the same again.
func (b *Bridge) Stop() error {
	if b == nil || b.cmd.Process == nil {
		return nil
	}
	b.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case err := <-b.done:
		b.done <- err
		return err
	case <-time.After(20 * time.Second):
		b.Kill()
		return errors.New("the bridge did not stop within 20 s")
	}
}

func (b *Bridge) fetch(path string) ([]byte, error) {
	resp, err := b.http.Get(b.url + path)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", path, resp.Status)
	}
	return body, err
}

// Metrics are the sums of /metrics over all labels, by name.
func (b *Bridge) Metrics() (map[string]float64, error) {
	body, err := b.fetch("/metrics")
	if err != nil {
		return nil, err
	}
	out := make(map[string]float64)
	for lines := bufio.NewScanner(bytes.NewReader(body)); lines.Scan(); {
		line := lines.Text()
		if strings.HasPrefix(line, "#") {
			continue
		}
		at := strings.LastIndexByte(line, ' ')
		if at < 0 {
			continue
		}
		name, _, _ := strings.Cut(line[:at], "{")
		if v, err := strconv.ParseFloat(line[at+1:], 64); err == nil {
			out[name] += v
		}
	}
	return out, nil
}

// Sink is what the API says of a sink.
type Sink struct {
	Name      string  `json:"sink"`
	Delivered float64 `json:"delivered"`
	Rejected  float64 `json:"rejected"`
	Dropped   float64 `json:"dropped"`
	Behind    float64 `json:"behind_samples"`
	Error     string  `json:"error"`
}

// Sinks is the list of sinks, of which there is at least one.
func (b *Bridge) Sinks() ([]Sink, error) {
	body, err := b.fetch("/api/v1/sinks")
	if err != nil {
		return nil, err
	}
	var list []Sink
	if err := json.Unmarshal(body, &list); err != nil || len(list) == 0 {
		return nil, fmt.Errorf("list of sinks %q: %v", body, err)
	}
	return list, nil
}

// PID is the bridge's process.
func (b *Bridge) PID() int { return b.cmd.Process.Pid }

// URL is where it answers.
func (b *Bridge) URL() string { return b.url }

// Kill ends the bridge as a power cut would, but for what the system still writes to disk.
func (b *Bridge) Kill() {
	b.cmd.Process.Kill()
	b.done <- <-b.done
}

// Exited reports that the bridge ended by itself, and how.
func (b *Bridge) Exited() (err error, yes bool) {
	select {
	case err := <-b.done:
		b.done <- err
		return err, true
	default:
		return nil, false
	}
}

// LastLog is the end of what the bridge logged.
func (b *Bridge) LastLog() string {
	text, _ := os.ReadFile(b.log)
	return string(text[max(0, len(text)-2000):])
}

// JournalSize is how many bytes the data folder has.
func (b *Bridge) JournalSize() int64 {
	var total int64
	filepath.WalkDir(filepath.Join(b.Dir, "data"), func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil
		}
		if info, err := d.Info(); err == nil {
			if st, ok := info.Sys().(*syscall.Stat_t); ok { // what is used, not what is set aside
				total += min(info.Size(), st.Blocks*512)
			}
		}
		return nil
	})
	return total
}

// Samples is tagbridge_samples_total by quality.
func (b *Bridge) Samples() (map[string]float64, error) {
	body, err := b.fetch("/metrics")
	if err != nil {
		return nil, err
	}
	out := make(map[string]float64)
	for line := range strings.Lines(string(body)) {
		labels, ok := strings.CutPrefix(line, "tagbridge_samples_total{")
		if !ok {
			continue
		}
		_, rest, _ := strings.Cut(labels, `quality="`)
		quality, _, _ := strings.Cut(rest, `"`)
		v, err := strconv.ParseFloat(strings.TrimSpace(line[strings.LastIndexByte(line, ' ')+1:]), 64)
		if err != nil {
			return nil, err
		}
		out[quality] += v
	}
	return out, nil
}
