//go:build interop

package interop

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
)

// polls is how often each tag is read before a test looks at the result.
const polls = 20

// pymodbus starts the server of pymodbus_server.py, which writes its tag maps into dir, and returns its port.
func pymodbus(t *testing.T, dir string, options ...string) int {
	t.Helper()
	// Debian's own Python: only there is Debian's package.
	const python = "/usr/bin/python3"
	need(t, "python3-pymodbus python3-serial-asyncio", exec.Command(python, "-c", "import pymodbus.server.async_io").Run())
	script, err := filepath.Abs("pymodbus_server.py")
	if err != nil {
		t.Fatal(err)
	}
	return serve(t, exec.Command(python, append([]string{"-B", script, dir}, options...)...))
}

// expectations reads what the server's maps have to give, by device and tag.
func expectations(t *testing.T, dir string) map[string]map[string]want {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "expected.json"))
	if err != nil {
		t.Fatal(err)
	}
	var w map[string]map[string]want
	if err := json.Unmarshal(data, &w); err != nil {
		t.Fatal(err)
	}
	return w
}

// TestPymodbus reads every type in every order from every table, beside a unit with holes, one with a broken register
// and two that do not answer, all over one connection.
func TestPymodbus(t *testing.T) {
	for _, transport := range []string{"tcp", "tls", "udp"} {
		t.Run(transport, func(t *testing.T) {
			t.Parallel()
			testImage(t, transport)
		})
	}
}

func testImage(t *testing.T, transport string) {
	dir := t.TempDir()
	var options []string
	tls := ""
	switch transport {
	case "udp":
		options = []string{"--udp"}
	case "tls":
		writeCertificates(t, dir)
		options = []string{"--tls", dir}
		tls = ", tls: {ca: ca.pem, certificate: client.pem, key: client.key}"
	}
	url := fmt.Sprintf("%s://127.0.0.1:%d", transport, pymodbus(t, dir, options...))
	wants := expectations(t, dir)
	device := func(name, url string, unit int) string {
		return fmt.Sprintf("  - {name: %s, driver: modbus, url: %q, unit_id: %d, poll: 200ms, timeout: 300ms, tags: [%s.csv]%s}\n",
			name, url, unit, name, tls)
	}
	devices := device("image", url, 1) + device("holes", url, 2) + device("silent", url, 3) + device("failing", url, 4)
	if transport == "tcp" {
		devices += fmt.Sprintf("  - {name: absent, driver: modbus, url: tcp://127.0.0.1:%d, tags: [{tag: x, address: 40001}]}\n",
			refusing(t))
		wants["absent"] = map[string]want{"x": {Kind: "none", Quality: "BadNotConnected"}}
	}
	b := run(t, dir, devices, "")
	await(t, "every tag to be read", func() bool { return complete(b.samples(), wants) })
	samples := b.stop()
	for name, tags := range wants {
		checkDevice(t, name, byTag(samples, name), tags)
	}
}

// complete reports that every tag was read as often as the test wants.
func complete(samples []sample, wants map[string]map[string]want) bool {
	for name, tags := range wants {
		got := byTag(samples, name)
		for tag, w := range tags {
			if n := len(got[tag]); n == 0 || w.readable() && n < polls {
				return false
			}
		}
	}
	return true
}

// readable reports that a tag is sent at every poll: what stays bad is sent once.
func (w *want) readable() bool { return w.Kind != "none" }

// checkDevice compares every sample of a device, from its first poll to its last, with what its tags have to be.
func checkDevice(t *testing.T, device string, got map[string][]sample, tags map[string]want) {
	t.Helper()
	least, most := 1<<30, 0
	for tag, w := range tags {
		samples := once(got[tag])
		checkTag(t, device+"/"+tag, samples, w)
		if w.readable() {
			least, most = min(least, len(samples)), max(most, len(samples))
		}
	}
	for tag := range got {
		if _, ok := tags[tag]; !ok {
			t.Errorf("%s/%s was never configured", device, tag)
		}
	}
	if most > least+1 { // the last poll may have been cut short
		t.Errorf("%s: some tag has %d samples, some other %d: a poll was not whole", device, least, most)
	}
}

// once leaves out that the first sample is there twice: a new sink is given the present values to begin with, and may
// find the same in the journal.
func once(samples []sample) []sample {
	if len(samples) > 1 && samples[0].Time.Equal(samples[1].Time) {
		return samples[1:]
	}
	return samples
}

// checkTag reports the first sample that is not as it has to be, or out of order.
func checkTag(t *testing.T, name string, samples []sample, w want) {
	t.Helper()
	for i, s := range samples {
		if !w.matches(&s) {
			t.Errorf("%s, sample %d: %s %s %q, want %v %s %q",
				name, i, s.Value, s.Quality, s.Text, w.Value, w.Quality, w.Text)
			return
		}
		if i > 0 && !s.Time.After(samples[i-1].Time) {
			t.Errorf("%s, sample %d: time %v after %v", name, i, s.Time, samples[i-1].Time)
			return
		}
	}
}

// refusing is a port of 127.0.0.1 that refuses connections for as long as the test runs: bound, but not listened on.
func refusing(t *testing.T) int {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { syscall.Close(fd) })
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	at, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	port := at.(*syscall.SockaddrInet4).Port
	if c, err := net.Dial("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port))); err == nil {
		c.Close()
		t.Fatalf("port %d does not refuse", port)
	}
	return port
}
