package web

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"go.yaml.in/yaml/v3"
)

// metricNames are the names that Prometheus stores for what the bridge describes.
func metricNames() map[string]bool {
	names := map[string]bool{"process_resident_memory_bytes": true}
	ch := make(chan *prometheus.Desc, 100)
	collector{}.Describe(ch)
	close(ch)
	quoted := regexp.MustCompile(`fqName: "([^"]+)"`)
	for d := range ch {
		name := quoted.FindStringSubmatch(d.String())[1]
		names[name] = true
		if strings.HasSuffix(name, "_seconds") {
			for _, end := range []string{"_bucket", "_sum", "_count"} {
				names[name+end] = true
			}
		}
	}
	return names
}

// TestDashboardAndAlertsUseWhatThereIs wants every metric that they name to exist, and every one that exists to be
// looked at in one of them.
func TestDashboardAndAlertsUseWhatThereIs(t *testing.T) {
	folder := filepath.Join("..", "..", "..", "configs")
	read := func(name string, decode func([]byte, any) error) string {
		b, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		var v map[string]any
		if err := decode(b, &v); err != nil || len(v) == 0 {
			t.Fatalf("%s: %v", name, err)
		}
		return string(b)
	}
	text := read("grafana-dashboard.json", json.Unmarshal) + read("alerts.yaml", yaml.Unmarshal)
	names := metricNames()
	used := map[string]bool{}
	for _, name := range regexp.MustCompile(`\b(tagbridge|process|go)_[a-z_]+`).FindAllString(text, -1) {
		used[name] = true
		if !names[name] {
			t.Errorf("%s is no metric", name)
		}
	}
	for name := range names {
		plain := true
		for _, end := range []string{"_bucket", "_sum", "_count"} {
			plain = plain && !strings.HasSuffix(name, end)
		}
		if plain && !used[name] && !used[name+"_bucket"] && !used[name+"_sum"] {
			t.Errorf("nobody looks at %s", name)
		}
	}
}
