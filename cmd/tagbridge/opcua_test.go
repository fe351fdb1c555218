package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tagbridge/mapping"
	"tagbridge/mapping/node"
	"tagbridge/testrig/opcua"
)

// press is a server with secure endpoints, and a folder for the files of a test.
func press(t *testing.T) (url, dir string) {
	t.Helper()
	certificate, key, err := newCertificate(certificateOptions{uri: "urn:press", name: "press", hosts: []string{"127.0.0.1"}})
	if err != nil {
		t.Fatal(err)
	}
	s, err := opcua.Listen("127.0.0.1:0", opcua.Options{
		Core: true,
		Tags: []*mapping.Tag{{Name: "speed", Node: &node.Address{URI: "http://example.org/press", ID: node.ID{Kind: node.String, Text: "Speed"}}, Traits: &mapping.Traits{Type: mapping.TypeInt16, Unit: "rpm"}}},
		Nodes: map[string]any{
			"nsu=http://example.org/press;s=Force": 12.5, "nsu=http://example.org/press;s=Curve": []float32{1, 2, 3},
			"nsu=http://example.org/press;s=Long": make([]int16, 100),
		},
		Certificate: certificate, Key: key, Still: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s.URL(), t.TempDir()
}

func TestBrowsePrintsAMapThatWorks(t *testing.T) {
	url, dir := press(t)
	if status, out, _ := typed(t, "", "browse", url, "--root", "/Objects/2:Nobody"); status != 1 {
		t.Errorf("a root that is not there: status %d, printed %q", status, out)
	}
	status, out, complaints := typed(t, "", "browse", url, "--csv")
	if status != 0 {
		t.Fatalf("status %d, complained %q", status, complaints)
	}
	for _, row := range []string{
		"Force,nsu=http://example.org/press;s=Force,,float64,,,\n",
		"Curve[2],nsu=http://example.org/press;s=Curve,[2],float32,,,\n",
		"Long,nsu=http://example.org/press;s=Long,[*],int16,,,\n",
		"Speed,nsu=http://example.org/press;s=Speed,,int16,,,\n",
	} {
		if !strings.Contains(out, row) {
			t.Errorf("no row %q in\n%s", row, out)
		}
	}
	os.WriteFile(filepath.Join(dir, "map.csv"), []byte(out), 0o600)
	os.WriteFile(filepath.Join(dir, "plant.yaml"), []byte("devices: [{name: press, driver: opcua, url: \""+url+"\", tags: [map.csv]}]\n"), 0o600)
	status, out, _ = typed(t, "", "check", filepath.Join(dir, "plant.yaml"), "--online")
	if status != 0 || !strings.Contains(out, "12.5") || !strings.Contains(out, "Long[99]") {
		t.Errorf("check --online of the map: status %d, printed\n%s", status, out)
	}
	if status, out, _ = typed(t, "", "browse", url, "--match", "*/Force"); status != 0 || !strings.Contains(out, "12.5") || strings.Contains(out, "Curve") {
		t.Errorf("browse --match: status %d, printed\n%s", status, out)
	}
}

func TestSecureConnections(t *testing.T) {
	url, dir := press(t)
	t.Chdir(dir)
	if status, out, complaints := typed(t, "", "cert", "create"); status != 0 || !strings.Contains(out, "thumbprint") {
		t.Fatalf("cert create: status %d, printed %q, complained %q", status, out, complaints)
	}
	if status, _, complaints := typed(t, "", "cert", "create"); status != 1 || !strings.Contains(complaints, "exists already") {
		t.Errorf("cert create again: status %d, complained %q", status, complaints)
	}
	if info, err := os.Stat("client.key"); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("client.key: %v, %v", info.Mode(), err)
	}
	if status, out, _ := typed(t, "", "cert", "show", url); status != 0 || !strings.Contains(out, "urn:press") || !strings.Contains(out, "Aes256_Sha256_RsaPss") {
		t.Errorf("cert show: status %d, printed\n%s", status, out)
	}
	if status, _, _ := typed(t, "n\n", "cert", "trust", url, "--out", "press.pem"); status != 1 {
		t.Errorf("cert trust, answered no: status %d", status)
	}
	if status, _, complaints := typed(t, "y\n", "cert", "trust", url, "--out", "press.pem"); status != 0 {
		t.Fatalf("cert trust, answered yes: status %d, complained %q", status, complaints)
	}
	check := func(security string) string {
		os.WriteFile("plant.yaml", []byte(`devices:
  - name: press
    driver: opcua
    url: "`+url+`"
    timeout: 5s
    security: `+security+`
    tags: [{tag: force, address: "nsu=http://example.org/press;s=Force"}, {tag: index, address: "ns=2;s=Force"}]
`), 0o600)
		_, out, _ := typed(t, "", "check", "plant.yaml", "--online")
		return out
	}
	ours := ", certificate: client.pem, key: client.key, trust: [press.pem]}"
	for _, policy := range opcua.Policies {
		for _, mode := range []string{"Sign", "SignAndEncrypt"} {
			if out := check("{policy: " + policy + ", mode: " + mode + ours); !strings.Contains(out, "12.5") {
				t.Errorf("%s %s printed\n%s", policy, mode, out)
			}
		}
	}
	for security, want := range map[string]string{
		"{policy: Basic256Sha256, certificate: client.pem, key: client.key, trust: [client.pem]}": "certificate is not trusted",
		"{policy: Basic256Sha256, certificate: client.pem, key: client.key}":                      "certificate is not trusted",
		"{policy: None}": "better written as nsu=http://example.org/press;s=Force",
	} {
		if out := check(security); !strings.Contains(out, want) {
			t.Errorf("%s printed\n%swant %q", security, out, want)
		}
	}
}
