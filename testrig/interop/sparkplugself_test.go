//go:build interop

package interop

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
)

// checkerScript is a command that runs a script of the Sparkplug checker.
func checkerScript(t *testing.T, script string, args ...string) *exec.Cmd {
	t.Helper()
	modules := nodeModules()
	for _, peer := range []string{"mqtt", "mqtt-packet", "sparkplug-payload", "sparkplug-client"} {
		_, err := os.Stat(filepath.Join(modules, peer))
		need(t, peer+" in "+modules, err)
	}
	node, err := exec.LookPath("node")
	need(t, "node", err)
	path, err := filepath.Abs(filepath.Join("sparkplug", script))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(node, append([]string{path}, args...)...)
	cmd.Env = append(os.Environ(), "NODE_PATH="+modules)
	return cmd
}

// TestSparkplugChecker checks the checker of Sparkplug edge nodes: sound ones pass, and of each that breaks a rule, npm's
// sparkplug-client among them, the checker finds the rules that it breaks.
func TestSparkplugChecker(t *testing.T) {
	t.Parallel()
	m := startMosquitto(t, t.TempDir(), "allow_anonymous true")
	cmd := checkerScript(t, "selfcheck.js", strconv.Itoa(m.watched))
	out, err := cmd.Output()
	nodes := 0
	for line := range bytes.Lines(out) {
		var v struct {
			Fault                         *string
			Want, Missed, Found, Evidence []string
			OK                            bool
		}
		if json.Unmarshal(line, &v) != nil || v.Fault == nil {
			continue
		}
		nodes++
		if !v.OK {
			t.Errorf("edge node %q: missed %q, found %q; %q", *v.Fault, v.Missed, v.Found, v.Evidence)
		}
	}
	if err != nil && !t.Failed() || nodes < 100 {
		t.Fatalf("%d edge nodes were tried: %v\n%s", nodes, err, stderrOf(err))
	}
	t.Logf("%d edge nodes, all found out", nodes)
}

// stderrOf is what a process that has failed had to say.
func stderrOf(err error) []byte {
	if exit, ok := err.(*exec.ExitError); ok {
		return exit.Stderr
	}
	return nil
}
