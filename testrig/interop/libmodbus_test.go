//go:build interop

package interop

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// libmodbus compiles and starts the server of testdata/libmodbus_server.c and returns its port.
func libmodbus(t *testing.T, dir string, options ...string) int {
	t.Helper()
	gcc, err := exec.LookPath("gcc")
	need(t, "gcc", err)
	flags, err := exec.Command("pkg-config", "--cflags", "--libs", "libmodbus").Output()
	need(t, "libmodbus-dev", err)
	server := filepath.Join(dir, "server")
	args := append([]string{"-o", server, "testdata/libmodbus_server.c"}, strings.Fields(string(flags))...)
	if out, err := exec.Command(gcc, args...).CombinedOutput(); err != nil {
		t.Fatalf("compile the server: %v\n%s", err, out)
	}
	return serve(t, exec.Command(server, options...))
}

// exceptions are the qualities that the contract gives to the exceptions of a device.
var exceptions = map[int]string{
	1: "BadNotSupported", 2: "BadConfigurationError", 3: "BadOutOfRange", 4: "BadDeviceFailure",
	5: "BadResourceUnavailable", 6: "BadResourceUnavailable", 10: "BadNoCommunication", 11: "BadNoCommunication",
}

// TestLibmodbus reads a smaller image from a second independent server, one that takes one connection at a time, beside
// units that answer with every exception and one that does not answer.
func TestLibmodbus(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	url := fmt.Sprintf("tcp://127.0.0.1:%d", libmodbus(t, dir))
	m := libmodbusMap()
	writeFile(t, filepath.Join(dir, "image.csv"), m.rows.String())
	wants := map[string]map[string]want{
		"image":  m.wants,
		"silent": {"x": {Kind: "none", Quality: "BadTimeout"}},
	}
	devices := fmt.Sprintf(`
  - {name: image, driver: modbus, url: %[1]q, poll: 200ms, timeout: 300ms, tags: [image.csv]}
  - {name: silent, driver: modbus, url: %[1]q, unit_id: 7, poll: 200ms, timeout: 300ms, tags: [{tag: x, address: 40101}]}
`, url)
	for code, quality := range exceptions {
		name := fmt.Sprintf("exception-%d", code)
		devices += fmt.Sprintf("  - {name: %s, driver: modbus, url: %q, unit_id: %d, poll: 200ms, timeout: 300ms,"+
			" tags: [{tag: x, address: 40101}, {tag: y, address: 40103, type: float32}]}\n", name, url, 20+code)
		w := want{Kind: "none", Quality: quality}
		wants[name] = map[string]want{"x": w, "y": w}
	}
	b := run(t, dir, devices, "")
	await(t, "every tag to be read", func() bool { return complete(b.samples(), wants) })
	samples := b.stop()
	for name, tags := range wants {
		checkDevice(t, name, byTag(samples, name), tags)
	}
}

// tagMap is a tag map with what has to come of it.
type tagMap struct {
	rows  strings.Builder
	wants map[string]want
}

func (m *tagMap) add(address, typ, order string, w want) {
	tag := strings.TrimSuffix(address+"/"+order, "/")
	fmt.Fprintf(&m.rows, "%s,%s,%s,%s\n", tag, address, typ, order)
	if w.Quality == "" {
		w.Quality = "Good"
	}
	m.wants[tag] = w
}

func libmodbusMap() *tagMap {
	m := &tagMap{wants: map[string]want{}}
	m.rows.WriteString("tag,address,type,order\n")
	for i, order := range []string{"ABCD", "CDAB", "BADC", "DCBA"} {
		at := func(start, words int) string { return fmt.Sprintf("holding:%d", start+i*words) }
		m.add(at(100, 1), "int16", order, want{Kind: "integer", Value: "258"})
		m.add(at(110, 2), "int32", order, want{Kind: "integer", Value: "-2"})
		m.add(at(120, 2), "float32", order, want{Kind: "float32", Value: "23.1"})
		m.add(at(130, 4), "float64", order, want{Kind: "float64", Value: "-0.1"})
		m.add(at(150, 4), "int64", order, want{Kind: "integer", Value: "-9223372036854775808"})
		m.add(at(170, 4), "uint64", order, want{Kind: "integer", Value: "18446744073709551614"})
		m.add(at(190, 2), "bcd32", order, want{Kind: "integer", Value: "12345678"})
	}
	m.add("holding:200", "string:9", "", want{Kind: "text", Value: "libmodbus"})
	for i := range 40 {
		m.add(fmt.Sprintf("input:%d", i), "uint16", "", want{Kind: "integer", Value: fmt.Sprint(i * 1000)})
	}
	for i := range 30 {
		m.add(fmt.Sprintf("coil:%d", 5+i), "", "", want{Kind: "bool", Value: i%3 == 0})
		m.add(fmt.Sprintf("discrete:%d", i), "", "", want{Kind: "bool", Value: i%5 == 0})
	}
	refused := want{Kind: "none", Quality: "BadConfigurationError"}
	m.add("input:40", "uint16", "", refused) // one behind the last
	m.add("coil:4", "", "", refused)         // one before the first
	m.add("holding:99", "uint32", "", refused)
	m.add("discrete:30", "", "", refused)
	return m
}
