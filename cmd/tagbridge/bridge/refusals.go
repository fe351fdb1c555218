package bridge

import (
	"fmt"

	"tagbridge/mapping/config"
)

// refusals are the reasons not to put what was loaded in the place of the running configuration: its problems, and what
// looks as if a file of it were half written.
func refusals(got Loaded, running *config.Config) []string {
	var texts []string
	for _, p := range got.Problems {
		if p.MissingPart == "devices" && len(running.Devices) > 0 || p.MissingPart == "sinks" && len(running.Sinks) > 0 {
			p.Warning = false
			p.Message = fmt.Sprintf("no %s, of which the running configuration has some: is the file half written? (%s: [] takes all away)",
				p.MissingPart, p.MissingPart)
		}
		if !p.Warning {
			texts = append(texts, p.String())
		}
	}
	if len(texts) > 0 || got.Config == nil {
		return texts
	}
	before := make(map[string]int, len(running.Devices))
	for i := range running.Devices {
		before[running.Devices[i].Name] = len(running.Devices[i].Tags)
	}
	for i := range got.Config.Devices {
		d := &got.Config.Devices[i]
		if n := before[d.Name]; n > 1 && len(d.Tags) == 0 { // one may have been meant
			texts = append(texts, config.Problem{File: d.Source.File, Line: d.Source.Line, Message: fmt.Sprintf(
				"device %s: none of its %d tags is left: is its tag map half written? (enabled: false takes the device away)", d.Name, n)}.String())
		}
	}
	return texts
}
