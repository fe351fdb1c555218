package web

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"tagbridge/cmd/tagbridge/events"
	"tagbridge/mapping"
	"tagbridge/testrig/plc"
)

// wrongs are values that no parameter of that name takes, and a part of what is said about each.
var wrongs = map[string]map[string]string{
	"device": {"plk": `there is no device \"plk\": did you mean plc?`, "": "there is no device"},
	"match":  {"": "empty", "!": "empty", "%ff": "not UTF-8"},
	"quality": {
		"worse": "good, uncertain, bad, not-good", "": "good, uncertain, bad, not-good", "badd": "did you mean bad?", "notgood": "did you mean not-good?",
		"good&quality=bad": "one of good, uncertain, bad, not-good, not 2",
	},
	"since": {"": "since: no time: write 2026", "6h": "did you mean -6h", "01.03.2026": "the year comes first", "-1h&since=-2h": "since: one time, not 2"},
	"rows": {
		"": "FIRST-LAST", "5": "FIRST-LAST", "5-": "FIRST-LAST", "7-6": "FIRST-LAST", "-1-5": "FIRST-LAST", "0-10000": "at most", "0-99999999999": "FIRST-LAST",
		"0-1&rows=0-1": "once, not 2",
	},
	"fields":   {"": "none of device", "value": "none of device", "tags": "did you mean tag?", "tag,tag": "twice", "tag&fields=tag": "once, not 2"},
	"raw":      {"": "1 to 125 registers", "0": "1 to 125 registers", "zz": "1 to 125 registers", "000102": "1 to 125 registers", "0001&raw=0001": "registers in hex"},
	"tag":      {"": "write DEVICE/TAG", "temp": "write DEVICE/TAG", "plc/": "write DEVICE/TAG", "/temp": "write DEVICE/TAG"},
	"last":     {"": "from 1 to 200", "0": "from 1 to 200", "201": "from 1 to 200", "-1": "from 1 to 200", "5&last=5": "one number", "1e1": "one number"},
	"points":   {"": "a number from 1", "0": "a number from 1", "-5": "a number from 1", "5001": "a number from 1 to 5000", "many": "a number", "5&points=6": "one number, not 2"},
	"sink":     {"dbb": `there is no sink \"dbb\": did you mean db?`, "": "there is no sink"},
	"order":    {"": "write worst or name", "wors": "did you mean worst?", "worst&order=name": "once"},
	"priority": {"": "one of 1, 2, 3, 4", "0": "one of 1, 2, 3, 4", "high": "one of 1, 2, 3, 4", "1&priority=5": "one of 1, 2, 3, 4"},
	"until":    {"yesterday": `until: \"yesterday\" is no time`, "-2h&since=-1h": "until is before since"},
}

// rights are values that are taken.
var rights = map[string][]string{
	"device": {"plc", "plc&device=plc"}, "sink": {"db", "db&sink=db"}, "match": {"*", "plc/temp", "temp", "!temp"}, "quality": {"good", "GOOD", "not-good"},
	"since": {"2026-03-01T02:00:00Z", "2026-03-01T02:00:00+01:00", "2026-03-01%2002:00", "-6h"}, "until": {"now", "-0s"},
	"last": {"1", "200"}, "rows": {"0-0", "0-499", "700-800"}, "fields": {"tag", "row,device,description,unit,tag"}, "raw": {"0000", "00004148"}, "tag": {"plc/temp"}, "order": {"worst", "name"},
	"points": {"1", "5000"}, "priority": {"1", "4&priority=2"},
}

// others are the values of parameters that mean something else at one address.
var others = map[string]struct {
	wrongs map[string]string
	rights []string
}{
	"/api/v1/changes?since": {
		map[string]string{"": "is no cursor", "-6h": "is no cursor", "AAAA": "is no cursor", "AAAAAAAAAAA&since=AAAAAAAAAAA": "one cursor, not 2"},
		[]string{"AAAAAAAAAAA", "AAAAAAAAAAAAAAAA"},
	},
}

// needs is what an address cannot do without.
var needs = map[string]string{"/api/v1/tag": "tag=plc/temp", "/api/v1/decode": "raw=00004148", "/api/v1/history": "tag=plc/temp",
	"/api/v1/rejected": "sink=db"}

// TestEveryListIsStrict asks every list for parameters that it does not take, and for values that the others do not.
func TestEveryListIsStrict(t *testing.T) {
	r := answering(t, "")
	b := r.run()
	asked := map[string]bool{}
	wants := func(path string, status int, text string) {
		t.Helper()
		got, body := b.get(path)
		if got != status || !strings.Contains(body, text) {
			t.Errorf("%s: status %d, %s; want %d and %s", path, got, body, status, text)
		}
	}
	for _, l := range routes {
		if !l.isList() {
			continue
		}
		if need := needs[l.path]; need != "" {
			wants(l.path, http.StatusBadRequest, strings.Split(need, "=")[0])
			wants(l.path+"?"+need, http.StatusOK, "")
		} else {
			wants(l.path, http.StatusOK, "")
		}
		wants(l.path+"?nonsense=1", http.StatusBadRequest, `unknown parameter \"nonsense\"`)
		wants(l.path+"?%zz", http.StatusBadRequest, "cannot be read")
		for _, name := range l.takes() {
			asked[name] = true
			wants(l.path+"?"+name+"x=1", http.StatusBadRequest, "did you mean "+name+"?")
			wrong, right := wrongs[name], rights[name]
			if other, ok := others[l.path+"?"+name]; ok {
				wrong, right = other.wrongs, other.rights
			}
			path := l.path + "?"
			if need := needs[l.path]; need != "" && !strings.HasPrefix(need, name+"=") {
				path += need + "&"
			}
			for value, text := range wrong {
				wants(path+name+"="+value, http.StatusBadRequest, text)
			}
			for _, value := range right {
				wants(path+name+"="+value, http.StatusOK, "")
			}
			if len(wrong) == 0 || len(right) == 0 {
				t.Errorf("nothing is said here about %s of %s", name, l.path)
			}
		}
	}
	for name := range wrongs {
		if !asked[name] {
			t.Errorf("no list takes %s", name)
		}
	}
	wants("/api/v1/tagz", http.StatusNotFound, "did you mean /api/v1/tags?")
}

func TestEventsOverHTTP(t *testing.T) {
	r := answering(t, "")
	b := r.run()
	b.await("the start", func() bool {
		_, body := b.get("/api/v1/events?since=-1h")
		var list []events.Event
		if err := json.Unmarshal([]byte(body), &list); err != nil {
			t.Fatalf("%v: %s", err, body)
		}
		return len(list) == 1 && list[0].Kind == events.Start
	})
	for _, path := range []string{"?device=plc", "?until=-1h", "?since=2200-01-01"} {
		if _, body := b.get("/api/v1/events" + path); strings.TrimSpace(body) != "[]" {
			t.Errorf("%s: %s", path, body)
		}
	}
}

// TestTagsSayWhy has a unit die: each tag says what was asked for it, since when it is bad, and where its row is.
func TestTagsSayWhy(t *testing.T) {
	r := newRig(t)
	r.write("tags.csv", threeTags+"far,40500,,,\nwarm,40001,int16,0.1,\nlow,40001,int16,0.1,\n")
	r.edit("tags.csv", "tag,address,type,scale,unit\n", "tag,address,type,scale,unit,min,max\n")
	r.edit("tags.csv", "warm,40001,int16,0.1,", "warm,40001,int16,0.1,,-3000,-2000")
	r.edit("tags.csv", "low,40001,int16,0.1,", "low,40001,int16,0.1,,4000,5000")
	r.plant("192.0.2.1:502", "")
	unit, addr := r.serve()
	r.plant(addr, "")
	b := r.run()
	tags := func(path string) map[string]tagJSON {
		_, body := b.get("/api/v1/tags" + path)
		var list []tagJSON
		if err := json.Unmarshal([]byte(body), &list); err != nil {
			t.Fatalf("%v: %s", err, body)
		}
		m := map[string]tagJSON{}
		for _, j := range list {
			m[j.Tag] = j
		}
		return m
	}
	b.await("values", func() bool { return len(tags("?quality=good"))+len(tags("?quality=uncertain")) == 6 })
	for tag, want := range map[string]string{"warm": "is above max -2000 of its row", "low": "is below min 4000 of its row"} {
		if got := tags("")[tag]; !strings.Contains(got.Error, want) {
			t.Errorf("%s: %+v; want %s", tag, got, want)
		}
	}
	good := tags("")["temp"]
	began := time.Now()
	unit.Inject(plc.Fault{Kind: plc.Silence})
	b.await("the tags to be bad", func() bool {
		return len(tags("?quality=not-good")) == 6 && !b.bridge.Devices()[0].Since.IsZero() && tags("")["far"].Error != "" && b.bridge.Devices()[0].Error != ""
	})
	got := tags("")
	for tag, want := range map[string]struct{ asked, row string }{
		"temp": {"read unit 7, function 3, holding 0-3: ", "tags.csv:2"},
		"door": {"read unit 7, function 2, discrete 0: ", "tags.csv:4"},
		"far":  {"read unit 7, function 3, holding 499: ", "tags.csv:5"},
	} {
		j := got[tag]
		if !strings.HasPrefix(j.Error, want.asked+"no answer within") || !strings.HasSuffix(j.Row, want.row) {
			t.Errorf("%s: %+v; want %v", tag, j, want)
		}
	}
	if s := got["temp"].Since; s == nil || good.Since == nil || *s <= *good.Since || *s < began.UTC().Format("2006-01-02T15:04:05.000000000Z") {
		t.Errorf("temp is bad since %v, was good since %v", deref(s), deref(good.Since))
	}
	if got := mapping.BadTimeout.String(); tags("?match=far")["far"].Quality != got {
		t.Errorf("far is not %s", got)
	}
}

// deref is what s points to, for people.
func deref(s *string) string {
	if s == nil {
		return "never"
	}
	return *s
}
