//go:build interop

package interop

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestPymodbusLine reads the image from a serial line: a pair of pseudo-terminals with pymodbus at its other end.
func TestPymodbusLine(t *testing.T) {
	for _, framing := range []string{"rtu", "ascii"} {
		t.Run(framing, func(t *testing.T) {
			t.Parallel()
			testLine(t, framing)
		})
	}
}

func testLine(t *testing.T, framing string) {
	dir := t.TempDir()
	near, far := cable(t, dir)
	options := []string{"--serial", far}
	data := 8
	if framing == "ascii" {
		options, data = append(options, "--ascii"), 7
	}
	pymodbus(t, dir, options...)
	url := fmt.Sprintf("%s://%s?baud=115200&data=%d&parity=even", framing, near, data)
	wants := expectations(t, dir)
	device := func(name string, unit int) string {
		return fmt.Sprintf("  - {name: %s, driver: modbus, url: %q, unit_id: %d, poll: 500ms, timeout: 500ms, tags: [%s.csv]}\n",
			name, url, unit, name)
	}
	b := run(t, dir, device("image", 1)+device("holes", 2)+device("failing", 4)+device("silent", 3), "")
	await(t, "every tag to be read", func() bool { return complete(b.samples(), wants) })
	samples := b.stop()
	for name, tags := range wants {
		checkDevice(t, name, byTag(samples, name), tags)
	}
}

// cable is the two ends of a serial cable.
func cable(t *testing.T, dir string) (near, far string) {
	t.Helper()
	socat, err := exec.LookPath("socat")
	need(t, "socat", err)
	near, far = filepath.Join(dir, "near"), filepath.Join(dir, "far")
	launch(t, exec.Command(socat, "pty,rawer,link="+near, "pty,rawer,link="+far))
	await(t, "the cable", func() bool {
		_, first := os.Stat(near)
		_, second := os.Stat(far)
		return first == nil && second == nil
	})
	return near, far
}
