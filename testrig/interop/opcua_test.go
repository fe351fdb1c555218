//go:build interop

package interop

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// expected is what the variables of opcua_server.js have to give, as JSON.
var expected = map[string]string{
	"Boolean": "true", "SByte": "-7", "Byte": "200", "Int16": "-1234", "UInt16": "65535", "Int32": "-70000",
	"UInt32": "4294967295", "Int64": "-2", "UInt64": "9223372036854775809", "Float": "23.1", "Double": "23.1",
	"String": `"Größe"`, "DateTime": `"2026-01-02T03:04:05.678Z"`, "Guid": `"72962b91-fa75-4ae6-8d28-b404dc7daf63"`,
	"ByteString": `"AQID"`, "NodeId": `"ns=1;s=x"`, "StatusCode": `"BadTimeout"`, "QualifiedName": `"2:Q"`,
	"LocalizedText": `"Text"`, "State": "1", "Force": "12.5", "Uncertain": "7.5", "Bad": "null",
}

// mapOfAll is a tag for each variable, element and member.
func mapOfAll() string {
	var rows strings.Builder
	for name := range expected {
		rows.WriteString(uaTag(name, space+name))
	}
	rows.WriteString(uaTag("second", space+"Array", `element: "[1]"`))
	rows.WriteString(uaTag("corner", space+"Matrix", `element: "[4]"`))
	rows.WriteString(uaTag("word", space+"Strings", `element: "[1]"`))
	rows.WriteString(uaTag("product", "i=2256", "element: .BuildInfo.ProductName"))
	for name, of := range structured {
		rows.WriteString(uaTag(name, space+of[0], fmt.Sprintf("element: %q", of[1])))
	}
	rows.WriteString(uaTag("points", space+"Points", `element: "[*].X"`))
	rows.WriteString(uaTag("path", "/Objects/2:Press/2:Force"))
	rows.WriteString(uaTag("gone", space+"Nowhere"))
	return rows.String()
}

func wanted() map[string]string {
	all := map[string]string{
		"second": "2.5", "corner": "5", "word": `"bc"`, "product": `"NodeOPCUA-Server"`, "path": "12.5", "gone": "null",
	}
	for name, v := range expected {
		all[name] = v
	}
	for name, of := range structured {
		all[name] = of[2]
	}
	all["points[0]"], all["points[1]"] = "1.5", "2.5"
	return all
}

// structured are members: variable, element and value.
var structured = map[string][3]string{
	"point": {"Point", ".N", "3"}, "there": {"Optional", ".C", `"there"`}, "between": {"Optional", ".B", "7"},
	"absent": {"Optional", ".A", "null"}, "either": {"Either", ".S", `"text"`}, "or": {"Either", ".I", "null"},
	"subtyped": {"Open", ".P.X", "1.5"}, "number": {"Open", ".V", "5"}, "behind": {"Open", ".K", "9"},
}

var qualities = map[string]string{
	"Bad": "BadSensorFailure", "Uncertain": "UncertainLastUsableValue", "gone": "BadNodeIdUnknown",
	"absent": "BadNoData", "or": "BadNoData",
}

// TestOPCUATells leaves to the server what it can tell.
func TestOPCUATells(t *testing.T) {
	t.Parallel()
	s := nodeOPCUA(t, 0, t.TempDir(), "{}")
	for _, mode := range []string{"poll", "subscribe"} {
		t.Run(mode, func(t *testing.T) {
			s.do("list 1 2")
			b := run(t, t.TempDir(), s.device("press", uaTag("force", space+"Force")+uaTag("state", space+"State", "enum: auto")+
				uaTag("plain", space+"State")+uaTag("mode", space+"Machine", "element: .Mode", "enum: auto")+uaTag("list", space+"List", `element: "[*]"`), "mode: "+mode), "")
			await(t, "every tag", func() bool { return len(byTag(b.samples(), "press")) == 6 })
			s.do("list 7 8 9")
			await(t, "the third element", func() bool { return len(byTag(b.samples(), "press")["list[2]"]) > 0 })
			s.do("list 5")
			await(t, "the loss of two", func() bool {
				got := byTag(b.samples(), "press")["list[2]"]
				return got[len(got)-1].Quality == "BadNoData"
			})
			got := byTag(b.stop(), "press")
			for _, one := range got["force"] {
				if one.Unit != "kN" {
					t.Errorf("force has the unit %q, want the server's kN", one.Unit)
				}
			}
			for tag, want := range map[string]string{"state": "1 Running", "plain": "1 ", "mode": "2 Jammed"} {
				for _, one := range got[tag] {
					if shown := string(one.Value) + " " + one.Text; shown != want {
						t.Errorf("%s = %q, want %q", tag, shown, want)
					}
				}
			}
			if first := got["list[0]"][0]; string(first.Value) != "1" {
				t.Errorf("list[0] begins with %s, want 1", first.Value)
			}
		})
	}
}

func TestOPCUAValues(t *testing.T) {
	t.Parallel()
	s := nodeOPCUA(t, 0, t.TempDir(), `{"maxNodesPerRead": 10}`)
	for _, mode := range []string{"poll", "subscribe"} {
		t.Run(mode, func(t *testing.T) {
			b := run(t, t.TempDir(), s.device("press", mapOfAll(), "mode: "+mode), "")
			all := wanted()
			await(t, "every tag", func() bool { return len(byTag(b.samples(), "press")) == len(all) })
			got := byTag(b.stop(), "press")
			for name, v := range all {
				q := qualities[name]
				if q == "" {
					q = "Good"
				}
				for _, s := range got[name] {
					if string(s.Value) != v || s.Quality != q {
						t.Errorf("%s = %s %s, want %s %s", name, s.Value, s.Quality, v, q)
						break
					}
				}
			}
		})
	}
}

// security is the lines of a device with these files in its folder.
func security(policy, mode string, more ...string) []string {
	return append([]string{fmt.Sprintf(
		"security: {policy: %s, mode: %s, certificate: client.pem, key: client.key, trust: [server.pem]}", policy, mode)}, more...)
}

func TestOPCUASecurity(t *testing.T) {
	t.Parallel()
	s := nodeOPCUA(t, 0, t.TempDir(), `{"strict": true}`)
	dir := t.TempDir()
	if out, err := tagbridge(t, dir, "cert", "create"); err != nil {
		t.Fatalf("cert create: %v\n%s", err, out)
	}
	if out, err := tagbridge(t, dir, "cert", "trust", s.url, "--yes", "--out", "server.pem"); err != nil {
		t.Fatalf("cert trust: %v\n%s", err, out)
	}
	check := func(lines ...string) string {
		t.Helper()
		config := filepath.Join(dir, "bridge.yaml")
		writeFile(t, config, "devices:\n"+s.device("press", uaTag("force", space+"Force"), lines...))
		out, _ := tagbridge(t, dir, "check", config, "--online")
		return out
	}
	if out := check(security("Basic256Sha256", "Sign")...); !strings.Contains(out, "has not trusted us yet") {
		t.Errorf("untrusted there:\n%s", out)
	}
	s.do("trust " + filepath.Join(dir, "client.pem"))
	if out := check("security: {policy: Basic256Sha256, mode: Sign, certificate: client.pem, key: client.key, trust: [client.pem]}"); !strings.Contains(out, "certificate is not trusted") {
		t.Errorf("untrusted here:\n%s", out)
	}
	for _, policy := range []string{"Basic256Sha256", "Aes128_Sha256_RsaOaep", "Aes256_Sha256_RsaPss"} {
		for _, mode := range []string{"Sign", "SignAndEncrypt"} {
			for _, login := range []string{
				"x-anonymous", "auth: {username: reader, password: secret}", "auth: {certificate: client.pem, key: client.key}",
			} {
				lines := security(policy, mode)
				if !strings.HasPrefix(login, "x-") {
					lines = append(lines, login)
				}
				if out := check(lines...); !strings.Contains(out, "12.5") {
					t.Errorf("%s %s %s:\n%s", policy, mode, login, out)
				}
			}
		}
	}
	for want, lines := range map[string][]string{
		"refuses user reader": security("Basic256Sha256", "SignAndEncrypt", "auth: {username: reader, password: wrong}"),
		"nothing vouches for": {"auth: {username: reader, password: secret}"},
		"12.5":                {"auth: {username: reader, password: secret, allow_insecure_password: true}"},
	} {
		if out := check(lines...); !strings.Contains(out, want) {
			t.Errorf("want %q:\n%s", want, out)
		}
	}
}

// TestOPCUADrops breaks each connection as soon as it is there, and looks for what is left over.
func TestOPCUADrops(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"poll", "subscribe"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			s := nodeOPCUA(t, 0, t.TempDir(), "{}")
			b := run(t, t.TempDir(), s.device("press", uaTag("force", space+"Force"), "mode: "+mode), "")
			await(t, "the first value", func() bool { return len(byTag(b.samples(), "press")["force"]) > 0 })
			for i := range 4 { // the bridge makes growing pauses between connections that do not last
				await(t, "a session", func() bool { n, _ := strconv.Atoi(s.do("channels")); return n > 0 })
				if s.do("drop"); i%2 == 1 {
					value := strconv.Itoa(100 + i)
					s.do("set " + value)
					await(t, "the value after drop "+strconv.Itoa(i), func() bool {
						got := byTag(b.samples(), "press")["force"]
						return strings.HasPrefix(string(got[len(got)-1].Value), value)
					})
				}
			}
			// What was dropped the server forgets after half a minute.
			subscriptions := map[string]string{"poll": "0", "subscribe": "1"}[mode]
			await(t, "one session to be left", func() bool { return s.do("sessions") == "1" })
			await(t, "its subscriptions to be left", func() bool { return s.do("subscriptions") == subscriptions })
			b.stop()
			await(t, "no session to be left", func() bool { return s.do("sessions") == "0" })
		})
	}
}

func TestOPCUARestart(t *testing.T) {
	t.Parallel()
	dir, port := t.TempDir(), freePort(t)
	first := nodeOPCUA(t, port, dir, "{}")
	b := run(t, t.TempDir(), first.device("polled", uaTag("force", space+"Force"))+
		first.device("pushed", uaTag("force", space+"Force"), "mode: subscribe"), "")
	last := func(device string) string {
		got := byTag(b.samples(), device)["force"]
		if len(got) == 0 {
			return ""
		}
		return string(got[len(got)-1].Value)
	}
	both := func(value string) func() bool {
		return func() bool { return last("polled") == value && last("pushed") == value }
	}
	await(t, "both values", both("12.5"))
	first.kill()
	await(t, "the outage", both("null"))
	second := nodeOPCUA(t, port, dir, "{}")
	began := time.Now()
	second.do("set 77.5")
	await(t, "both values again", both("77.5"))
	t.Logf("back after %v", time.Since(began).Round(time.Millisecond))
	second.do("remove Force")
	await(t, "the node to go", func() bool { return last("polled") == "null" })
	second.do("restore Force")
	await(t, "the node to return", both("99.0"))
	b.stop()
}

func TestOPCUABrowse(t *testing.T) {
	t.Parallel()
	s := nodeOPCUA(t, 0, t.TempDir(), `{"nodes": 10000}`)
	dir := t.TempDir()
	out, err := tagbridge(t, dir, "browse", s.url, "--csv")
	if err != nil {
		t.Fatalf("browse: %v\n%s", err, out)
	}
	for _, row := range []string{
		"\nPress/State,nsu=http://tagbridge.example/interop;s=State,,int32,,0=Stopped|1=Running|2=Jammed,\n",
		"\nPress/Force,nsu=http://tagbridge.example/interop;s=Force,,float64,kN,,\n",
		"\nPress/Points/X,nsu=http://tagbridge.example/interop;s=Points,[*].X,float64,,,\n",
		"\nPress/Optional/B,nsu=http://tagbridge.example/interop;s=Optional,.B,int32,,,\n",
		"\nPress/Array[2],nsu=http://tagbridge.example/interop;s=Array,[2],float64,,,\n",
		"\nPress/N9999,nsu=http://tagbridge.example/interop;s=Line1/Machine/Node9999,,float64,,,\n",
	} {
		if !strings.Contains(out, row) {
			t.Errorf("the map has no row %q", row)
		}
	}
	writeFile(t, filepath.Join(dir, "all.csv"), out)
	config := filepath.Join(dir, "bridge.yaml")
	writeFile(t, config, fmt.Sprintf("devices:\n  - {name: press, driver: opcua, url: %q, timeout: 5s, tags: [all.csv]}\n", s.url))
	out, _ = tagbridge(t, dir, "check", config, "--online")
	if n := strings.Count(out, " Good"); n < 10000 {
		t.Errorf("%d of 10,000 tags of the browsed map are good:\n%.2000s", n, out)
	}
}

// TestOPCUADeadband has the server apply deadbands: 10 % of a range from 0 to 200, and 5 of scaled units.
func TestOPCUADeadband(t *testing.T) {
	s := nodeOPCUA(t, 0, t.TempDir(), "{}")
	for _, mode := range []string{"subscribe", "poll"} {
		t.Run(mode, func(t *testing.T) {
			s.do("set 12.5")
			b := run(t, t.TempDir(), s.device("press", uaTag("percent", space+"Force", `deadband: "10%"`)+
				uaTag("scaled", space+"Force", "scale: 0.5", "deadband: 5")+uaTag("every", space+"Force"), "mode: "+mode), "")
			values := func(tag string) (list []string) {
				for _, s := range byTag(b.samples(), "press")[tag] {
					if n := len(list); n == 0 || list[n-1] != string(s.Value) {
						list = append(list, string(s.Value))
					}
				}
				return list
			}
			seen := func(n int) func() bool { return func() bool { return len(values("every")) == n } }
			for i, v := range []string{"12.5", "20", "40"} { // steps of 7.5 and 20
				if i > 0 {
					s.do("set " + v)
				}
				await(t, "the value "+v, seen(i+1))
			}
			await(t, "the step of 20", func() bool { return len(values("percent")) == 2 && len(values("scaled")) == 2 })
			for tag, want := range map[string]string{"percent": "[12.5 40.0]", "scaled": "[6.25 20.0]"} {
				if got := fmt.Sprint(values(tag)); got != want {
					t.Errorf("%s = %s, want %s", tag, got, want)
				}
			}
			b.stop()
		})
	}
}
