package main

import (
	"os"
	"strings"
	"testing"
)

// export makes of a spreadsheet's file what the bridge reads, and back, and writes over nothing.
func TestExportVerb(t *testing.T) {
	t.Chdir(folder(t, map[string]string{
		"de.csv":     "sep=;\r\ntag;address;scale;description\r\ntemp;40001;0,1;=a\r\n",
		"broken.csv": "tag,address\nx,\"40001\n",
	}))
	const want = "tag,address,scale,description\ntemp,40001,0.1,'=a\n"
	if status, out, complaints := typed(t, "", "export", "de.csv"); status != exitOK || out != want {
		t.Errorf("status %d, %q, complained %q", status, out, complaints)
	}
	if status, out, _ := typed(t, "", "export", "de.csv", "--to", "yaml"); status != exitOK || out != "- {tag: temp, address: \"40001\", scale: \"0.1\", description: =a}\n" {
		t.Errorf("yaml: status %d, %q", status, out)
	}
	if status, out, complaints := typed(t, "", "export", "de.csv", "--to", "xlsx"); status != exitOK || out != "" {
		t.Fatalf("workbook: status %d, %q, complained %q", status, out, complaints)
	}
	if status, out, complaints := typed(t, "", "export", "de.xlsx"); status != exitOK || out != want {
		t.Errorf("and back: status %d, %q, complained %q", status, out, complaints)
	}
	for _, c := range []struct {
		args   []string
		status int
		want   string
	}{
		{[]string{"export", "de.csv", "--to", "xlsx"}, exitFailed, "de.xlsx exists already"},
		{[]string{"export", "broken.csv"}, exitBadFile, "broken.csv:2:3: problem: address "},
		{[]string{"export", "de.txt.bak"}, exitFailed, "no such file"},
	} {
		if status, _, complaints := typed(t, "", c.args...); status != c.status || !strings.Contains(complaints, c.want) {
			t.Errorf("%v: status %d, complained %q, want %s", c.args, status, complaints, c.want)
		}
	}
}

const kepwareFile = "Tag Name,Address,Data Type\na,400001,Short\n"

// convert knows what a file is of by what is in it, in any encoding.
func TestConvertVerb(t *testing.T) {
	wide := "\xff\xfe"
	for _, c := range strings.ReplaceAll(kepwareFile, ",", ";") {
		wide += string([]byte{byte(c), 0})
	}
	t.Chdir(folder(t, map[string]string{
		"kepware.csv": kepwareFile, "wide.csv": wide, "mac.csv": strings.ReplaceAll(kepwareFile, "\n", "\r"),
		"modpoll.csv": "# one\nDevice, m, 1\npoll,holding_register,0,1,BE_BE\nref,a,0,int16,r\n",
		"t.conf":      "[[inputs.modbus]]\nslave_id = 1\ncontroller = \"tcp://h:1\"\ncoils = [{name=\"a\", address=[0]}]\n",
		"some.csv":    "tag,address\na,40001\n",
		"input.tsv":   "_address\tname\ttype\n30001\ta\tuint16be\n",
		"neuron.csv":  "group,interval,name,address,attribute,type\ng,100,a,1!400001,Read,INT16\n",
		"home.yaml":   "modbus:\n  - name: h\n    type: tcp\n    host: 10.0.0.1\n    port: 502\n    sensors:\n      - {name: a, address: 3}\n",
		"edgex.yml": "name: p\ndeviceResources:\n- name: a\n  attributes: {primaryTable: COILS, startingAddress: 3}\n" +
			"  properties: {valueType: Bool, readWrite: R}\n",
	}))
	for _, file := range []string{"kepware.csv", "wide.csv", "mac.csv", "modpoll.csv", "t.conf", "input.tsv", "neuron.csv", "edgex.yml", "home.yaml"} {
		status, out, complaints := typed(t, "", "convert", file)
		if status != exitOK || !strings.Contains(out, " a: taken") {
			t.Errorf("%s: status %d, %q, complained %q", file, status, out, complaints)
		}
	}
	if status, out, _ := typed(t, kepwareFile, "convert", "-"); status != exitOK || out != "-:2: a: taken\n" {
		t.Errorf("standard input: status %d, %q", status, out)
	}
	if status, _, complaints := typed(t, "", "convert", "some.csv"); status != exitBadFile || !strings.Contains(complaints, "--from") {
		t.Errorf("a tag map: status %d, complained %q", status, complaints)
	}
	if status, out, _ := typed(t, kepwareFile+"b,1,Short\n", "convert", "-"); status != exitFailed || !strings.Contains(out, "b: not taken: address") {
		t.Errorf("one of two: status %d, %q", status, out)
	}
	if status, _, complaints := typed(t, "", "convert", "kepware.csv", "--out", "plant"); status != exitOK {
		t.Fatalf("status %d, complained %q", status, complaints)
	}
	if status, out, _ := typed(t, "", "check", "plant/tagbridge.yaml"); status != exitOK || out != "" {
		t.Errorf("what came out: status %d, %q", status, out)
	}
	before, err := os.ReadFile("plant/tagbridge.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if status, _, complaints := typed(t, "", "convert", "modpoll.csv", "--out", "plant"); status != exitFailed || !strings.Contains(complaints, "exists already") {
		t.Errorf("again: status %d, complained %q", status, complaints)
	}
	if after, err := os.ReadFile("plant/tagbridge.yaml"); err != nil || string(after) != string(before) {
		t.Errorf("written over: %q, %v", after, err)
	}
}
