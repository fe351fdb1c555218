//go:build interop

package interop

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// influxd is a real InfluxDB 1.8 with its own folder, on a port that stays the same when it is started again.
type influxd struct {
	*child
	t      *testing.T
	binary string
	config string
	url    string
	login  url.Values // of the test's own queries, once logins are required
}

// findInfluxd looks where TAGBRIDGE_INFLUXD says, in PATH, and where .ci/run puts what it builds.
func findInfluxd() (string, error) {
	if path := os.Getenv("TAGBRIDGE_INFLUXD"); path != "" {
		return exec.LookPath(path)
	}
	if path, err := exec.LookPath("influxd"); err == nil {
		return path, nil
	}
	cache, err := os.UserCacheDir() // $XDG_CACHE_HOME, else ~/.cache
	if err != nil {
		return "", err
	}
	return exec.LookPath(filepath.Join(cache, "tagbridge-ci", "bin", "influxd"))
}

const influxConfig = `
reporting-disabled = true
bind-address = "127.0.0.1:0"
[meta]
  dir = "%[1]s/meta"
[data]
  dir = "%[1]s/data"
  wal-dir = "%[1]s/wal"
[monitor]
  store-enabled = false
[http]
  bind-address = "127.0.0.1:%[2]d"
  log-enabled = false
  auth-enabled = %[3]t
`

// startInfluxd starts an empty InfluxDB in a folder of its own, with a database of the given name.
func startInfluxd(t *testing.T, database string) *influxd {
	t.Helper()
	d := newInfluxd(t, false)
	d.start()
	d.query("", `CREATE DATABASE "`+database+`"`)
	return d
}

// newInfluxd makes one that is not started; with auth it lets nobody in without a login.
func newInfluxd(t *testing.T, auth bool) *influxd {
	t.Helper()
	binary, err := findInfluxd()
	need(t, "influxd 1.8", err)
	dir, port := t.TempDir(), freePort(t)
	d := &influxd{
		t:      t,
		binary: binary,
		config: filepath.Join(dir, "influxd.conf"),
		url:    fmt.Sprintf("http://127.0.0.1:%d", port),
	}
	writeFile(t, d.config, fmt.Sprintf(influxConfig, dir, port, auth))
	return d
}

// start starts influxd and waits until it answers.
func (d *influxd) start() {
	d.t.Helper()
	d.child = launch(d.t, exec.Command(d.binary, "-config", d.config))
	await(d.t, "influxd to answer", func() bool {
		select {
		case <-d.done:
			d.t.Fatalf("influxd ended: %v\n%s", d.err, d.stderr.tail(2000))
		default:
		}
		resp, err := http.Get(d.url + "/ping")
		if err != nil {
			return false
		}
		resp.Body.Close()
		return resp.StatusCode == http.StatusNoContent
	})
}

// series is a part of the answer to a query.
type series struct {
	Name    string            `json:"name"`
	Tags    map[string]string `json:"tags"`
	Columns []string          `json:"columns"`
	Values  [][]any           `json:"values"`
}

// query runs one InfluxQL statement; times are in nanoseconds, numbers are json.Number.
func (d *influxd) query(database, q string) []series {
	d.t.Helper()
	form := url.Values{"db": {database}, "q": {q}, "epoch": {"ns"}}
	resp, err := http.PostForm(d.url+"/query?"+d.login.Encode(), form)
	if err != nil {
		d.t.Fatalf("query %s: %v", q, err)
	}
	defer resp.Body.Close()
	var answer struct {
		Error   string `json:"error"`
		Results []struct {
			Error  string   `json:"error"`
			Series []series `json:"series"`
		} `json:"results"`
	}
	decoder := json.NewDecoder(resp.Body)
	decoder.UseNumber()
	err = decoder.Decode(&answer)
	if err != nil || answer.Error != "" || len(answer.Results) != 1 || answer.Results[0].Error != "" {
		d.t.Fatalf("query %s: %s, %v, %+v", q, resp.Status, err, answer)
	}
	return answer.Results[0].Series
}

// write posts one line as anybody else would.
func (d *influxd) write(database, line string) {
	d.t.Helper()
	resp, err := http.Post(d.url+"/write?"+url.Values{"db": {database}}.Encode(), "text/plain", strings.NewReader(line))
	if err != nil {
		d.t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, err := io.ReadAll(resp.Body); err != nil || resp.StatusCode != http.StatusNoContent {
		d.t.Fatalf("write %s: %s %s, %v", line, resp.Status, body, err)
	}
}

// points reads a database back: the fields of each point by the key of the point, see pointKey.
func (d *influxd) points(database string) map[string]fields {
	d.t.Helper()
	points := map[string]fields{}
	for _, s := range d.query(database, `SELECT * FROM /.*/ GROUP BY *`) {
		for _, row := range s.Values {
			nanos, err := row[0].(json.Number).Int64()
			if err != nil {
				d.t.Fatal(err)
			}
			f := fields{}
			for i, v := range row[1:] {
				if v != nil {
					f[s.Columns[i+1]] = literal(v)
				}
			}
			points[pointKey(s.Name, s.Tags, nanos)] = f
		}
	}
	return points
}

// count is how many values a database has of a field, whatever its measurement.
func (d *influxd) count(database, field string) int {
	n := 0
	for _, s := range d.query(database, `SELECT count("`+field+`") FROM /.*/`) {
		for _, row := range s.Values {
			c, err := row[1].(json.Number).Int64()
			if err != nil {
				d.t.Fatal(err)
			}
			n += int(c)
		}
	}
	return n
}

// fieldTypes are the types of all fields, as measurement and field: float, integer, string, boolean.
func (d *influxd) fieldTypes(database string) map[[2]string]string {
	types := map[[2]string]string{}
	for _, s := range d.query(database, "SHOW FIELD KEYS") {
		for _, row := range s.Values {
			types[[2]string{s.Name, row[0].(string)}] = row[1].(string)
		}
	}
	return types
}

// freePort is a port of 127.0.0.1 that nobody listens on.
func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	if err := l.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
		t.Fatal(err)
	}
	return port
}
