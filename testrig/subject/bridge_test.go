package subject

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestMain lets the test program be a bridge: one that answers with what is known.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "run" {
		if err := pretend(os.Args[2]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

const (
	someMetrics = `# HELP tagbridge_samples_total Samples read.
# TYPE tagbridge_samples_total counter
tagbridge_samples_total{device="a",quality="good"} 7
tagbridge_samples_total{device="b",quality="good"} 1e+06
tagbridge_samples_total{device="b",quality="bad"} 3
go_goroutines 12
`
	someSinks   = `[{"sink":"historian","type":"influxdb","connected":true,"delivered":5,"rejected":2,"dropped":1,"behind_samples":9}]`
	someReloads = `{"file":"plant.yaml","reloads_applied":3,"reloads_refused":1,"problems":["no such tag"]}`
)

// pretend serves at the address that the configuration is.
func pretend(config string) error {
	address, err := os.ReadFile(config)
	if err != nil {
		return err
	}
	if len(address) == 0 {
		return errors.New("no address")
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	mux := http.NewServeMux()
	for path, text := range map[string]string{"/readyz": "{}", "/metrics": someMetrics, "/api/v1/sinks": someSinks,
		"/api/v1/configuration": someReloads} {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, text) })
	}
	s := http.Server{Addr: string(address), Handler: mux}
	context.AfterFunc(ctx, func() { s.Close() })
	if err := s.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// start runs the pretended bridge.
func start(t *testing.T) *Bridge {
	t.Helper()
	address, err := FreeAddress()
	if err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(config, []byte(address), 0o600); err != nil {
		t.Fatal(err)
	}
	b, err := Start(os.Args[0], config, address)
	t.Cleanup(func() { b.Stop() })
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestBridge(t *testing.T) {
	b := start(t)
	m, err := b.Metrics()
	if err != nil || m["tagbridge_samples_total"] != 1000010 || m["go_goroutines"] != 12 {
		t.Errorf("Metrics = %v, %v", m, err)
	}
	s, err := b.Samples()
	if err != nil || s["good"] != 1000007 || s["bad"] != 3 {
		t.Errorf("Samples = %v, %v", s, err)
	}
	sinks, err := b.Sinks()
	if err != nil || len(sinks) != 1 || sinks[0] != (Sink{Name: "historian", Delivered: 5, Rejected: 2, Dropped: 1, Behind: 9}) {
		t.Errorf("Sinks = %+v, %v", sinks, err)
	}
	applied, problems, err := b.Reloads()
	if err != nil || applied != 3 || len(problems) != 1 || problems[0] != "no such tag" {
		t.Errorf("Reloads = %d, %q, %v", applied, problems, err)
	}
	if peak, err := PeakMemory(b.PID()); err != nil || peak < 1<<20 {
		t.Errorf("PeakMemory = %d, %v", peak, err)
	}
	if cpu, err := CPUTime(b.PID()); err != nil || cpu < 0 || cpu > 10 {
		t.Errorf("CPUTime = %v, %v", cpu, err)
	}
	if _, yes := b.Exited(); yes {
		t.Error("Exited while it runs")
	}
	for range 2 {
		if err := b.Stop(); err != nil {
			t.Errorf("Stop: %v", err)
		}
	}
	if err, yes := b.Exited(); err != nil || !yes {
		t.Errorf("Exited = %v, %v after Stop", err, yes)
	}
}

func TestKill(t *testing.T) {
	b := start(t)
	b.Kill()
	var exit *exec.ExitError
	if err, yes := b.Exited(); !yes || !errors.As(err, &exit) {
		t.Errorf("Exited = %v, %v after Kill", err, yes)
	}
}

func TestStartFails(t *testing.T) {
	config := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(config, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	b, err := Start(os.Args[0], config, "127.0.0.1:1")
	if err == nil || !strings.Contains(err.Error(), "exit status 2") || !strings.Contains(err.Error(), "no address") {
		t.Errorf("Start of a bridge that ends: %v", err)
	}
	b.Stop()
	b, err = Start(filepath.Join(t.TempDir(), "nothing"), config, "127.0.0.1:1")
	if err == nil {
		t.Error("Start of nothing")
	}
	if err := b.Stop(); err != nil {
		t.Errorf("Stop of nothing: %v", err)
	}
}
