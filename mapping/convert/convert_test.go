package convert

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"tagbridge/mapping"
	"tagbridge/mapping/config"
	"tagbridge/mapping/node"
	"tagbridge/mapping/source"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestConversions compares verdicts and files with golden ones, and wants the result to be a configuration without
// problems.
func TestConversions(t *testing.T) {
	const url = "tcp://192.0.2.7:502"
	for name, convert := range map[string]func([]byte) (*Result, error){
		"kepware.csv":   func(b []byte) (*Result, error) { return Kepware("kepware.csv", b, url) },
		"modpoll.csv":   func(b []byte) (*Result, error) { return Modpoll("modpoll.csv", b, url) },
		"telegraf.conf": func(b []byte) (*Result, error) { return Telegraf("telegraf.conf", b) },
	} {
		t.Run(name, func(t *testing.T) {
			content, err := os.ReadFile(filepath.Join("testdata", name))
			if err != nil {
				t.Fatal(err)
			}
			r, err := convert(content)
			if err != nil {
				t.Fatal(err)
			}
			var got strings.Builder
			for _, line := range r.Panels() {
				got.WriteString(line + "\n")
			}
			for _, v := range r.Verdicts {
				got.WriteString(v.String() + "\n")
			}
			files, c, problems := loaded(t, r)
			for _, f := range files {
				got.WriteString("\n" + f.Name + ":\n" + string(f.Content))
			}
			if strings.Contains(got.String(), "s3cret") {
				t.Error("a secret was taken over")
			}
			golden := filepath.Join("testdata", name+".golden")
			if *update {
				if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if want, err := os.ReadFile(golden); err != nil || got.String() != string(want) {
				t.Errorf("differs from %s (%v):\n%s", golden, err, got.String())
			}
			if c == nil || problems.HasProblems() {
				t.Error(problems.Err())
			}
		})
	}
}

// loaded writes what came out and loads it.
func loaded(t *testing.T, r *Result) ([]File, *config.Config, source.Problems) {
	t.Helper()
	files, err := r.Files()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, f := range files {
		path := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c, problems := config.Load(filepath.Join(dir, "tagbridge.yaml"), config.Options{})
	return files, c, problems
}

const kepwareHeader = "Tag Name,Address,Data Type,Respect Data Type,Client Access,Scan Rate,Scaling,Raw Low,Raw High,Scaled Low," +
	"Scaled High,Scaled Data Type,Clamp Low,Clamp High,Eng Units,Description,Negate Value\n"

// What is called taken, the bridge takes.
func TestTakenIsTaken(t *testing.T) {
	kepware := func(b string) (*Result, error) { return Kepware("k.csv", []byte(b), "tcp://h:502") }
	modpoll := func(b string) (*Result, error) { return Modpoll("m.csv", []byte(b), "tcp://h:502") }
	telegraf := func(b string) (*Result, error) { return Telegraf("t.conf", []byte(b)) }
	for _, c := range []struct {
		what    string
		convert func(string) (*Result, error)
		text    string
		taken   int
		verdict string // one of them
	}{
		{"equal raw ends", kepware, kepwareHeader + "a,400001,Short,1,RO,100,Linear,0,0,0,100,,,,,,\n", 0, "k.csv:2: a: not taken: raw_max \"0\": must differ"},
		{"a scaled bool", kepware, kepwareHeader + "a,400001,Boolean,1,RO,100,,,,,,,,,,,1\n", 0, "a bool is not scaled"},
		{"a coil that is a word", kepware, kepwareHeader + "a,000001,Short,1,RO,100,,,,,,,,,,,\n", 0, "a coil is a single bit"},
		{"past the end", kepware, kepwareHeader + "a,465536,Float,1,RO,100,,,,,,,,,,,\n", 0, "the table ends"},
		{"fast", kepware, kepwareHeader + "a,400001,Short,1,RO,5,,,,,,,,,,,\n", 1, "read every 10 ms, not every 5"},
		{"a second line", kepware, kepwareHeader + "a,400001,Short,1,RO,9,,,,,,,,,,\"x\ny\",\nb,1,Short\n", 1, "k.csv:4: b: not taken"},
		{"decimal commas", kepware, strings.ReplaceAll(kepwareHeader+"a,400001,Short,1,RO,100,Linear,0,1000,0'5,10,,,,,,\n", ",", ";"), 1, "taken"},
		{"a name twice", kepware, kepwareHeader + "a,400001,Short\na,400002,Short\n", 2, "k.csv:3: a: taken with a change: named a-2"},
		{"Windows-1252", kepware, kepwareHeader + "\xd6l,400001,Short\n", 1, "k.csv:2: Öl: taken"},
		{"another unit", modpoll, "# m\ndevice,a,300\npoll,coil,0,1\nref,x,0,bool\n\ndevice,b,2\npoll,coil,0,1\nref,y,0,bool\n", 1, "m.csv:4: x: not taken: its device"},
		{"a comma", modpoll, "device,a,1\npoll,holding_register,0,1,BE_BE\nref,x,0,int16,r,V,\"0,1\"\n", 0, "the decimal mark is a point"},
		{"days and numbers", telegraf, "[agent]\ninterval = \"1d\"\n[[inputs.modbus]]\ninterval = 10\nslave_id = 1\ncontroller = \"tcp://h:1\"\n" +
			"coils = [{name=\"c\", address=[0]}]\n", 1, "taken"},
		{"tags", telegraf, "[[inputs.modbus]]\ncontroller = \"tcp://h:1\"\nconfiguration_type = \"metric\"\n[inputs.modbus.tags]\n\"a-b\" = \"x\"\n" +
			"[[inputs.modbus.metric]]\nslave_id = 1\nfields = [{name=\"f\", address=1, type=\"INT16\"}]\n[inputs.modbus.metric.tags]\ndevice = \"z\"\n", 1, "taken"},
		{"settings that are not ours", telegraf, "[[inputs.modbus]]\nslave_id = 1\ncontroller = \"tcp://h:1\"\n[inputs.modbus.workarounds]\n" +
			"read_coils_starting_at_zero = true\n", 0, "t.conf: inputs.modbus.workarounds.read_coils_starting_at_zero: not taken: nothing was made of this setting"},
		{"settings that are not needed", telegraf, "[[inputs.modbus]]\nslave_id = 1\ncontroller = \"tcp://h:1\"\nbusy_retries = 3\n", 0,
			"t.conf: inputs.modbus.busy_retries: taken with a change: left out: a device that is busy"},
	} {
		r, err := c.convert(strings.ReplaceAll(c.text, "'", ","))
		if err != nil {
			t.Errorf("%s: %v", c.what, err)
			continue
		}
		_, got, problems := loaded(t, r)
		tags := 0
		for _, d := range got.Devices {
			tags += len(d.Tags)
		}
		if problems.HasProblems() || tags != c.taken {
			t.Errorf("%s: %d tags loaded, want %d; %v", c.what, tags, c.taken, problems)
		}
		var verdicts strings.Builder
		for _, v := range r.Verdicts {
			verdicts.WriteString(v.String() + "\n")
		}
		if !strings.Contains(verdicts.String(), c.verdict) {
			t.Errorf("%s: %s, want %s", c.what, verdicts.String(), c.verdict)
		}
	}
}

func TestTelegrafTagsBecomeLabels(t *testing.T) {
	r, err := Telegraf("t.conf", []byte("[[inputs.modbus]]\ncontroller = \"tcp://h:1\"\nconfiguration_type = \"request\"\n[inputs.modbus.tags]\n"+
		"\"a-b\" = \"x\"\n[[inputs.modbus.request]]\nslave_id = 1\nregister = \"holding\"\nfields = [{name=\"f\", address=1, type=\"INT16\"}]\n"+
		"[inputs.modbus.request.tags]\ndevice = \"z\"\n"))
	if err != nil {
		t.Fatal(err)
	}
	_, c, problems := loaded(t, r)
	if problems.HasProblems() || len(c.Devices) != 1 {
		t.Fatal(problems)
	}
	want := []mapping.Label{{Name: "a_b", Value: "x"}, {Name: "label_device", Value: "z"}, {Name: "slave_id", Value: "1"}, {Name: "type", Value: "holding_register"}}
	if got := c.Devices[0].Tags[0].Labels; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// TestTelegrafKeepsItsNames wants what Telegraf writes beside the values, and where, in the configuration, so that
// dashboards find it.
func TestTelegrafKeepsItsNames(t *testing.T) {
	r, err := Telegraf("telegraf.conf", []byte(`
[global_tags]
  site = "north"
  area = "all"
[[inputs.modbus]]
  name = "meter"
  name_override = "energy"
  slave_id = 1
  controller = "tcp://10.0.0.1:502"
  tags = {area = "cellar"}
  holding_registers = [
    {name = "u", byte_order = "AB", data_type = "UINT16", scale = 1.0, address = [0]},
    {name = "e", byte_order = "AB", data_type = "UINT16", scale = 1.0, address = [1], measurement = "counters"},
  ]
  [inputs.modbus.workarounds]
    close_connection_after_gather = true
[[inputs.opcua]]
  name = "press"
  name_override = "opcua_demo"
  endpoint = "opc.tcp://10.0.0.2:4840"
  nodes = [{name = "force", namespace = "2", identifier_type = "s", identifier = "F", default_tags = {line = "1"}}]
  [[inputs.opcua.group]]
    name = "g"
    namespace = "2"
    identifier_type = "s"
    tags = [["line", "2"]]
    nodes = [{name = "speed", identifier = "S"}]
`))
	if err != nil {
		t.Fatal(err)
	}
	_, cfg, problems := loaded(t, r)
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for i := range cfg.Devices {
		d := &cfg.Devices[i]
		for _, tag := range d.Tags {
			got[d.Name+"/"+tag.Name] = fmt.Sprint(d.Measurement, " ", tag.Labels)
		}
	}
	want := map[string]string{
		"meter/u":       "energy [{area cellar} {name meter} {site north} {slave_id 1} {type holding_register}]",
		"meter/e":       "energy [{area cellar} {name meter} {site north} {slave_id 1} {type holding_register}]", // the override is for all
		"press/force":   "opcua_demo [{area all} {id ns=2;s=F} {line 1} {site north}]",
		"press-g/speed": "opcua_demo [{area all} {id ns=2;s=S} {line 2} {site north}]",
	}

	if !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if !cfg.Devices[0].Endpoint.CloseAfter {
		t.Error("close_connection_after_gather was dropped")
	}
	for _, v := range r.Verdicts {
		if !v.Taken {
			t.Errorf("%v", v)
		}
	}
}

// TestNamespacesOfTelegraf has URIs that hold what an address has of its own.
func TestNamespacesOfTelegraf(t *testing.T) {
	for uri, want := range map[string]string{
		"http://x/": "nsu=http://x/;s=a;b=c", "http://x;s=y": "nsu=http://x%3Bs=y;s=a;b=c", "urn:a%3Bb": "nsu=urn:a%253Bb;s=a;b=c",
	} {
		n := telegrafNode{NamespaceURI: uri, IdentifierType: "s", Identifier: "a;b=c"}
		if got := n.address(); got != want {
			t.Errorf("namespace %s: %s, want %s", uri, got, want)
		}
		if a, err := node.Parse(n.address()); err != nil || a.URI != uri || a.ID.Text != "a;b=c" {
			t.Errorf("namespace %s: read as %+v, %v", uri, a, err)
		}
	}
}

// TestNoFileOfTheirs wants files that are nothing of these refused, and not taken apart line by line.
func TestNoFileOfTheirs(t *testing.T) {
	if _, err := Modpoll("tags.csv", []byte("Device,Device_IP,TagName,Address,DataType\nPLC1,10.0.0.1,Temp,40001,Float\nPLC1,10.0.0.1,P,40003,Float\n"),
		"tcp://10.0.0.1:502"); err == nil || !strings.Contains(err.Error(), "not a file of modpoll") {
		t.Errorf("a table of other columns: %v", err)
	}
	if _, err := Telegraf("telegraf.conf", []byte("[[inputs.cpu]]\n  percpu = true\n")); err == nil ||
		!strings.Contains(err.Error(), "it has no inputs.modbus") {
		t.Errorf("a telegraf.conf without a PLC: %v", err)
	}
}

func FuzzConvert(f *testing.F) {
	for _, name := range []string{"kepware.csv", "modpoll.csv", "telegraf.conf"} {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, r := range []func() (*Result, error){
			func() (*Result, error) { return Kepware("f", b, "tcp://h:1") },
			func() (*Result, error) { return Modpoll("f", b, "tcp://h:1") },
			func() (*Result, error) { return Telegraf("f", b) },
		} {
			got, err := r()
			if err != nil {
				continue
			}
			got.Panels()
			for _, v := range got.Verdicts {
				if !v.Taken && v.Note == "" {
					t.Errorf("%+v: no reason", v)
				}
			}
			if _, err := got.Files(); err != nil {
				t.Error(err)
			}
		}
	})
}
