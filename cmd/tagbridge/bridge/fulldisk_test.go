package bridge

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"tagbridge/testrig/influxd"
)

// TestStopWithAFullDisk stops a bridge whose journal cannot be written, after everything was delivered: that is a clean
// stop, and the log says what was left.
func TestStopWithAFullDisk(t *testing.T) {
	r := newRig(t)
	r.write("tags.csv", "tag,address\na,40001\n")
	r.plant("192.0.2.1:502", "")
	_, address := r.serve(&r.load().Devices[0])
	r.plant(address, "")
	data := filepath.Join(r.dir, "data")
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", data, "tmpfs", 0, "size=256k"); err != nil {
		t.Skipf("mount a small file system: %v", err)
	}
	t.Cleanup(func() { syscall.Unmount(data, 0) })
	b := r.run()
	stored := func(n int) func([]influxd.Point) bool { return func(p []influxd.Point) bool { return len(p) >= n } }
	r.wait("samples", stored(3))
	os.WriteFile(filepath.Join(data, "ballast"), make([]byte, 1<<20), 0o600) // as far as it goes
	b.await("the journal to fail", func() bool { return strings.Contains(b.log.String(), "journal cannot write") })
	r.wait("more samples", stored(r.influx.Count().Points+3))
	b.stop()
	if !strings.Contains(b.log.String(), "left unwritten") {
		t.Errorf("the log does not say what was left:\n%s", b.log)
	}
}
