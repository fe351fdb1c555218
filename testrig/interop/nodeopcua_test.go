//go:build interop

package interop

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// nodeServer is the server of opcua_server.js.
type nodeServer struct {
	*child
	t       *testing.T
	url     string
	dir     string
	in      io.WriteCloser
	answers chan string
}

// nodeModules is where npm has put node-opcua: .ci/run does.
func nodeModules() string {
	if dir := os.Getenv("TAGBRIDGE_NODE_MODULES"); dir != "" {
		return dir
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(cache, "tagbridge-ci", "node", "node_modules")
}

// nodeOPCUA starts a server at a port, 0 for any, with its certificates in dir.
func nodeOPCUA(t *testing.T, port int, dir, options string) *nodeServer {
	t.Helper()
	modules := nodeModules()
	_, err := os.Stat(filepath.Join(modules, "node-opcua"))
	need(t, "node-opcua in "+modules, err)
	node, err := exec.LookPath("node")
	need(t, "node", err)
	if port == 0 {
		port = freePort(t)
	}
	script, err := filepath.Abs("opcua_server.js")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(node, script, fmt.Sprint(port), dir, options)
	cmd.Env = append(os.Environ(), "NODE_PATH="+modules)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	s := &nodeServer{t: t, dir: dir, in: in, answers: make(chan string, 100)}
	s.child = launch(t, cmd)
	go func() {
		defer close(s.answers)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if line, ok := strings.CutPrefix(lines.Text(), "> "); ok { // the rest is what the library has to say
				s.answers <- line
			}
		}
	}()
	if _, err := fmt.Sscanf(s.answer(), "ready %s", &s.url); err != nil {
		t.Fatalf("node-opcua did not start: %v", err)
	}
	return s
}

func (s *nodeServer) answer() string {
	s.t.Helper()
	select {
	case line, ok := <-s.answers:
		if !ok {
			s.t.Fatal("node-opcua ended")
		}
		return line
	case <-time.After(60 * time.Second):
		s.t.Fatal("node-opcua says nothing")
		return ""
	}
}

// do has the server do something and returns its answer.
func (s *nodeServer) do(command string) string {
	s.t.Helper()
	if _, err := io.WriteString(s.in, command+"\n"); err != nil {
		s.t.Fatalf("%s: %v", command, err)
	}
	answer := s.answer()
	if strings.HasPrefix(answer, "error") {
		s.t.Fatalf("%s: %s", command, answer)
	}
	return answer
}

// uaDevice is the configuration of a device at s, more being further lines of it.
func (s *nodeServer) device(name, tags string, more ...string) string {
	text := fmt.Sprintf("  - name: %s\n    driver: opcua\n    url: %s\n    poll: 200ms\n", name, s.url)
	for _, line := range more {
		text += "    " + line + "\n"
	}
	return text + "    tags:\n" + tags
}

const space = "nsu=http://tagbridge.example/interop;s="

// uaTag is a row of the map.
func uaTag(name, address string, more ...string) string {
	return fmt.Sprintf("      - {tag: %s, address: %q%s}\n", name, address, strings.Join(append([]string{""}, more...), ", "))
}

// tagbridge runs a verb.
func tagbridge(t *testing.T, dir string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	return string(out), err
}
