package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tagbridge/configs"
	"tagbridge/mapping/dump"
	"tagbridge/mapping/profile"
	"tagbridge/testrig"
	"tagbridge/testrig/plc"
)

// Each profile gives the values that are beside its dumps.
func TestProfilesGiveTheirValues(t *testing.T) {
	status, out, complaints := typed(t, "", "profile", "test")
	if status != exitOK || complaints != "" {
		t.Errorf("status %d, %s", status, complaints)
	}
	for _, p := range profile.All() {
		if !strings.Contains(out, p.Name+": "+p.Name+"-1.dump as it should be") {
			t.Errorf("%s is not tested: %s", p.Name, out)
		}
	}
}

// What is wrong in a map is found by its dump.
func TestProfileTestFindsMistakes(t *testing.T) {
	name := "carlo-gavazzi-em340"
	read := func(file string) string {
		b, err := configs.Profiles.ReadFile("profiles/" + file)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	files := map[string]string{}
	for _, end := range []string{".csv", ".yaml", "-1.dump", "-1.expected.csv"} {
		files[name+end] = read(name + end)
	}
	for what, c := range map[string]struct{ file, from, to, want string }{
		"order":   {".yaml", "order: CDAB", "order: ABCD", "voltage_l1 is "},
		"scale":   {".csv", "frequency,input:51,int16,0.1", "frequency,input:51,int16,0.01", "frequency is 5"},
		"address": {".csv", "frequency,input:51", "frequency,input:1051", "frequency is null BadConfigurationError, want 50.0"},
		"tag":     {".csv", "frequency,", "hertz,", "has a value of it, but the map has no such tag"},
		"map":     {".csv", "int16", "int61", "int61"},
		"dump":    {"-1.dump", "1 input", "1 inpot", "inpot"},
		"values":  {"-1.expected.csv", "tag,value", "tag,values", "header"},
		"none":    {"", "", "", ""},
	} {
		dir := folder(t, files)
		if c.file != "" {
			text := strings.ReplaceAll(files[name+c.file], c.from, c.to)
			if err := os.WriteFile(filepath.Join(dir, name+c.file), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		status, out, complaints := typed(t, "", "profile", "test", dir)
		if wrong := c.want != ""; (status == exitFailed) != wrong || !strings.Contains(out+complaints, c.want) {
			t.Errorf("%s: status %d, %s%s, want %q", what, status, out, complaints, c.want)
		}
	}
	if status, _, complaints := typed(t, "", "profile", "test", t.TempDir()); status != exitFailed || !strings.Contains(complaints, "holds no profile") {
		t.Errorf("an empty folder: status %d, %s", status, complaints)
	}
}

func TestProfileShow(t *testing.T) {
	status, out, _ := typed(t, "", "profile", "show", "profile:carlo-gavazzi-em24")
	for _, want := range []string{"untested on a device", "# from: the register list of volkszaehler/mbmd", "# the device has order: CDAB", "power,input:40,int32"} {
		if status != exitOK || !strings.Contains(out, want) {
			t.Errorf("status %d, it does not say %q: %s", status, want, out)
		}
	}
	if status, _, complaints := typed(t, "", "profile", "show", "eastron-sdm360"); status != exitFailed || !strings.Contains(complaints, "did you mean eastron-sdm630?") {
		t.Errorf("status %d, %s", status, complaints)
	}
	if status, out, _ := typed(t, "", "profile", "list"); status != exitOK || strings.Count(out, "\n") != len(profile.All()) {
		t.Errorf("status %d, %s", status, out)
	}
}

// No profile in the program has a question yet: none was checked at a device. Folders of one's own can.
func TestProfileIdentify(t *testing.T) {
	about := "title: Meter %s\nmaker: A\nkind: meter\nsource: [its manual]\nidentify:\n  - {address: \"holding:11\", type: uint16, is: \"340\"}\n"
	text := `  - {address: "holding:20", type: "string:8", begins: EM}` + "\n"
	dir := folder(t, map[string]string{
		"a.yaml": strings.Replace(about, "%s", "A", 1) + text, "a.csv": "tag,address\na,40001\n",
		"b.yaml": strings.Replace(about, "%s", "B", 1), "b.csv": "tag,address\na,40001\n",
		"c.yaml": "title: Meter C\nmaker: A\nkind: meter\nsource: [its manual]\n", "c.csv": "tag,address\na,40001\n",
	})
	for dumped, want := range map[string]string{
		"3 holding 11 0154\n3 holding 20 454D 3334 3000 0000\n": "a: Meter A (untested on a device)\nb: Meter B (untested on a device)\n",
		"3 holding 11 0154\n3 holding 20 5858 3334 3000 0000\n": "b: Meter B (untested on a device)\n",
		"3 holding 11 0154\n": "b: Meter B (untested on a device)\n",
		"3 holding 11 0155\n3 holding 20 454D 3334 3000 0000\n": "",
		"3 holding 9 0155\n": "",
	} {
		d, err := dump.Parse([]byte(dumped))
		if err != nil {
			t.Fatal(err)
		}
		u := unitOf(d)
		s := testrig.Modbus(t, "tcp", plc.ServerOptions{Units: map[int]*plc.Unit{3: u}})
		status, out, complaints := typed(t, "", "profile", "identify", "tcp://"+s.Addr(), dir, "--unit-id", "3")
		none := strings.Contains(complaints, "none of the profiles that can be asked for (3 questions) fits")
		if out != want || none != (want == "") || (status == exitOK) != (want != "") {
			t.Errorf("%q: status %d, %s%s", dumped, status, out, complaints)
		}
		if n := len(u.Requests()); n == 0 || n > 2 {
			t.Errorf("%q: %d requests for two questions", dumped, n)
		}
		for _, r := range u.Requests() {
			if r.Function != 3 {
				t.Errorf("function %d was asked for", r.Function)
			}
		}
	}
	if status, _, complaints := typed(t, "", "profile", "identify", "tcp://127.0.0.1:1"); status != exitFailed || !strings.Contains(complaints, "none of the profiles has a question") {
		t.Errorf("status %d, %s", status, complaints)
	}
}

// A profile is a map as any other to sim, whose configuration keeps its name.
func TestSimOfAProfile(t *testing.T) {
	c := simConfig{from: "/a", to: "/b", name: "x", urls: map[string]string{"m": "tcp://127.0.0.1:1"}}
	out, err := c.rewrite("devices:\n  - {name: m, driver: modbus, url: tcp://m, tags: [\"profile:eastron-sdm630\", more.csv]}\n")
	if err != nil || !strings.Contains(string(out), "profile:eastron-sdm630") || !strings.Contains(string(out), "../a/more.csv") {
		t.Errorf("%v, %s", err, out)
	}
}
