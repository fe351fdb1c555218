package bridge

import (
	"fmt"

	"tagbridge/mapping"
	"tagbridge/mapping/config"
	"tagbridge/mapping/source"
)

// refusals are the problems of what was loaded that are reasons not to put it in the place of the running configuration,
// those that loading found and what looks as if a file of it were half written, among its warnings.
func refusals(got Loaded, running *config.Config) source.Problems {
	found := halfWritten(got, running)
	if got.Config != nil {
		found = append(found, newlyHeld(got.Config, running)...)
	}
	return found
}

// textsOf are the problems among all that was found, without warnings, for people.
func textsOf(found source.Problems) []string {
	var texts []string
	for _, p := range found {
		if !p.Warning {
			texts = append(texts, p.String())
		}
	}
	return texts
}

// halfWritten are refusals but for secrets that are not there.
func halfWritten(got Loaded, running *config.Config) source.Problems {
	var found source.Problems
	for _, p := range got.Problems {
		if p.MissingPart == "devices" && len(running.Devices) > 0 || p.MissingPart == "sinks" && len(running.Sinks) > 0 {
			p.Warning = false
			p.Message = fmt.Sprintf("no %s, of which the running configuration has some: is the file half written? (%s: [] takes all away)",
				p.MissingPart, p.MissingPart)
		}
		found = append(found, p)
	}
	if found.HasProblems() || got.Config == nil {
		return found
	}
	before := make(map[string]int, len(running.Devices))
	for i := range running.Devices {
		before[running.Devices[i].Name] = len(running.Devices[i].Tags)
	}
	for i := range got.Config.Devices {
		d := &got.Config.Devices[i]
		if n := before[d.Name]; n > 1 && len(d.Tags) == 0 { // one may have been meant
			found = append(found, source.Problem{File: d.Source.File, Line: d.Source.Line, Message: fmt.Sprintf(
				"device %s: none of its %d tags is left: is its tag map half written? (enabled: false takes the device away)", d.Name, n)})
		}
	}
	return found
}

// newlyHeld are the devices and sinks that a secret keeps from running which is not there, and that are not held already.
func newlyHeld(next, running *config.Config) source.Problems {
	was := make(map[string]bool)
	for i := range running.Devices {
		was["device "+running.Devices[i].Name] = running.Devices[i].Held != ""
	}
	for i := range running.Sinks {
		was["sink "+running.Sinks[i].Name] = running.Sinks[i].Held != ""
	}
	var found source.Problems
	say := func(what string, at mapping.Source, reason string) {
		if reason != "" && !was[what] {
			found = append(found, source.Problem{File: at.File, Line: at.Line, Message: what + ": " + reason})
		}
	}
	for i := range next.Devices {
		d := &next.Devices[i]
		say("device "+d.Name, d.Source, d.Held)
	}
	for i := range next.Sinks {
		s := &next.Sinks[i]
		say("sink "+s.Name, s.Source, s.Held)
	}
	return found
}

// holds reports that a device or sink of cfg waits for a secret.
func holds(cfg *config.Config) bool {
	for i := range cfg.Devices {
		if cfg.Devices[i].Held != "" {
			return true
		}
	}
	for i := range cfg.Sinks {
		if cfg.Sinks[i].Held != "" {
			return true
		}
	}
	return false
}
