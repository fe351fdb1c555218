package profile

import (
	"strings"
	"testing"
	"testing/fstest"

	"tagbridge/configs"
)

func TestAll(t *testing.T) {
	if len(All()) < 10 {
		t.Fatalf("%d profiles", len(All()))
	}
	used := map[string]bool{}
	for _, p := range All() {
		used[p.Name+".csv"], used[p.Name+".yaml"] = true, true
		if len(p.Tests) == 0 {
			t.Errorf("%s has no test", p.Name)
		}
		for _, test := range p.Tests {
			for _, file := range []string{test.Dump, test.Values} {
				used[file] = true
				if _, err := p.File(file); err != nil {
					t.Errorf("%s: %v", p.Name, err)
				}
			}
		}
	}
	files, err := configs.Profiles.ReadDir("profiles")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !used[f.Name()] {
			t.Errorf("%s belongs to no profile", f.Name())
		}
	}
}

func TestFind(t *testing.T) {
	if p, err := Find("eastron-sdm630"); err != nil || p.Name != "eastron-sdm630" || p.DeviceTested() {
		t.Errorf("found %+v, %v", p, err)
	}
	for name, want := range map[string]string{
		"eastron-sdm360": "did you mean eastron-sdm630?",
		"":               "tagbridge profile list",
		"../demo":        "tagbridge profile list",
	} {
		if p, err := Find(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, %v, want %s", name, p, err, want)
		}
	}
}

func TestFolderRejects(t *testing.T) {
	good := "title: A meter\nmaker: A\nkind: meter\nsource: [its manual]\n"
	for text, want := range map[string]string{
		good:                                     "",
		good + "devices: {}\n":                   "field devices not found",
		"title: A\n":                             "needs title, maker, kind and source",
		good + "device: {url: x}\n":              "device: url is none of",
		good + "device: [order]\n":               "must be a mapping",
		good + "identify: [{address: x}]\n":      "a question needs an address, and is or begins",
		good + "tests: [{dump: a, values: b}]\n": `from must be device or example, not ""`,
		good + "tests: [{from: device, dump: a, values: b}]\n": "",
	} {
		list, err := Folder(fstest.MapFS{"a.yaml": {Data: []byte(text)}, "a.csv": {Data: []byte("tag,address\na,40001\n")}})
		switch {
		case want == "" && (err != nil || len(list) != 1 || list[0].DeviceTested() != strings.Contains(text, "from: device")):
			t.Errorf("%q: %v, %v", text, list, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	if _, err := Folder(fstest.MapFS{"a.yaml": {Data: []byte(good)}}); err == nil {
		t.Error("a profile without a map was taken")
	}
}

func TestQuestionFits(t *testing.T) {
	q := Question{Begins: "EM340"}
	if !q.Fits("EM340-DIN") || q.Fits("an EM340") || (&Question{Is: "8001"}).Fits("80010") {
		t.Error("questions fit what they should not")
	}
}

// FuzzFolder reads profiles of any text.
func FuzzFolder(f *testing.F) {
	f.Add([]byte("title: A meter\nmaker: A\nkind: meter\nsource: [its manual]\ndevice: {order: CDAB}\ntests: [{from: device}]\n"))
	f.Add([]byte("device: &a [*a]\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		list, err := Folder(fstest.MapFS{"a.yaml": {Data: text}, "a.csv": {}})
		if err == nil && (len(list) != 1 || list[0].Title == "" || len(list[0].Source) == 0) {
			t.Errorf("%q gives %+v", text, list)
		}
	})
}
