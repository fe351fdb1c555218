package web

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"tagbridge/cmd/tagbridge/when"
	"tagbridge/drivers"
	"tagbridge/mapping"
	"tagbridge/mapping/config"
	"tagbridge/mapping/source"
)

// What one request may ask to be compared: more is no question that a person or a page has.
const (
	maxPatterns    = 32
	maxPatternText = 1 << 10
)

// parse reads the parameters of a request: those that are known, and no others.
func parse(raw string, known ...string) (url.Values, error) {
	query, err := url.ParseQuery(raw)
	if err != nil {
		return nil, fmt.Errorf("the parameters cannot be read: %v; write ; as %%3B and %% as %%25", err)
	}
	for name := range query {
		if slices.Contains(known, name) {
			continue
		}
		if len(known) == 0 {
			return nil, fmt.Errorf("unknown parameter %q: there are none here", name)
		}
		return nil, fmt.Errorf("unknown parameter %q: there are %s%s", name, strings.Join(known, ", "), source.DidYouMean(name, known))
	}
	return query, nil
}

// filter says which tags a request asks for.
type filter struct {
	devices    []string // none: all
	asked      []string // the patterns, as they came
	patterns   mapping.Patterns
	severities severities
	worst      bool // what is bad first, then what is uncertain
}

// severities is which severities of quality are asked for: a bit each.
type severities uint8

const allSeverities = severities(1<<good | 1<<uncertain | 1<<bad | 1<<away)

// takes reports that the severity of t is asked for.
func (s severities) takes(t *drivers.TagState) bool {
	if t.ReadBy != "" {
		return s>>away&1 == 1
	}
	return s>>severityOf(t.Sample.Quality)&1 == 1
}

var qualityNames = []string{"good", "uncertain", "bad", "not-good"}

// filterOf reads the parameters device, match and quality; cfg is what runs.
func filterOf(query url.Values, cfg *config.Config) (f filter, err error) {
	if f.devices, err = devicesOf(query, cfg); err != nil {
		return f, err
	}
	list, size := query["match"], 0
	for _, p := range list {
		size += len(p)
	}
	if len(list) > maxPatterns || size > maxPatternText {
		return f, fmt.Errorf("match: at most %d patterns of %d characters together", maxPatterns, maxPatternText)
	}
	if f.patterns, err = mapping.ParsePatterns(list); err != nil {
		return f, fmt.Errorf("match: %w", err)
	}
	f.asked = list
	if f.severities, err = severitiesOf(query); err == nil {
		f.worst, err = worstOf(query)
	}
	return f, err
}

// worstOf reads the parameter order.
func worstOf(query url.Values) (bool, error) {
	given := query["order"]
	if len(given) > 1 || len(given) == 1 && given[0] != "worst" && given[0] != "name" {
		return false, fmt.Errorf("order %q: write worst or name, once%s", strings.Join(given, ", "), source.DidYouMean(given[0], []string{"worst", "name"}))
	}
	return len(given) == 1 && given[0] == "worst", nil
}

// devicesOf reads the parameter device: names of devices that there are; none: all.
func devicesOf(query url.Values, cfg *config.Config) ([]string, error) {
	names := make([]string, len(cfg.Devices))
	for i := range cfg.Devices {
		names[i] = cfg.Devices[i].Name
	}
	for _, d := range query["device"] {
		if !slices.Contains(names, d) {
			return nil, errors.New(noSuch("device", d, names))
		}
	}
	return query["device"], nil
}

// timeOf reads a parameter that is a time; zero: it is not given.
func timeOf(query url.Values, name string, now time.Time) (time.Time, error) {
	switch given := query[name]; len(given) {
	case 0:
		return time.Time{}, nil
	case 1:
		t, err := when.Parse(given[0], now)
		if err != nil {
			return time.Time{}, fmt.Errorf("%s: %w", name, err)
		}
		return t, nil
	default:
		return time.Time{}, fmt.Errorf("%s: one time, not %d", name, len(given))
	}
}

// spanOf reads the parameters since and until.
func spanOf(query url.Values, now time.Time) (since, until time.Time, err error) {
	if since, err = timeOf(query, "since", now); err == nil {
		until, err = timeOf(query, "until", now)
	}
	if err == nil && !since.IsZero() && !until.IsZero() && until.Before(since) {
		err = fmt.Errorf("until is before since")
	}
	return since, until, err
}

// severitiesOf reads the parameter quality.
func severitiesOf(query url.Values) (severities, error) {
	if !query.Has("quality") {
		return allSeverities, nil
	}
	asked := query["quality"]
	if len(asked) > 1 {
		return 0, fmt.Errorf("quality: one of %s, not %d", strings.Join(qualityNames, ", "), len(asked))
	}
	switch strings.ToLower(asked[0]) {
	case "good":
		return 1 << good, nil
	case "uncertain":
		return 1 << uncertain, nil
	case "bad":
		return 1 << bad, nil
	case "not-good":
		return 1<<uncertain | 1<<bad, nil
	}
	return 0, fmt.Errorf("quality %q: one of %s%s", asked[0], strings.Join(qualityNames, ", "), source.DidYouMean(asked[0], qualityNames))
}

// takes reports whether t was asked for.
func (f *filter) takes(t *drivers.TagState) bool {
	return f.severities.takes(t) && f.takesName(t.Group.Device, t.Series.Tag)
}

// takesName reports whether a tag was asked for, whatever its quality. The last pattern that matches decides; one without /
// is compared with the tag of any device.
func (f *filter) takesName(device, tag string) bool {
	if len(f.devices) > 0 && !slices.Contains(f.devices, device) {
		return false
	}
	return f.patterns.MatchAny(device, tag)
}
