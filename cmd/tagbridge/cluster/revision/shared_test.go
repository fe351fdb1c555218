package revision

import (
	"strings"
	"testing"
)

const pushedText = `# the plant
bridge:
  name: line-3   # of all
  data_dir: /var/lib/a
  http: {listen: "127.0.0.1:8080", users: users}
  watch: true
  timezone: Europe/Berlin
  cluster:
    nats: [nats://10.0.0.1:4222]
    node: pc-a
    username: tagbridge
    password: hunter2
    takeover: 3s
  # the end of it

# devices of all
devices:
  - {name: boiler, driver: modbus, url: "tcp://10.0.0.9:502", tags: [tags/boiler.csv]}
sinks: []
`

const ownText = `bridge:
  name: line-3
  # our own
  data_dir: /data/b
  http: ":9090"
  cluster: {nats: ["nats://10.0.0.1:4222"], node: pc-b, nkey: "${env:SEED}"}
devices: []
sinks: []
`

func TestSharedHasNothingOwn(t *testing.T) {
	got, err := Shared(pushedText)
	if err != nil {
		t.Fatal(err)
	}
	want := `# the plant
bridge:
  cluster:
    takeover: 3s
  timezone: Europe/Berlin
  watch: true

# devices of all
devices:
  - {name: boiler, driver: modbus, url: "tcp://10.0.0.9:502", tags: [tags/boiler.csv]}
sinks: []
`
	if got != want {
		t.Errorf("Shared =\n%s\nwant\n%s", got, want)
	}
	for _, own := range []string{"hunter2", "pc-a", "/var/lib/a", "users", "line-3"} {
		if strings.Contains(got, own) {
			t.Errorf("%q is in what is shared", own)
		}
	}
}

func TestMergeKeepsOwn(t *testing.T) {
	shared, err := Shared(pushedText)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Merge(shared, ownText)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"# our own", "/data/b", "pc-b", "${env:SEED}", "takeover: 3s", "Europe/Berlin", "# devices of all", "boiler.csv"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in\n%s", want, got)
		}
	}
	again, err := Merge(shared, got)
	if err != nil || again != got {
		t.Errorf("a second time it is another one: %v\n%s", err, again)
	}
}

// TestMergeLeavesSection has a section that has all that is shared stay as it was written, whatever that is.
func TestMergeLeavesSection(t *testing.T) {
	own := strings.Replace(ownText, "  http:", "  # by hand\n  http:", 1)
	shared, err := Shared(strings.Replace(own, "devices: []", "devices: # new\n  []", 1))
	if err != nil {
		t.Fatal(err)
	}
	got, err := Merge(shared, own)
	if want := strings.Replace(own, "devices: []", "devices: # new\n  []", 1); err != nil || got != want {
		t.Errorf("Merge = %v\n%s\nwant\n%s", err, got, want)
	}
}

func TestNotShared(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", "is no YAML"},
		{"devices: []\n", "no section bridge"},
		{"bridge: {name: x}\n---\na: 1\n", "more than one"},
		{"{bridge: {name: x}, devices: []}\n", "begin a line"},
		{"x-a: &a {name: x}\nbridge: *a\n", "alias"},
		{"x-a: &a {name: x}\nbridge:\n  <<: *a\n", "merged keys"},
		{"bridge: &b {name: &n x}\ndevices: [{name: *n}]\n", "without what of bridge"},
		{"bridge: [", "YAML"},
	} {
		if got, err := Shared(c.text); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Shared(%q) = %q, %v, want %q", c.text, got, err, c.want)
		}
	}
}

// FuzzShared has what is shared of any text be the same again when it was put together with what is anybody's own.
func FuzzShared(f *testing.F) {
	f.Add(pushedText, ownText)
	f.Add(ownText, pushedText)
	f.Add("bridge:\n  name: a\n  x: |\n    # no comment\n\n\n# c\nz: 1", "bridge: {name: b,\n cluster: {takeover: 2s}}\n# e\n")
	f.Add("bridge: {}\r\ndevices:\r\n", "a: 1\nbridge:\n  watch: yes\n  timezone: \"true\"\n")
	f.Fuzz(func(t *testing.T, pushed, own string) {
		shared, err := Shared(pushed)
		if err != nil {
			return
		}
		again, err := Shared(shared)
		if err != nil || again != shared {
			t.Fatalf("shared again: %v\n%q\n%q", err, shared, again)
		}
		merged, err := Merge(shared, own)
		if err != nil {
			return
		}
		if got, err := Shared(merged); err != nil || got != shared {
			t.Fatalf("after Merge: %v\n%q\n%q", err, got, shared)
		}
	})
}
