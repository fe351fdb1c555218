package bridge

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tagbridge/testrig"
	"tagbridge/testrig/influxd"
)

// beginning is a rig whose plant.yaml has one device that answers, and more.
func beginning(t *testing.T, more string) *rig {
	r := newRig(t)
	r.write("tags.csv", threeTags)
	r.plant("192.0.2.1:502", "")
	_, addr := r.serve(&r.load().Devices[0])
	r.plant(addr, more)
	return r
}

func some(p []influxd.Point) bool { return len(p) > 0 }

func TestOneDeviceWithoutItsAuthorityDoesNotKeepTheOthersFromBeingRead(t *testing.T) {
	r := beginning(t, `  - {name: safe, driver: modbus, url: "tls://127.0.0.1:1", poll: 100ms, timeout: 100ms, tls: {ca: cert.pem}, tags: [tags.csv]}
  - {name: press, driver: opcua, url: "opc.tcp://127.0.0.1:1", security: {policy: Basic256Sha256, mode: SignAndEncrypt, certificate: c.pem, key: k.pem, trust: [t.pem]}, tags: [{tag: x, address: ns=1;s=x}]}`)
	b := r.runHeld()
	r.wait("samples of the one that can be read", some)
	for _, name := range []string{"safe", "press"} {
		b.await("the reason of "+name, func() bool { return strings.Contains(b.device(name).Error, "no such file") })
	}
	testrig.Certificate(t, r.dir)
	b.await("another reason", func() bool { return strings.Contains(b.device("safe").Error, "refused") })
}

func TestOneSinkWithoutItsAuthorityDoesNotKeepTheOthersFromBeingDeliveredTo(t *testing.T) {
	r := beginning(t, "")
	r.edit("plant.yaml", "sinks:\n", "sinks:\n  - {name: cloud, type: mqtt, url: \"mqtts://127.0.0.1:1\", tls: {ca: cert.pem}}\n"+
		"  - {name: folder, type: file, path: data}\n")
	b := r.runHeld()
	r.wait("samples at the one that can be reached", some)
	b.await("its reason", func() bool { return strings.Contains(b.sink("cloud").Error, "no such file") })
	b.await("the folder's reason", func() bool { return strings.Contains(b.sink("folder").Error, "is a directory") })
	testrig.Certificate(t, r.dir)
	b.await("another reason", func() bool { return strings.Contains(b.sink("cloud").Error, "refused") })
}

func TestASecretThatIsNotThereHoldsWhatNeedsIt(t *testing.T) {
	r := beginning(t, `  - {name: other, driver: modbus, url: "tcp://${file:host}:1", poll: 100ms, timeout: 100ms, tags: [tags.csv]}`)
	r.edit("plant.yaml", "org: o", `org: "${file:org}"`)
	b := r.runHeld()
	b.await("the device's reason", func() bool { return strings.Contains(b.device("other").Error, "file host cannot be read") })
	b.await("the sink's reason", func() bool { return strings.Contains(b.sink("db").Error, "file org cannot be read") })
	b.await("the other device", func() bool { return b.device("plc").Online })
	r.write("org", "o\n")
	r.wait("samples once it is there", some)
	if reason := b.device("other").Error; !strings.Contains(reason, "file host") {
		t.Errorf("the device waits for another secret, but says %q", reason)
	}
	r.write("host", "127.0.0.1\n")
	b.await("the device's connection", func() bool { return strings.Contains(b.device("other").Error, "refused") })
}

func TestAReloadThatTakesASecretAwayIsRefused(t *testing.T) {
	r := beginning(t, "")
	b := r.run()
	r.edit("plant.yaml", "org: o", `org: "${file:org}"`)
	if s := b.hup(); s.Applied != 0 || len(s.Problems) != 1 || !strings.Contains(s.Problems[0], "sink db: org: file org cannot be read") {
		t.Errorf("%+v", s)
	}
}

func TestAJournalThatCannotBeOpenedDoesNotKeepTheBridgeFromRunning(t *testing.T) {
	r := beginning(t, "")
	r.write("data", "a file where the folder should be")
	b := r.runHeld()
	r.wait("samples", some)
	if reason := b.bridge.Journal().Diskless; !strings.Contains(reason, "data") {
		t.Errorf("the journal is in memory because of %q", reason)
	}
	if s := b.bridge.status(); !strings.Contains(s, "in memory only") {
		t.Errorf("status %q", s)
	}
	if err := os.Remove(filepath.Join(r.dir, "data")); err != nil {
		t.Fatal(err)
	}
	select {
	case err := <-b.ended:
		if !errors.Is(err, ErrDisk) {
			t.Errorf("ended with %v", err)
		}
		b.ended <- nil
	case <-time.After(patienceOfTests):
		t.Error("it does not see that the disk is there")
	}
}

func TestASecondBridgeOnOneDataDirectoryEnds(t *testing.T) {
	r := beginning(t, "")
	r.run()
	if _, err := Open(r.load(), Options{Log: discard()}); err == nil || !strings.Contains(err.Error(), "another tagbridge uses it") {
		t.Errorf("opened with %v", err)
	}
}

// device is what is known of a device.
func (b *running) device(name string) deviceOf {
	for _, d := range b.bridge.Devices() {
		if d.Name == name {
			return deviceOf{d.Error, d.Good > 0}
		}
	}
	return deviceOf{} // it is between two lanes
}

type deviceOf struct {
	Error  string
	Online bool
}

func (b *running) sink(name string) SinkState {
	for _, s := range b.bridge.Sinks() {
		if s.Sink == name {
			return s
		}
	}
	b.t.Fatalf("no sink %s", name)
	return SinkState{}
}
