package web

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"tagbridge/drivers"
	"tagbridge/mapping"
	"tagbridge/mapping/config"
)

func TestWhatIsNoQuestionIsRefusedInWords(t *testing.T) {
	r := answering(t, "")
	b := r.run()
	var many strings.Builder
	for i := range maxPatterns + 1 {
		fmt.Fprintf(&many, "&match=t%d", i)
	}
	for path, want := range map[string]string{
		"/api/v1/tags?%zz":                                           "cannot be read",
		"/api/v1/tags?match=a;b":                                     "cannot be read",
		"/api/v1/tags?qualty=bad":                                    `unknown parameter \"qualty\": there are device, match, quality, rows, fields: did you mean quality?`,
		"/api/v1/tags?quality=worse":                                 "good, uncertain, bad, not-good",
		"/api/v1/tags?quality=":                                      "good, uncertain, bad, not-good",
		"/api/v1/tags?quality=good&quality=bad":                      "not 2",
		"/api/v1/tags?device=plk":                                    `there is no device \"plk\": did you mean plc?`,
		"/api/v1/tags?match=!":                                       "empty",
		"/api/v1/tags?" + many.String():                              "at most 32 patterns",
		"/api/v1/tags?match=" + strings.Repeat("*a", maxPatternText): "at most 32 patterns of 1024 characters",
		"/api/v1/devices?device=plc":                                 "there are none here",
		"/api/v1/sinks?%zz":                                          "cannot be read",
	} {
		if status, body := b.get(path); status != http.StatusBadRequest || !strings.Contains(body, want) {
			t.Errorf("%.60s: status %d, %s; want 400 and %s", path, status, body, want)
		}
	}
}

func TestAPatternWithoutADeviceIsOfAnyDevice(t *testing.T) {
	cfg := &config.Config{Devices: []config.Device{{Name: "boiler"}}}
	takes := func(raw, device, tag string) bool {
		query, err := parse(raw, "device", "match", "quality")
		if err != nil {
			t.Fatal(err)
		}
		f, err := filterOf(query, cfg)
		if err != nil {
			t.Fatal(err)
		}
		group := &mapping.Group{Device: device}
		return f.takes(&drivers.TagState{Group: group, Series: &mapping.Series{Tag: tag}})
	}
	for _, c := range []struct {
		raw, tag string
		want     bool
	}{
		{"match=flow*", "flow1", true},
		{"match=flow*", "zone/flow1", false},
		{"match=*flow*", "zone/flow1", true},
		{"match=boiler*", "temp", false},
		{"match=boiler/*", "temp", true},
		{"match=*&match=!temp", "temp", false},
		{"match=!temp", "flow", true},
		{"match=!boiler/temp", "temp", false},
		{"", "temp", true},
	} {
		if got := takes(c.raw, "boiler", c.tag); got != c.want {
			t.Errorf("%s takes boiler/%s: %v, want %v", c.raw, c.tag, got, c.want)
		}
	}
}
